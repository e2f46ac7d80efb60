"""One ready lab a lesson. Lessons 00 to 02 need no torch, so each lab imports what it needs."""

import ipywidgets as widgets
import numpy as np
from matplotlib import rc_context
from matplotlib.patches import Rectangle

from bookrec_helpers.dimension import RULES, embedding_dimension, table_bytes, table_parameters
from bookrec_helpers.plots import BLUE, COLORS, GREEN, GREY, MARKERS, ORANGE, STYLE
from bookrec_helpers.sliders.lab import Lab, MovingPicture

TEN_MILLION = 10**7
MILLION = 10**6
LINE = 31  # pixels from one line of text to the next
WIDEST = "min(600, 1.6 n^0.56) = 600: 24.5 GB"  # the room that the layout leaves for labels


@rc_context(STYLE)
def start_lab():
    """Lesson 00: a vector of as many numbers as the slider says, to see that sliders work."""
    picture, axes = _picture()
    axes.set(xlim=(-0.1, 12), ylim=(-0.5, 1.5))
    axes.set_axis_off()
    boxes = [axes.add_patch(Rectangle((i, 0), 0.9, 0.8, color=BLUE)) for i in range(12)]
    words = axes.text(0, 1.1, "", fontsize=20)
    picture.moving = [*boxes, words]

    def draw(_, numbers):
        for i, box in enumerate(boxes):
            box.set_visible(i < numbers)
        words.set_text(f"A book as {_count(numbers, 'number')}")
        return f"A book as a row of {_count(numbers, 'box', 'boxes')}, one a number."

    return Lab({"numbers": widgets.IntSlider(3, 1, 12)}, lambda numbers: None, draw, picture)


@rc_context(STYLE)
def encoding_lab():
    """Lesson 01: a one-hot vector against an embedding, in width and in memory.

    The memory is that of a million rows: a one-hot vector of 4-byte numbers each, or a
    code of 8 bytes each and one embedding table.
    """
    picture, (upper, lower) = _picture(2, 1)
    upper.set(xscale="log", xlim=(1, 10**9), xlabel="numbers for one category")
    lower.set(xscale="log", xlim=(10**6, 10**15), xlabel="memory for a million rows")
    upper.set_xticks([1, 100, 10_000, MILLION], ["1", "100", "10,000", "1 million"])
    lower.set_xticks([10**6, 10**9, 10**12], ["1 MB", "1 GB", "1 TB"])
    names, style = ["one-hot", "embedding"], {"lw": 3, "marker": "o", "ms": 13, "markevery": [1]}
    width, memory = (_bars(axes, names, (ORANGE, BLUE), **style) for axes in (upper, lower))
    for axes in (upper, lower):
        axes.minorticks_off()
    picture.moving = [*sum(width, ()), *sum(memory, ())]

    def draw(_, categories, dimension):
        n = round(categories)
        sizes = 4 * n * MILLION, 8 * MILLION + table_bytes(n, dimension)
        one_hot, embedded = map(_bytes, sizes)
        _set_bars(width, (n, dimension), (f"{n:,}", f"{dimension}"))
        _set_bars(memory, sizes, (one_hot, embedded))
        return (
            f"For {_count(n, 'category', 'categories')} a one-hot vector has "
            f"{_count(n, 'number')} and an embedding {dimension}; a million rows take "
            f"{one_hot} one-hot and {embedded} embedded."
        )

    controls = {"categories": _logarithmic(1000), "dimension": widgets.IntSlider(3, 1, 50)}
    return Lab(controls, lambda **_: None, draw, picture)


@rc_context(STYLE)
def dimension_lab():
    """Lesson 02: four published rules, the points where you stand, and what each table costs."""
    picture, axes = _picture()
    grid = np.unique(np.logspace(0, 7, 400).astype(int))
    axes.set(xscale="log", yscale="log", xlim=(1, TEN_MILLION), ylim=(0.8, 1800))
    axes.set(xlabel="number of categories n", ylabel="embedding dimension")
    axes.set_xticks([1, 100, 10_000, MILLION], ["1", "100", "10,000", "1 million"])
    axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.minorticks_off()
    line = axes.axvline(1, color=GREY, lw=1, ls=":")
    curves, points, labels = [], [], []
    for rule, color, marker in zip(RULES.values(), COLORS, MARKERS, strict=False):
        dimensions = [rule(int(n)) for n in grid]
        curves += axes.plot(grid, dimensions, color=color, lw=2, drawstyle="steps-post")
        points += axes.plot(1, 1, marker, color=color, ms=11, clip_on=False)
        labels.append(axes.text(1.04, 0, WIDEST, color=color, transform=axes.transAxes))
    picture.moving = [line, *curves, *points, *labels]

    def draw(_, n, cap):
        n = round(n)
        line.set_xdata([n, n])
        curves[0].set_ydata([embedding_dimension(int(k), cap) for k in grid])
        found = [embedding_dimension(n, cap), *(rule(n) for rule in list(RULES.values())[1:])]
        names = [f"min({cap}, n / 2)", *list(RULES)[1:]]
        for i, dimension in enumerate(found):
            points[i].set_data([n], [dimension])
            labels[i].set_text(f"{names[i]} = {dimension}: {_bytes(table_bytes(n, dimension))}")
        _stack(axes, labels, [curve.get_ydata()[-1] for curve in curves])
        return (
            f"For n = {n:,} and a cap of {cap} the rule gives {found[0]}, a table of "
            f"{_count(table_parameters(n, found[0]), 'parameter')}; the other rules give "
            f"{', '.join(map(str, found[1:]))}."
        )

    controls = {"n": _logarithmic(1000), "cap": widgets.IntSlider(50, 1, 600)}
    return Lab(controls, lambda **_: None, draw, picture)


@rc_context(STYLE)
def model_lab(num_users=3, num_books=4, num_genres=3):
    """Lesson 03: the vector that the network reads, and the parameters of each layer.

    Args:
        num_users, num_books, num_genres: Rows of the three tables.
    """
    from bookrec_helpers.model import BookRecommendationModel

    most, tables = 16, (num_users, num_books, num_genres)

    def compute(users, books, genres):
        model = BookRecommendationModel(*tables, users, books, genres)
        return {
            name: sum(weights.numel() for weights in layer.parameters())
            for name, layer in model.named_children()
        }

    layers, colors = compute(most, most, most), (BLUE, ORANGE, GREEN, GREY, GREY)
    picture, (strip, axes) = _picture(2, 1, height_ratios=(1, 5))
    strip.set(xlim=(0, 4.2 * most), ylim=(0, 1))
    strip.set_axis_off()
    parts = [strip.add_patch(Rectangle((0, 0), 1, 1, color=color)) for color in colors[:3]]
    widths = [
        strip.text(0, 0.5, "", color=color, ha="center", va="center", weight="bold")
        for color in ("white", "black", "white")
    ]
    total = strip.text(0, 0.5, "", va="center")
    axes.set(xlim=(0, 1.12 * max(layers.values())), xlabel="parameters")
    bars = _bars(axes, list(layers), colors, lw=22, solid_capstyle="butt")
    picture.moving = [*parts, *widths, total, *sum(bars, ())]

    def draw(counts, **dimensions):
        start = 0
        for part, text, width in zip(parts, widths, dimensions.values(), strict=True):
            part.set(x=start, width=width)
            text.set(x=start + width / 2, text=width)
            start += width
        total.set(x=start + 0.5, text=f"= {start} numbers for fc1")
        words = [f"{count:,}" for count in counts.values()]
        _set_bars(bars, list(counts.values()), words)
        told = ", ".join(map(" ".join, zip(counts, words, strict=True)))
        return f"Vectors of {start} numbers go into fc1; the parameters by layer are {told}."

    starts = {"users": 3, "books": 3, "genres": 2}
    controls = {name: widgets.IntSlider(start, 1, most) for name, start in starts.items()}
    return Lab(controls, compute, draw, picture)


def _picture(rows=1, columns=1, **options):
    """A moving picture and its axes."""
    picture = MovingPicture()
    return picture, picture.subplots(rows, columns, **options)


def _logarithmic(value):
    """A slider from 1 to ten million."""
    return widgets.FloatLogSlider(value, min=0, max=7, step=0.05, readout_format=",.0f")


def _bars(axes, names, colors, **style):
    """A line from the left for each name, the first on top, and the text at its end."""
    left, _ = axes.get_xlim()
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    return [
        (
            axes.plot([left, left], [y, y], color=color, **style)[0],
            axes.text(left, y, "", va="center"),
        )
        for y, color in enumerate(colors)
    ]


def _set_bars(bars, sizes, words):
    for (line, text), size, word in zip(bars, sizes, words, strict=True):
        line.set_xdata([line.get_xdata()[0], size])
        text.set(x=size, text=f"   {word}")


def _stack(axes, labels, heights):
    """Sets labels right of the axes at these heights, pushed up where they would overlap."""
    bottom, top = axes.bbox.intervaly
    lowest = -np.inf
    for i in np.argsort(heights, kind="stable"):
        pixel = max(axes.transData.transform((1, heights[i]))[1], lowest)
        labels[i].set(y=(pixel - bottom) / (top - bottom), va="center")
        lowest = pixel + LINE


def _count(number, one, many=None):
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _bytes(size):
    """A memory as a person would say it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
