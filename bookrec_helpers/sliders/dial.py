"""Lesson 07's lab: one training, turned, and cut to any dimension by a slider."""

from matplotlib import rc_context

from bookrec_helpers import plots
from bookrec_helpers.sliders.lab import Lab
from bookrec_helpers.sliders.slider import Slider


@rc_context(plots.STYLE)
def dial_lab(epochs=40, widest=16):
    """Lesson 07: the loss at every dimension of one training, and the directions it keeps.

    The dimension only cuts; the true dimension, the rows and the penalty train anew.
    """
    from bookrec_helpers.sliders.trained import planted, train_wide

    picture, axes = plots.blank(1, 2, width_ratios=(6, 5))
    drawn = plots.Dial(*axes, widest)

    def compute(taste_dimension, rows, l2):
        library = planted(rows=rows, taste_dim=taste_dimension)
        return *train_wide(library, widest, l2, epochs), library.floor

    def draw(result, dimension, taste_dimension, rows, l2):
        curve, strengths, floor = result
        told = drawn.show(curve, strengths, dimension, floor, taste_dimension)
        return (
            f"With {rows:,} rows and a penalty of {l2:g}, {told}; the truth has {taste_dimension} "
            f"and the noise floor is {floor:.3f}."
        )

    controls = {
        "dimension": Slider(3, range(widest + 1)),
        "taste_dimension": Slider(3, range(9), "taste dimension", late=True),
        "rows": Slider(40_000, (4_000, 8_000, 20_000, 40_000), late=True),
        "l2": Slider(0.01, (0.0, 0.003, 0.01, 0.02, 0.04, 0.1), "penalty l2", late=True),
    }
    options = {"replay": "dimension", "busy": "Training ...", "name": "dial_lab"}
    return Lab(controls, compute, draw, picture, **options)
