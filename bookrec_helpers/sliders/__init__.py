"""All lessons: sliders that compute and redraw at once, one ready lab a lesson."""

from bookrec_helpers.sliders.dial import dial_lab
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

__all__ = [
    "Lab",
    "choosing_lab",
    "dial_lab",
    "dimension_lab",
    "encoding_lab",
    "map_lab",
    "model_lab",
    "planted_map_lab",
    "start_lab",
    "training_lab",
]
