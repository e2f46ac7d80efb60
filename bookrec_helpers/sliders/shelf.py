"""The lab of lesson 08."""

from matplotlib import rc_context

from bookrec_helpers.plots import STYLE, Curves, blank
from bookrec_helpers.sliders.lab import Lab
from bookrec_helpers.sliders.slider import Slider

TRUTH, WIDEST = 3, 8


@rc_context(STYLE)
def shelf_lab():
    """Lesson 08: what few rows, many readers or many books do to the dial's answer.

    The library has biases and a taste of three dimensions; there are as many books as the
    rows need to fill the share of all pairs.
    """
    from bookrec_helpers.choosing import choose_dimension
    from bookrec_helpers.library import planted_library

    picture, axes = blank()
    drawn = Curves(axes, [""], ["biases alone"], ["truth", "the dial"], log=False)
    axes.set(xlim=(-1.4, WIDEST + 0.3), ylim=(0.4, 0.9), xticks=range(WIDEST + 1))

    def books(rows, readers, share):
        return round(100 * rows / readers / share)

    def compute(rows, readers, share):
        many = books(rows, readers, share)
        sizes = readers, many, min(8, many), rows
        library = planted_library(*sizes, TRUTH, generosity=1, popularity=1)
        return choose_dimension(library.data, WIDEST, splits=1, l2=[0.02])

    def draw(choice, rows, readers, share):
        curve = choice.frame.rename(columns={"loss": "mean"})
        marks = {"truth": TRUTH, "the dial": choice.dimension}
        drawn.show({"": curve}, {"biases alone": curve["mean"][0]}, marks)
        gain = curve["mean"][0] - curve["mean"].min()
        doubts = "".join(f" {doubt}" for doubt in choice.warnings)
        return (
            f"{rows:,} rows of {readers:,} readers and {books(rows, readers, share):,} books, "
            f"{rows / readers:.0f} rows a reader: the dial says {choice.dimension}, and the best "
            f"dimension gains {gain:.3f} of log loss over the biases alone.{doubts}"
        )

    controls = {
        "rows": Slider(16_000, (2_000, 4_000, 8_000, 16_000, 32_000), late=True),
        "readers": Slider(400, (100, 200, 400, 800, 1_600), late=True),
        "share": Slider(10, (2, 5, 10, 20), "share of pairs, %", late=True),
    }
    options = {"busy": "Training ...", "name": "shelf_lab"}
    return Lab(controls, compute, draw, picture, **options)
