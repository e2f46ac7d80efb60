"""The words beside curves and points: where they stand, and a color in which they can be read."""

from functools import cache

import numpy as np
from matplotlib.colors import to_hex, to_rgb

LINE = 31  # pixels from one line of text to the next
POINT_RADIUS = 8  # pixels that a marker reaches from its center
BESIDE = [[1, 0], [-1, 0], [0, 1], [0, -1], [1, 1], [-1, 1], [1, -1], [-1, -1]]
AROUND = np.array([*BESIDE, [0.5, 1], [-0.5, 1], [0.5, -1], [-0.5, -1]])
REACH = (1, 1.5, 2)  # how far from its anchor a label may go, in half sizes of its own
SIGNS = dict(zip("os^DvPX*<>ph", "●■▲◆▼✚✖★◀▶⬟⬢"))  # a marker as a letter
LUMINANCE = 0.18  # the brightest on which white stands out 4.5 : 1


@cache
def ink(color) -> str:
    """The color itself or as little darkened as words on white need: 4.5 : 1 (WCAG 2.2)."""
    light = np.array(to_rgb(color))
    while ((light + 0.055) / 1.055) ** 2.4 @ (0.2126, 0.7152, 0.0722) > LUMINANCE:
        light *= 0.97
    return to_hex(light)


def write(axes, x, y, text, color, **style):
    """Words in a readable color, on white that keeps curves off them."""
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1}
    return axes.text(x, y, text, color=ink(color), bbox=ground, **style)


def names_beside(axes, heights, colors) -> None:
    """Names at the right of the axes, each at its height, pushed apart where two would overlap.

    Args:
        heights: Where each belongs, in data units, by name.
    """
    style = {"transform": axes.transAxes, "va": "center"}
    labels = [axes.text(1.03, 0.5, name, color=ink(c), **style) for name, c in zip(heights, colors)]
    axes.figure.lay_out()
    bottom, top = axes.bbox.intervaly
    heights = axes.transData.transform([(1, height) for height in heights.values()])[:, 1]
    heights = heights.clip(bottom, top)
    order = np.argsort(heights, kind="stable")
    above = np.arange(len(heights)) * LINE  # each label's line, counted from the lowest
    places = np.maximum.accumulate(heights[order] - above) + above
    for i, y in zip(order, places - max(0, places[-1] - top)):
        labels[i].set_y((y - bottom) / (top - bottom))


def place_labels(labels, anchors, points) -> None:
    """Moves labels beside their anchors, so that they cover no point and no other words.

    Where a place without any overlap cannot be found, the one with the least is taken.

    Args:
        labels: `Text` artists of one axes, whose limits are set; at least one.
        anchors: Where each label belongs, in data units, shape `(labels, 2)`.
        points: The points to keep free, in data units, shape `(points, 2)`.
    """
    axes = labels[0].axes
    axes.figure.lay_out()
    axes.apply_aspect()
    points = axes.transData.transform(points)
    words = [text.get_window_extent().extents for text in axes.texts if text not in labels]
    taken = np.vstack([np.hstack([points - POINT_RADIUS, points + POINT_RADIUS]), *words])
    for label, anchor in zip(labels, axes.transData.transform(anchors), strict=True):
        half = label.get_window_extent().size / 2
        away = (half + POINT_RADIUS + 8) * AROUND
        centers = np.vstack([anchor + k * away for k in REACH]).round()  # or the label trembles
        boxes = np.hstack([centers - half, centers + half])
        covered = _overlaps(boxes, taken).sum(axis=1) + 10 * _outside(boxes, axes.bbox.extents)
        best = covered.argmin()  # the first, and so the nearest, of those that are equally good
        place = axes.transData.inverted().transform(centers[best])
        label.set(position=place, ha="center", va="center")
        taken = np.vstack([taken, boxes[best]])


def _overlaps(boxes, others):
    """The area that each of `boxes` shares with each of `others`: corners (x0, y0, x1, y1)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(high - low, 0, None).prod(axis=2)


def _outside(boxes, frame):
    """How far, in pixels, each box reaches out of the frame (x0, y0, x1, y1)."""
    beyond = np.hstack([frame[:2] - boxes[:, :2], boxes[:, 2:] - frame[2:]])
    return np.clip(beyond, 0, None).sum(axis=1)
