"""One ready lab a lesson. Lessons 00 to 02 need no torch, so each lab imports what it needs."""

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.patches import Rectangle

from bookrec_helpers import plots
from bookrec_helpers.dimension import RULES, embedding_dimension, table_bytes, table_parameters
from bookrec_helpers.labels import write
from bookrec_helpers.sliders.lab import Lab
from bookrec_helpers.sliders.slider import Slider, round_numbers

__all__ = (
    "start_lab encoding_lab dimension_lab model_lab training_lab map_lab planted_map_lab "
    "choosing_lab"
).split()
MILLION = 10**6
BUSY = "Training ..."
NONE = "(none)"  # of the books


@rc_context(plots.STYLE)
def start_lab():
    """Lesson 00: a vector of as many numbers as the slider says, to see that sliders work."""
    picture, axes = plots.blank()
    axes.set(xlim=(-0.1, 12), ylim=(-0.5, 1.5))
    axes.set_axis_off()
    boxes = [axes.add_patch(Rectangle((i, 0), 0.9, 0.8, color=plots.BLUE)) for i in range(12)]
    words = axes.text(0, 1.1, "", fontsize=20)
    picture.moving = [*boxes, words]

    def draw(_, dimension):
        for i, box in enumerate(boxes):
            box.set_visible(i < dimension)
        words.set_text(f"A book as {_count(dimension, 'number')}")
        return f"A book as a row of {_count(dimension, 'box', 'boxes')}, one a number."

    controls = {"dimension": Slider(3, range(1, 13))}
    return Lab(controls, _nothing, draw, picture, name="start_lab")


@rc_context(plots.STYLE)
def encoding_lab():
    """Lesson 01: a one-hot vector against an embedding, in width and in memory.

    The memory is that of a million rows: a one-hot vector of 4-byte numbers each, or a
    code of 8 bytes each and one embedding table.
    """
    picture, (upper, lower) = plots.blank(2, 1)
    upper.set(xscale="log", xlim=(1, 10**9), xlabel="numbers for one category")
    lower.set(xscale="log", xlim=(10**6, 10**15), xlabel="memory for a million rows")
    upper.set_xticks([1, 100, 10_000, MILLION], ["1", "100", "10,000", "1 million"])
    lower.set_xticks([10**6, 10**9, 10**12], ["1 MB", "1 GB", "1 TB"])
    names, style = ["one-hot", "embedding"], {"lw": 3, "marker": "o", "ms": 13, "markevery": [1]}
    width, memory = (
        plots.Bars(axes, names, (plots.ORANGE, plots.BLUE), **style) for axes in (upper, lower)
    )
    for axes in (upper, lower):
        axes.minorticks_off()

    def draw(_, categories, dimension):
        n = categories
        sizes = 4 * n * MILLION, 8 * MILLION + table_bytes(n, dimension)
        one_hot, embedded = map(_bytes, sizes)
        width.show((n, dimension), (f"{n:,}", f"{dimension}"))
        memory.show(sizes, (one_hot, embedded))
        return (
            f"For {_count(n, 'category', 'categories')} a one-hot vector has "
            f"{_count(n, 'number')} and an embedding {dimension}; a million rows take "
            f"{one_hot} one-hot and {embedded} embedded."
        )

    controls = {
        "categories": Slider(1000, round_numbers(10 * MILLION)),
        "dimension": Slider(3, range(1, 51)),
    }
    return Lab(controls, _nothing, draw, picture, name="encoding_lab")


@rc_context(plots.STYLE)
def dimension_lab():
    """Lesson 02: four published rules, the points where you stand, and what each table costs."""
    picture, axes = plots.blank()
    grid = [int(n) for n in np.unique(np.logspace(0, 7, 400).astype(int))]
    curves = pd.DataFrame({name: [rule(n) for n in grid] for name, rule in RULES.items()}, grid)
    drawn = plots.Rules(axes, curves)
    axes.set(ylim=(0.8, 1800))
    axes.set_xticks([1, 100, 10_000, MILLION], ["1", "100", "10,000", "1 million"])
    axes.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1,000"])
    axes.minorticks_off()

    def draw(_, n, cap):
        drawn.curves[0].set_ydata([embedding_dimension(k, cap) for k in grid])
        first, *others = [embedding_dimension(n, cap), *(rule(n) for rule in [*RULES.values()][1:])]
        found = dict(zip([f"min({cap}, n / 2)", *list(RULES)[1:]], [first, *others]))
        drawn.show(n, found, [f": {_bytes(table_bytes(n, d))}" for d in found.values()])
        return (
            f"For n = {n:,} and a cap of {cap} the rule gives {first}, a table of "
            f"{_count(table_parameters(n, first), 'parameter')}; the other rules give "
            f"{', '.join(map(str, others))}."
        )

    draw(None, n=10**7, cap=50)  # the widest words make the layout
    controls = {
        "n": Slider(1000, round_numbers(10 * MILLION)),
        "cap": Slider(50, round_numbers(600)),
    }
    return Lab(controls, _nothing, draw, picture, name="dimension_lab")


@rc_context(plots.STYLE)
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

    layers, colors = (
        compute(most, most, most),
        (plots.BLUE, plots.ORANGE, plots.GREEN, plots.GREY, plots.GREY),
    )
    picture, (strip, axes) = plots.blank(2, 1, height_ratios=(1, 5))
    strip.set(xlim=(0, 4.2 * most), ylim=(0, 1))
    strip.set_axis_off()
    parts = [strip.add_patch(Rectangle((0, 0), 1, 1, color=color)) for color in colors[:3]]
    style = {"ha": "center", "va": "center", "weight": "bold"}
    widths = [
        strip.text(0, 0.5, "", color=color, **style)
        for color in ("white", plots.BLACK, plots.BLACK)
    ]
    total = strip.text(0, 0.5, "", va="center")
    axes.set(xlim=(0, 1.2 * max(layers.values())), xlabel="parameters")
    bars = plots.Bars(axes, list(layers), colors)
    picture.moving += [*parts, *widths, total]

    def draw(counts, **dimensions):
        start = 0
        for part, text, width in zip(parts, widths, dimensions.values(), strict=True):
            part.set(x=start, width=width)
            text.set(x=start + width / 2, text=width)
            start += width
        total.set(x=start + 0.5, text=f"= {start} numbers for fc1")
        words = [f"{count:,}" for count in counts.values()]
        bars.show(counts.values(), words)
        told = ", ".join(map(" ".join, zip(counts, words, strict=True)))
        return f"Vectors of {start} numbers go into fc1; the parameters by layer are {told}."

    starts = {"users": 3, "books": 3, "genres": 2}
    controls = {name: Slider(start, range(1, most + 1)) for name, start in starts.items()}
    return Lab(controls, compute, draw, picture, name="model_lab")


@rc_context(plots.STYLE)
def training_lab(epochs=20):
    """Lesson 04: training and validation loss on the planted library, the best epoch marked.

    Every value trains for 20 epochs; the slider of the epochs shows the first of them.
    """
    from bookrec_helpers.sliders.trained import train_planted

    most = epochs
    picture, axes = plots.blank()
    curves = plots.Losses(axes, most, fixed=True)

    def compute(dimension, learning_rate, seed):
        return train_planted(dimension, most, seed=seed, lr=learning_rate)

    def draw(trained, epochs, **_):
        told = curves.show(trained.frame.loc[:epochs], trained.floor)
        return f"After {_count(epochs, 'epoch')} {told}. The noise floor is {trained.floor:.3f}."

    controls = {
        "dimension": Slider(3, range(1, 51), late=True),
        "learning_rate": Slider(0.01, (0.001, 0.003, 0.01, 0.03, 0.1), "learning rate", late=True),
        "seed": Slider(0, range(10), late=True),
        "epochs": Slider(most, range(1, most + 1)),
    }
    options = {"replay": "epochs", "busy": BUSY, "name": "training_lab"}
    return Lab(controls, compute, draw, picture, **options)


def map_lab():
    """Lesson 05: the map of the six-row library's four books, epoch by epoch."""
    from bookrec_helpers.dataset import BookDataset, make_loader
    from bookrec_helpers.encoding import encode
    from bookrec_helpers.library import magical_library
    from bookrec_helpers.sliders.trained import journey, train

    data, epochs = magical_library(), 40
    encoding = encode(data)
    loader = make_loader(BookDataset(encoding.frame), len(data), seed=13)
    genre_of = data.drop_duplicates("BookID").set_index("BookID")["Genre"]

    def compute(dimension, init_std):
        return map(journey, train(encoding, loader, dimension, epochs, init_std, 13, 0.03))

    return _map_lab(compute, genre_of, genre_of.index, epochs, "training loss", "map_lab")


def planted_map_lab(epochs=15):
    """Lesson 05: the map of the planted library's 200 books, epoch by epoch.

    Six of the twelve genres are in color, with their names beside their middle.
    """
    from bookrec_helpers.sliders.trained import journey, planted, train_planted

    library = planted()
    genre_of = library.truth.genre_of[library.encoding.categories["BookID"]]

    def compute(dimension, init_std):
        return map(journey, train_planted(dimension, epochs, init_std=init_std))

    loss = "validation loss"
    return _map_lab(compute, genre_of, (), epochs, loss, "planted_map_lab", BUSY)


@rc_context(plots.STYLE)
def choosing_lab(epochs=15):
    """Lesson 06: the loss against its floor, and the spectrum of the learned book table."""
    from bookrec_helpers.inspection import spectrum
    from bookrec_helpers.sliders.trained import train_planted

    picture, (left, right) = plots.blank(1, 2, width_ratios=(5, 5))
    curves, bars = plots.Losses(left, epochs, fixed=True), plots.Directions(right, 10, "untrained")
    truth = right.axvline(0, color=plots.BLACK, ls="--", lw=2)
    words = right.text(0, 0.93, "")
    picture.moving += [truth, words]

    def compute(taste_dimension, rows, strength, d):
        library = {"rows": rows, "taste_dim": taste_dimension, "strength": strength}
        return train_planted(d, epochs, **library)

    def draw(trained, taste_dimension, **_):
        directions = spectrum(pd.DataFrame(trained.tables[-1]))
        told = curves.show(trained.frame, trained.floor)
        bars.show(directions["share"], directions["stands_out"], directions["untrained"])
        truth.set_xdata([taste_dimension + 0.5] * 2)
        words.set(x=taste_dimension + 0.7, text=f"truth: {taste_dimension}")
        shares = ", ".join(f"{share:.0%}" for share in directions["share"][: taste_dimension + 1])
        return (
            f"{told[0].upper()}{told[1:]}; the noise floor is {trained.floor:.3f}; the first "
            f"directions of the book table carry {shares} of its variance, "
            f"{directions['stands_out'].sum()} stand out, and the truth has {taste_dimension}."
        )

    controls = {
        "taste_dimension": Slider(3, range(1, 6), "taste dimension", late=True),
        "d": Slider(50, range(1, 51), late=True),
        "rows": Slider(40_000, (5_000, 10_000, 20_000, 40_000), late=True),
        "strength": Slider(4, range(1, 9), late=True),
    }
    return Lab(controls, compute, draw, picture, busy=BUSY, name="choosing_lab")


@rc_context(plots.STYLE)
def _map_lab(compute, genre_of, named, epochs, loss, name, busy=""):
    """A map that replays a training, beside its loss.

    Args:
        compute: dimension and init_std to the `Journey` of the vectors.
        genre_of: The genre of each book.
        named: The books that get a name and a trail each.
        epochs: Epochs of each training.
        loss: What the loss is called.
        name: See `Lab`.
        busy: What to say while it trains.
    """
    picture, (axes, right) = plots.blank(1, 2, width_ratios=(8, 5))
    drawn = plots.Map(axes, genre_of, named, None if len(named) else genre_of.unique()[:6])
    axes.locator_params(nbins=4)
    right.set(xlim=(0, epochs + 0.5), ylim=(0, 0.8), xlabel="epoch", ylabel=loss)
    curve = picture.haunted(right.plot([], [], color=plots.RED)[0])
    now = right.plot([], [], "o", color=plots.RED, ms=13, clip_on=False)[0]
    style = {"fontsize": 12.5, "ha": "right", "transform": right.transAxes}
    y, style["va"] = (0.98, "top") if len(named) else (0.03, "bottom")  # off the curve
    words = write(right, 0.99, y, "", plots.BLACK, **style)
    picture.moving += [curve, now, words]

    def draw(journey, epoch, dimension, init_std, book, turn):
        epoch = min(epoch, len(journey.loss))  # while it trains
        angle = np.radians(turn)
        across = np.array([np.cos(angle), 0, np.sin(angle)])
        steps = journey.steps @ np.transpose([across, [0, 1, 0]])
        shares = (across**2 @ journey.shares, journey.shares[1])
        at = journey.loss.loc[[epoch] if epoch else []]
        curve.set_data(journey.loss.index, journey.loss)
        now.set_data(at.index, at)
        drawn.hold(np.abs(journey.steps).max(axis=(0, 1)))
        drawn.show(steps[epoch], shares, steps[: epoch + 1])
        told = _point_out(drawn, genre_of, journey.tables[epoch], steps[epoch], book)
        words.set_text("\n".join([*told, *(f"{loss} {value:.3f}" for value in at)]))
        turned = f", turned by {turn} degrees" if turn else ""
        return (
            f"A map of {len(genre_of)} books of dimension {dimension}, started at {init_std}, "
            f"after {_count(epoch, 'epoch')}{turned}; its two directions carry {shares[0]:.0%} "
            f"and {shares[1]:.0%} of the variance of the table that epoch {epochs} left"
        ) + (f"; {told[0]}: {told[1]} {', '.join(told[2:])}." if told else ".")

    controls = {
        "dimension": Slider(3, range(1, 9), late=bool(busy)),
        "init_std": Slider(0.1, (0.01, 0.03, 0.1, 0.3, 1.0), late=True),
        "epoch": Slider(epochs, range(epochs + 1)),
        "book": widgets.Dropdown(options=[NONE, *map(str, genre_of.index)]),
        "turn": Slider(0, range(0, 181, 5), "turn, degrees"),
    }
    shows, options = ("book", "turn"), {"replay": "epoch", "busy": busy}
    return Lab(controls, compute, draw, picture, shows=shows, name=name, **options)


def _point_out(drawn, genre_of, vectors, flat, book):
    """Points out a book and its five nearest; returns what to say of them, line by line."""
    from bookrec_helpers.sliders.trained import nearest

    if book == NONE:
        drawn.point_out(flat)
        return []
    names = [str(name) for name in genre_of.index]
    row = names.index(book)
    near, seen = nearest(vectors, row), nearest(flat, row)
    drawn.point_out(flat, row, near, seen)
    told = [names[other] + " (ring)" * (other in seen) for other in near]
    return [f"{book}, {genre_of.iloc[row]}", "nearest in all dimensions:", *told]


def _nothing(**_):
    """What a lab computes that only draws."""


def _count(number, one, many=None):
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _bytes(size):
    """A memory as a person would say it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
