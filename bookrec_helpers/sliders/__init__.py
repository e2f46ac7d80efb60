"""All lessons: sliders that compute and redraw at once, one ready lab a lesson."""

from bookrec_helpers.sliders.lab import LABS, Lab
from bookrec_helpers.sliders.lessons import *  # noqa: F403
from bookrec_helpers.sliders.slider import Slider

__all__ = ["Lab", "Slider", *LABS]
