"""Every picture of the course: one function a picture, from data frames to a figure."""

import io

import numpy as np
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


POINT_RADIUS = 8  # pixels that a marker reaches from its center
AROUND = np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]])
REACH = (1, 1.5, 2)  # how far from its anchor a label may go, in half sizes of its own


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


def place_labels(labels, anchors, points) -> None:
    """Moves labels beside their anchors, so that they cover no point and no other label.

    Where a place without any overlap cannot be found, the one with the least is taken.

    Args:
        labels: `Text` artists of one axes, whose limits are set.
        anchors: Where each label belongs, in data units, shape `(labels, 2)`.
        points: The points to keep free, in data units, shape `(points, 2)`.
    """
    axes = labels[0].axes
    renderer = axes.figure.canvas.get_renderer()
    points = axes.transData.transform(points)
    taken = np.concatenate([points - POINT_RADIUS, points + POINT_RADIUS], axis=1)
    for label, anchor in zip(labels, axes.transData.transform(anchors), strict=True):
        box = label.get_window_extent(renderer)
        half = np.array([box.width, box.height]) / 2
        centers = np.concatenate([anchor + k * (half + POINT_RADIUS + 4) * AROUND for k in REACH])
        boxes = np.concatenate([centers - half, centers + half], axis=1)
        covered = _overlaps(boxes, taken).sum(axis=1) + 10 * _outside(boxes, axes.bbox.extents)
        best = covered.argmin()  # the first, and so the nearest, of those that are equally good
        label.set(
            position=axes.transData.inverted().transform(centers[best]), ha="center", va="center"
        )
        taken = np.concatenate([taken, boxes[[best]]])


def _overlaps(boxes, others):
    """The area that each of `boxes` shares with each of `others`: corners (x0, y0, x1, y1)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(high - low, 0, None).prod(axis=2)


def _outside(boxes, frame):
    """How far, in pixels, each box reaches out of the frame (x0, y0, x1, y1)."""
    return np.clip(
        np.concatenate([frame[:2] - boxes[:, :2], boxes[:, 2:] - frame[2:]], axis=1), 0, None
    ).sum(axis=1)
