"""All lessons: sliders that compute and redraw at once, one ready lab a lesson."""

from bookrec_helpers.sliders.lab import Lab, MovingPicture
from bookrec_helpers.sliders.lessons import dimension_lab, encoding_lab, model_lab, start_lab

__all__ = ["Lab", "MovingPicture", "dimension_lab", "encoding_lab", "model_lab", "start_lab"]
