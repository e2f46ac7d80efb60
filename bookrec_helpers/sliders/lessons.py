"""One ready lab a lesson. Lessons 00 to 02 need no torch, so each lab imports what it needs."""

from functools import lru_cache
from typing import NamedTuple

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.patches import Rectangle
from matplotlib.patheffects import Normal, Stroke

from bookrec_helpers.dimension import RULES, embedding_dimension, table_bytes, table_parameters
from bookrec_helpers.plots import (
    BLACK,
    BLUE,
    COLORS,
    GREEN,
    GREY,
    MARKERS,
    ORANGE,
    RED,
    SKY,
    STYLE,
    place_labels,
    stack_labels,
)
from bookrec_helpers.sliders.lab import Lab, MovingPicture

LOSSES = (("training", BLUE, "--"), ("validation", RED, "-"), ("noise floor", GREY, ":"))
TEN_MILLION = 10**7
MILLION = 10**6
PALE = "#BBBBBB"
REACHES = (1.6, 2.4, 3.4, 4.4, 5.4, 8, 12, 18, 27, 40)
FLAT = 0.8  # a map's height for its width
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

    def draw(_, dimension):
        for i, box in enumerate(boxes):
            box.set_visible(i < dimension)
        words.set_text(f"A book as {_count(dimension, 'number')}")
        return f"A book as a row of {_count(dimension, 'box', 'boxes')}, one a number."

    return Lab({"dimension": widgets.IntSlider(3, 1, 12)}, lambda dimension: None, draw, picture)


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
    picture.moving = [line, curves[0], *points, *labels]
    picture.canvas.draw()  # lays out with the widest label, and stays so
    picture.set_layout_engine("none")

    def draw(_, n, cap):
        n = round(n)
        line.set_xdata([n, n])
        curves[0].set_ydata([embedding_dimension(int(k), cap) for k in grid])
        found = [embedding_dimension(n, cap), *(rule(n) for rule in list(RULES.values())[1:])]
        names = [f"min({cap}, n / 2)", *list(RULES)[1:]]
        for i, dimension in enumerate(found):
            points[i].set_data([n], [dimension])
            labels[i].set_text(f"{names[i]} = {dimension}: {_bytes(table_bytes(n, dimension))}")
        stack_labels(labels, [curve.get_ydata()[-1] for curve in curves])
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
    axes.set(xlim=(0, 1.2 * max(layers.values())), xlabel="parameters")
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


@rc_context(STYLE)
def training_lab(epochs=20):
    """Lesson 04: training and validation loss on the planted library, the best epoch marked.

    Every value trains for 20 epochs; the slider of the epochs shows the first of them.
    """
    most = 20
    picture, axes = _picture()
    curves = _loss_axes(axes, most)
    best = axes.plot(1, 1, "o", color=RED, ms=13, mfc="none")[0]
    words = axes.text(0.98, 0.94, "", color=RED, ha="right", transform=axes.transAxes)
    picture.moving = [*curves, best, words]

    def compute(dimension, learning_rate, seed):
        return _train_planted(dimension, most, seed=seed, lr=learning_rate)

    def draw(trained, epochs, **_):
        frame = trained.history.frame.loc[:epochs]
        epoch, lowest = frame["validation_loss"].idxmin(), frame["validation_loss"].min()
        _set_losses(curves, frame, trained.floor)
        best.set_data([epoch], [lowest])
        words.set_text(f"best: epoch {epoch}, {lowest:.3f}")
        return (
            f"After {_count(epochs, 'epoch')} training loss is {frame['train_loss'].iloc[-1]:.3f} "
            f"and validation loss {frame['validation_loss'].iloc[-1]:.3f}; it was lowest, "
            f"{lowest:.3f}, at epoch {epoch}. The noise floor is {trained.floor:.3f}."
        )

    controls = {
        "dimension": _late(3, 1, 50),
        "learning_rate": _choice(0.01, (0.001, 0.003, 0.01, 0.03, 0.1), "learning rate"),
        "seed": _late(0, 0, 9),
        "epochs": widgets.IntSlider(most, 1, most),
    }
    return Lab(controls, compute, draw, picture, replay="epochs", busy="Training ...")


def map_lab():
    """Lesson 05: the map of the six-row library's four books, epoch by epoch."""
    from bookrec_helpers.dataset import BookDataset
    from bookrec_helpers.encoding import encode
    from bookrec_helpers.library import magical_library

    data, epochs = magical_library(), 40
    encoding = encode(data)
    rows = BookDataset(encoding.frame)
    genre_of = data.drop_duplicates("BookID").set_index("BookID")["Genre"]

    def compute(dimension, init_std):
        settings = {"epochs": epochs, "lr": 0.03, "seed": 13}
        return _journey(_train(encoding, rows, dimension, init_std, len(rows), **settings))

    return _map_lab(compute, genre_of, epochs, "training loss")


def planted_map_lab(epochs=15):
    """Lesson 05: the map of the planted library's 200 books, epoch by epoch.

    Six of the twelve genres are in color, with their names beside their middle.
    """
    library = _planted()
    genre_of = library.truth.genre_of[library.encoding.categories["BookID"]]

    def compute(dimension, init_std):
        return _journey(_train_planted(dimension, epochs, init_std=init_std))

    return _map_lab(compute, genre_of, epochs, "validation loss", busy="Training ...")


@rc_context(STYLE)
def choosing_lab(epochs=15):
    """Lesson 06: the loss against its floor, and the spectrum of the learned book table."""
    from bookrec_helpers.inspection import spectrum

    shown = 10
    picture, (left, right) = _picture(1, 2, width_ratios=(5, 4))
    picture.get_layout_engine().set(wspace=0.08)
    curves = _loss_axes(left, epochs)
    bars = [right.add_patch(Rectangle((i + 0.6, 0), 0.8, 0)) for i in range(shown)]
    noise = right.plot([], [], "o--", color=GREY, lw=1.5, ms=6)[0]
    truth = right.axvline(0, color=BLACK, ls="--", lw=2)
    words = right.text(0, 0.93, "")
    untrained = right.text(shown + 0.5, 0, "untrained", color=GREY, ha="right")
    right.set(xlim=(0.4, shown + 0.6), ylim=(0, 1), xticks=range(1, shown + 1))
    right.set(xlabel="direction of the book table", ylabel="share of its variance")
    picture.moving = [*curves, *bars, noise, untrained, truth, words]

    def compute(taste_dimension, rows, strength, d):
        library = {"rows": rows, "taste_dim": taste_dimension, "strength": strength}
        trained = _train_planted(d, epochs, **library)
        return trained, spectrum(trained.table)

    def draw(result, taste_dimension, **_):
        trained, directions = result
        frame, directions = trained.history.frame, directions.head(shown)
        _set_losses(curves, frame, trained.floor)
        heights = directions["share"].reindex(range(1, shown + 1), fill_value=0)
        for direction, bar in enumerate(bars, 1):
            bar.set(height=heights[direction])
            bar.set_color(BLUE if directions["stands_out"].get(direction) else SKY)
        noise.set_data(directions.index, directions["untrained"])
        untrained.set_y(min(directions["untrained"].iloc[-1], 0.5) + 0.04)
        truth.set_xdata([taste_dimension + 0.5] * 2)
        words.set(x=taste_dimension + 0.7, text=f"truth: {taste_dimension}")
        told = ", ".join(f"{share:.0%}" for share in directions["share"][: taste_dimension + 1])
        return (
            f"Validation loss ends at {frame['validation_loss'].iloc[-1]:.3f}, the noise floor is "
            f"{trained.floor:.3f}; the first directions of the book table carry {told} of its "
            f"variance, {directions['stands_out'].sum()} stand out, and the truth has "
            f"{taste_dimension}."
        )

    controls = {
        "taste_dimension": _late(3, 1, 5, "taste dimension"),
        "d": _late(50, 1, 50),
        "rows": _choice(40_000, (5_000, 10_000, 20_000, 40_000)),
        "strength": _late(4, 1, 8),
    }
    return Lab(controls, compute, draw, picture, busy="Training ...")


@rc_context(STYLE)
def _map_lab(compute, genre_of, epochs, loss, busy=""):
    """A map that replays a training, beside its loss.

    Args:
        compute: dimension and init_std to the `Journey` of the vectors.
        genre_of: The genre of each book. A few books get a name and a trail each; of
            many, only the genres are named.
        epochs: Epochs of each training.
        loss: What the loss is called.
        busy: What to say while it trains.
    """
    picture, (axes, right) = _picture(1, 2, width_ratios=(8, 5))
    axes.set_aspect("equal")
    axes.locator_params(nbins=4)
    right.set(xlim=(0, epochs + 0.5), ylim=(0, 0.8), xlabel="epoch", ylabel=loss)
    few = len(genre_of) <= len(COLORS)
    trails = [axes.plot([], [], color=GREY, lw=1.5)[0] for _ in genre_of if few]
    dots, labels = _dots(axes, genre_of), _labels(axes, genre_of, few)
    across = axes.text(0.5, -0.2, "x", ha="center", transform=axes.transAxes)
    up = axes.text(-0.21, 0.5, "y", va="center", rotation=90, transform=axes.transAxes)
    curve, now = (
        right.plot([], [], color=RED)[0],
        right.plot([], [], "o", color=RED, ms=13, clip_on=False)[0],
    )
    artists = [artist for artist, _ in (*dots, *labels)]
    picture.moving = [*trails, *artists, across, up, curve, now]

    def draw(journey, epoch, dimension, init_std):
        _set_reach(axes, np.abs(journey.steps).max(axis=(0, 1)))
        points = journey.steps[epoch]
        so_far = journey.steps[: epoch + 1]
        for dot, rows in dots:
            dot.set_data(*points[rows].T)
        for i, trail in enumerate(trails):
            trail.set_data(*so_far[:, i].T)
        texts, anchors = zip(*((text, points[rows].mean(axis=0)) for text, rows in labels))
        place_labels(texts, anchors, so_far.reshape(-1, 2) if few else points)
        across.set_text(f"first direction: {journey.shares[0]:.0%} of the variance")
        up.set_text(f"second: {journey.shares[1]:.0%}")
        curve.set_data(journey.loss.index, journey.loss)
        now.set_data([epoch] if epoch else [], journey.loss.loc[[epoch] if epoch else []])
        return (
            f"A map of {len(points)} books of dimension {dimension}, started at {init_std}, after "
            f"{_count(epoch, 'epoch')}; its two directions carry {journey.shares[0]:.0%} and "
            f"{journey.shares[1]:.0%} of the variance of the table that epoch {epochs} left."
        )

    slider = _late if busy else widgets.IntSlider
    controls = {
        "dimension": slider(3, 1, 8),
        "init_std": _choice(0.1, (0.01, 0.03, 0.1, 0.3, 1.0)),
        "epoch": widgets.IntSlider(epochs, 0, epochs),
    }
    return Lab(controls, compute, draw, picture, replay="epoch", busy=busy)


def _set_reach(axes, reach):
    """Limits that hold all steps of a training, from a few sizes, so that they rarely change."""
    across = next(size for size in REACHES if size >= max(reach[0], reach[1] / FLAT))
    if axes.get_xlim() != (-across, across):
        axes.set(xlim=(-across, across), ylim=(-across * FLAT, across * FLAT))
        axes.figure.redraw_still_parts()


def _dots(axes, genre_of):
    """One artist for the books of each of six genres, and gray dots for all others; their rows."""
    looks = [(rows, color, marker) for _, rows, color, marker in _genres(genre_of)]
    shown = [row for rows, *_ in looks for row in rows]
    looks.insert(0, (np.setdiff1d(np.arange(len(genre_of)), shown), PALE, "."))
    return [(axes.plot([], [], marker, color=color)[0], rows) for rows, color, marker in looks]


def _labels(axes, genre_of, few):
    """The names of the books if there are few, else of the genres, each with its rows."""
    halo = [Stroke(linewidth=3, foreground="white"), Normal()]
    labels = []
    for genre, rows, color, _ in _genres(genre_of):
        named = {f"{genre_of.index[i]} {genre}": [i] for i in rows} if few else {genre: rows}
        for name, own in named.items():
            labels.append((axes.text(0, 0, name, color=color, path_effects=halo), own))
    return labels


def _genres(genre_of):
    """The first six genres: name, rows, color, marker."""
    looks = zip(genre_of.unique()[:6], COLORS, MARKERS)
    return [(genre, np.flatnonzero(genre_of == genre), *look) for genre, *look in looks]


class Journey(NamedTuple):
    """A table's way through a training, on the two main directions of where it ended.

    Attributes:
        steps: Shape `(epochs + 1, rows, 2)`.
        shares: What the two directions carry of the final table's variance.
        loss: The loss by epoch, of the validation rows where there are any.
    """

    steps: np.ndarray
    shares: np.ndarray
    loss: pd.Series


class Trained(NamedTuple):
    """A training's history, the book table it left, and the loss that no model can beat."""

    history: object
    table: pd.DataFrame
    floor: float = 0.0


class Planted(NamedTuple):
    """A planted library, ready to be trained on."""

    truth: object
    encoding: object
    train: object
    validation: object
    floor: float


@lru_cache(maxsize=4)
def _planted(rows=40_000, **options):
    """The planted library with these options, split."""
    from bookrec_helpers.dataset import BookDataset, split
    from bookrec_helpers.encoding import LABEL, encode
    from bookrec_helpers.library import planted_library
    from bookrec_helpers.measures import measures

    truth = planted_library(num_rows=rows, **options)
    encoding = encode(truth.data)
    train, validation = split(encoding.frame)
    floor = measures(validation[LABEL], truth.chance[validation.index])["log_loss"]
    return Planted(truth, encoding, BookDataset(train), BookDataset(validation), floor)


def _train_planted(dimension, epochs, init_std=0.1, seed=0, lr=0.02, **options):
    from bookrec_helpers.dataset import make_loader

    library = _planted(**options)
    held = make_loader(library.validation, len(library.validation), shuffle=False)
    settings = {"epochs": epochs, "lr": lr, "validation": held, "seed": seed}
    trained = _train(library.encoding, library.train, dimension, init_std, 512, **settings)
    return trained._replace(floor=library.floor)


def _train(encoding, rows, dimension, init_std, batch_size, epochs, seed=0, **settings):
    """Trains a model whose users and books get `dimension` numbers."""
    import torch

    from bookrec_helpers.dataset import make_loader
    from bookrec_helpers.inspection import embedding_table
    from bookrec_helpers.model import BookRecommendationModel
    from bookrec_helpers.training import fit

    with torch.random.fork_rng():  # the reader's own random numbers stay as they are
        torch.manual_seed(seed)
        model = BookRecommendationModel(
            *encoding.sizes.values(), dimension, dimension, init_std=init_std
        )
    loader = make_loader(rows, batch_size, seed=seed)
    history = fit(model, loader, epochs, snapshot="book", **settings)
    if len(history.frame) < epochs:
        raise RuntimeError("The training was interrupted. Move a slider to train again.")
    return Trained(history, embedding_table(model, "book", encoding))


def _journey(trained):
    from bookrec_helpers.inspection import project

    flat = project(trained.table)
    tables = np.stack(trained.history.snapshots)
    steps = flat.place(tables.reshape(-1, tables.shape[-1])).reshape(*tables.shape[:2], 2)
    return Journey(steps, flat.shares, trained.history.frame.iloc[:, -1])


def _loss_axes(axes, epochs):
    """Curves of training and validation loss and the floor, and their names at the right."""
    axes.set(xlim=(0.5, epochs + 0.5), ylim=(0.2, 0.9), xlabel="epoch", ylabel="log loss")
    axes.xaxis.get_major_locator().set_params(integer=True)
    parts = []
    for name, color, dash in LOSSES:
        parts += axes.plot([], [], dash, color=color)
        parts.append(axes.text(1.02, 0, name, color=color, transform=axes.transAxes))
    return parts


def _set_losses(parts, frame, floor):
    """Draws a history's losses, and a line as long for the floor."""
    curves, labels = parts[::2], parts[1::2]
    losses = [frame["train_loss"], frame["validation_loss"], frame["train_loss"] * 0 + floor]
    for curve, loss in zip(curves, losses, strict=True):
        curve.set_data(loss.index, loss)
    stack_labels(labels, [loss.iloc[-1] for loss in losses])


def _picture(rows=1, columns=1, **options):
    """A moving picture and its axes."""
    picture = MovingPicture()
    return picture, picture.subplots(rows, columns, **options)


def _late(value, lowest, highest, description=""):
    """A slider for what takes long: it speaks when it is let go."""
    return widgets.IntSlider(
        value, lowest, highest, description=description, continuous_update=False
    )


def _choice(value, options, description=""):
    """A slider over a few numbers."""
    words = [(f"{option:,}", option) for option in options]
    return widgets.SelectionSlider(
        options=words, value=value, description=description, continuous_update=False
    )


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


def _count(number, one, many=None):
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _bytes(size):
    """A memory as a person would say it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
