"""All lessons: sliders that compute and redraw at once, one ready lab a lesson."""

from bookrec_helpers.sliders import lessons
from bookrec_helpers.sliders.dial import dial_lab
from bookrec_helpers.sliders.lab import Lab
from bookrec_helpers.sliders.lessons import *  # noqa: F403
from bookrec_helpers.sliders.readers import film_lab, real_dial_lab
from bookrec_helpers.sliders.shelf import shelf_lab
from bookrec_helpers.sliders.slider import Slider

__all__ = ["Lab", "Slider", "dial_lab", "film_lab", "real_dial_lab", "shelf_lab", *lessons.__all__]
