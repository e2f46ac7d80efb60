"""Every picture of the course: one function a picture, from data frames to a figure."""

import io

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

SIZE = (9.6, 4.2)  # inches; shown at 100 pixels an inch, drawn at DPI
DPI = 120
# Okabe and Ito's colors can be told apart by color-blind readers; the marker says it again.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
)  # fmt: skip
COLORS = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h")
GREY = "#666666"
STYLE = {
    "font.size": 14,
    "axes.labelsize": 14,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 13,
    "ytick.labelsize": 13,
    "lines.linewidth": 2.5,
    "lines.markersize": 9,
}


class Picture(Figure):
    """A figure that carries its own sentence for those who cannot see it.

    It shows itself as an ordinary PNG in any notebook, with no pyplot behind it.

    Attributes:
        alt: The text alternative, one sentence.
    """

    def __init__(self, alt: str = "", size: tuple[float, float] = SIZE):
        super().__init__(figsize=size, dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(self)
        self.alt = alt

    def png(self) -> bytes:
        """The picture as PNG, quickly rather than tightly packed."""
        buffer = io.BytesIO()
        self.canvas.print_png(buffer, pil_kwargs={"compress_level": 1})
        return buffer.getvalue()

    def bundle(self) -> tuple[dict, dict]:
        """What a notebook stores of it: data and metadata by mime type."""
        width, height = (round(100 * inches) for inches in self.get_size_inches())
        size = {"width": width, "height": height, "alt": self.alt}
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": size}

    def _repr_mimebundle_(self, **kwargs):
        return self.bundle()
