"""All lessons: sliders that compute and redraw at once, one ready lab a lesson."""

from bookrec_helpers.sliders.lab import Lab
from bookrec_helpers.sliders.lessons import (
    choosing_lab,
    dimension_lab,
    encoding_lab,
    map_lab,
    model_lab,
    planted_map_lab,
    start_lab,
    training_lab,
)
from bookrec_helpers.sliders.readers import film_lab, real_dial_lab
from bookrec_helpers.sliders.shelf import shelf_lab

__all__ = [
    "Lab",
    "choosing_lab",
    "dimension_lab",
    "encoding_lab",
    "film_lab",
    "map_lab",
    "model_lab",
    "planted_map_lab",
    "real_dial_lab",
    "shelf_lab",
    "start_lab",
    "training_lab",
]
