"""A lab or two a lesson. Each imports what it needs, since lessons 00 to 02 need no torch."""

import ipywidgets as widgets
import numpy as np
import pandas as pd

from bookrec_helpers import plots
from bookrec_helpers.dimension import RULES, embedding_dimension, table_bytes, table_parameters
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.sliders.lab import ready_lab
from bookrec_helpers.sliders.slider import Slider

MILLION = 10**6
NONE = "(none)"  # of the books
TRUTH = 3  # of lesson 08's libraries
TURNED = {0: plots.FIRST, 90: "third direction", 180: plots.FIRST}


def start_lab():
    """Lesson 00: a vector of as many numbers as the slider says, to see that sliders work."""

    def draw(axes, _, dimension):
        axes.bar(range(dimension), 0.8, 0.9, align="edge", color=plots.BLUE, ec=plots.BLUE)
        axes.text(0, 1.1, f"A book as {_count(dimension, 'number')}", fontsize=20)
        return {"boxes": _count(dimension, "box", "boxes")}

    return ready_lab("start_lab", None, draw)


def encoding_lab():
    """Lesson 01: a one-hot vector against an embedding, in width and in memory.

    The memory is that of a million rows: a one-hot vector of 4-byte numbers each, or a
    code of 8 bytes each and one embedding table.
    """
    colors = plots.ORANGE, plots.BLUE
    look = {"colors": colors, "lw": 3, "marker": "o", "ms": 13, "markevery": [1]}

    def draw(upper, lower, _, categories, dimension):
        width = {"one-hot": categories, "embedding": dimension}
        one_hot, codes = 4 * MILLION * categories, 8 * MILLION
        size = {"one-hot": one_hot, "embedding": codes + table_bytes(categories, dimension)}
        in_words = {name: _bytes(each) for name, each in size.items()}
        plots.draw_bars(upper, width, map("{:,}".format, width.values()), **look)
        plots.draw_bars(lower, size, in_words.values(), **look)
        count = _count(categories, "category", "categories")
        return {"count": count, "width": _count(categories, "number"), "size": in_words}

    return ready_lab("encoding_lab", None, draw)


def dimension_lab():
    """Lesson 02: four published rules, the points where you stand, and what each table costs."""
    grid = np.unique(np.logspace(0, 7, 400).astype(int)).tolist()
    curves = pd.DataFrame({name: [rule(n) for n in grid] for name, rule in RULES.items()}, grid)
    first, *others = RULES

    def draw(axes, _, n, cap):
        curves[first] = [embedding_dimension(k, cap) for k in grid]
        dimension = embedding_dimension(n, cap)
        found = {f"min({cap}, n / 2)": dimension, **{name: RULES[name](n) for name in others}}
        costs = [f": {_bytes(table_bytes(n, d))}" for d in found.values()]
        plots.draw_rules(axes, curves, n, found, costs)
        parameters = _count(table_parameters(n, dimension), "parameter")
        return {"found": [*found.values()], "parameters": parameters}

    return ready_lab("dimension_lab", None, draw)


def model_lab(num_users=3, num_books=4, num_genres=3):
    """Lesson 03: the vector that the network reads, and the parameters of each layer.

    Args:
        num_users, num_books, num_genres: Rows of the three tables.
    """
    from bookrec_helpers.model import BookRecommendationModel

    def compute(users, books, genres):
        model = BookRecommendationModel(num_users, num_books, num_genres, users, books, genres)
        layers = model.named_children()
        return {name: sum(w.numel() for w in layer.parameters()) for name, layer in layers}

    colors = (plots.BLUE, plots.ORANGE, plots.GREEN, plots.GREY, plots.GREY)
    room = 1.2 * max(compute(16, 16, 16).values())

    def draw(strip, axes, counts, **dimensions):
        start, style = 0, {"ha": "center", "va": "center", "weight": "bold"}
        for width, color, ink in zip(dimensions.values(), colors, ("white", "black", "black")):
            strip.barh(0.5, width, 1, start, color=color, ec=color)
            strip.text(start + width / 2, 0.5, width, color=ink, **style)
            start += width
        strip.text(start + 0.5, 0.5, f"= {start} numbers for fc1", va="center")
        words = [f"{count:,}" for count in counts.values()]
        axes.set_xlim(0, room)
        plots.draw_bars(axes, counts, words, colors)
        return {"width": start, "layers": ", ".join(map(" ".join, zip(counts, words)))}

    return ready_lab("model_lab", compute, draw)


def training_lab(epochs=20):
    """Lesson 04: training and validation loss on the planted library, the best epoch marked.

    Every value trains for 20 epochs; the slider of the epochs shows the first of them.
    """
    from bookrec_helpers.sliders.trained import train_planted

    most = epochs

    def compute(dimension, learning_rate, seed):
        return train_planted(dimension, most, seed=seed, lr=learning_rate)

    def draw(axes, trained, epochs, **_):
        frame, _, floor = trained
        told = plots.draw_losses(axes, frame.loc[:epochs], floor, most)
        return {**told, "after": _count(epochs, "epoch"), "floor": floor}

    return ready_lab("training_lab", compute, draw, epochs=Slider(most, last=most))


def map_lab():
    """Lesson 05: the map of the six-row library's four books, epoch by epoch."""
    from bookrec_helpers.sliders.trained import train_magical

    genre_of = magical_library().drop_duplicates("BookID").set_index("BookID")["Genre"]
    return _map_lab("map_lab", train_magical, genre_of, genre_of.index, 40, "training loss")


def planted_map_lab(epochs=15):
    """Lesson 05: the map of the planted library's 200 books, epoch by epoch.

    Six of the twelve genres are in color, with their names beside their middle.
    """
    from bookrec_helpers.sliders.trained import planted, train_planted

    library = planted()
    genre_of = library.truth.genre_of[library.encoding.categories["BookID"]]
    return _map_lab("planted_map_lab", train_planted, genre_of, (), epochs, "validation loss")


def _map_lab(name, train, genre_of, named, epochs, loss):
    """A map that replays a training, beside its loss.

    Args:
        name: See `ready_lab`.
        train: dimension, epochs and init_std to what `trained.train` yields.
        genre_of: The genre of each book.
        named: The books that get a name and a trail each.
        epochs: Epochs of each training.
        loss: What the loss is called.
    """
    names, only = [str(book) for book in genre_of.index], genre_of.unique()[:6]
    y, va = (0.98, "top") if len(named) else (0.03, "bottom")  # off the curve

    def compute(dimension, init_std):
        return train(dimension, epochs, init_std)

    def draw(axes, right, trained, epoch, book, turn, **_):
        frame, tables, *_ = trained
        epoch, curve = min(epoch, len(frame)), frame.iloc[:, -1]  # the last while it trains
        now = curve.loc[[epoch] if epoch else []]
        right.set(xlim=(0, epochs + 0.5), ylabel=loss)
        right.plot(curve, color=plots.RED, gid=plots.HAUNTS)
        right.plot(now, "o", color=plots.RED, ms=13, clip_on=False)
        steps, shares, reach = _on_two_directions(tables, np.radians(turn))
        way, first = steps[: epoch + 1], TURNED.get(turn, "first and third, turned")
        plots.draw_map(axes, way, shares, genre_of, named, only, reach, f"{first}, at the end")
        told = []
        if book != NONE:
            row = names.index(book)
            _, near = plots.point_out(axes, tables[epoch], way[-1], row, names)
            told = [f"{book}, {genre_of.iloc[row]}", "nearest in all dimensions:", *near]
        words = "\n".join([*told, *(f"{loss} {value:.3f}" for value in now)])
        plots.in_corner(right, words, x=0.99, y=y, va=va, fontsize=12.5)
        after = _count(epoch, "epoch") + (f", turned by {turn} degrees" if turn else "")
        pointed = f"; {told[0]}: {told[1]} {', '.join(told[2:])}." if told else "."
        said = {"count": len(names), "after": after, "shares": shares}
        return {**said, "epochs": epochs, "pointed": pointed}

    slider, books = Slider(epochs, first=0, last=epochs), widgets.Dropdown(options=[NONE, *names])
    turn = Slider(0, range(0, 181, 5), name="degrees turned")
    return ready_lab(name, compute, draw, epoch=slider, book=books, turn=turn)


def _on_two_directions(tables, angle):
    """A table's way through a training, on two of the main directions of where it ended.

    Args:
        tables: Shape `(epochs + 1, rows, dimension)`.
        angle: How far the first direction is turned to the third, in radians.

    Returns:
        The way, shape `(epochs + 1, rows, 2)`; what each direction carries of the final table's
        variance; and how far out the way leads, on three directions.
    """
    middle = tables[-1].mean(axis=0)
    _, strengths, directions = np.linalg.svd(tables[-1] - middle, full_matrices=False)
    room = max(0, 3 - len(directions))  # a narrow table has zeros in their place
    steps = np.pad((tables - middle) @ directions[:3].T, ((0, 0), (0, 0), (0, room)))
    shares = np.pad(strengths**2 / (strengths**2).sum(), (0, room))[:3]
    across = np.array([np.cos(angle), 0, np.sin(angle)])
    on_two = steps @ np.transpose([across, [0, 1, 0]])
    return on_two, (across**2 @ shares, shares[1]), np.abs(steps).max(axis=(0, 1))


def choosing_lab(epochs=15):
    """Lesson 06: the loss against its floor, and the spectrum of the learned book table."""
    from bookrec_helpers.inspection import spectrum
    from bookrec_helpers.sliders.trained import train_planted

    def compute(taste_dimension, rows, strength, d):
        library = {"rows": rows, "taste_dim": taste_dimension, "strength": strength}
        for frame, tables, floor in train_planted(d, epochs, **library):
            yield frame, spectrum(pd.DataFrame(tables[-1])), floor

    def draw(left, right, trained, taste_dimension, **_):
        frame, directions, floor = trained
        told = plots.draw_spectrum(right, directions, 10, "untrained")
        right.axvline(taste_dimension + 0.5, color=plots.BLACK, ls="--", lw=2)
        right.text(taste_dimension + 0.7, 93, f"truth: {taste_dimension}")
        losses = plots.draw_losses(left, frame, floor, epochs)["losses"].capitalize()
        shares = ", ".join(f"{share:.0%}" for share in directions["share"][: taste_dimension + 1])
        return {**told, "losses": losses, "floor": floor, "shares": shares}

    return ready_lab("choosing_lab", compute, draw)


def dial_lab(epochs=40):
    """Lesson 07: the loss at every dimension of one training, and the directions it keeps.

    The dimension only cuts; the true dimension, the rows and the penalty train anew.
    """
    from bookrec_helpers.sliders.trained import planted, train_wide

    def compute(taste_dimension, rows, l2):
        library = planted(rows=rows, taste_dim=taste_dimension)
        _, curve, strengths = train_wide(library, l2, epochs)
        return curve, strengths, {"noise floor": library.floor}

    return ready_lab("dial_lab", compute, _draw_dial)


def real_dial_lab():
    """Lesson 09: the dial on real ratings; the penalty trains anew, the dial only cuts."""
    from bookrec_helpers.sliders.trained import factorized

    def compute(l2):
        _, curve, strengths = factorized(l2)
        return curve, strengths, {"biases alone": curve["loss"][0]}

    return ready_lab("real_dial_lab", compute, _draw_dial)


def _draw_dial(left, right, trained, dimension, taste_dimension=None, **_):
    return plots.draw_dial(left, right, *trained, dimension, taste_dimension)


def shelf_lab():
    """Lesson 08: what few rows, many readers or many books do to the dial's answer.

    The library has biases and a taste of three dimensions; there are as many books as the
    rows need to fill the share of all pairs.
    """
    from bookrec_helpers.choosing import choose_dimension

    def compute(rows, readers, share):
        books = round(100 * rows / readers / share)
        sizes = readers, books, min(8, books), rows
        library = planted_library(*sizes, TRUTH, generosity=1, popularity=1)
        return choose_dimension(library.data, 8, splits=1, l2=[0.02]), books

    def draw(axes, result, rows, readers, share):
        choice, books = result
        curve = choice.frame.rename(columns={"loss": "mean"})
        biases, best = curve["mean"][0], curve["mean"].min()
        marks = {"truth": TRUTH, "the dial": choice.dimension}
        plots.draw_curves(axes, {"": curve}, {"biases alone": biases}, marks)
        doubts = "".join(f" {doubt}" for doubt in choice.warnings)
        told = {"choice": choice, "books": books, "doubts": doubts}
        return {**told, "each": rows / readers, "gain": biases - best}

    return ready_lab("shelf_lab", compute, draw)


def film_lab():
    """Lesson 09: a film's neighbors in all directions, and those that a flat map shows."""
    from bookrec_helpers.factorization import cut
    from bookrec_helpers.inspection import embedding_table, project
    from bookrec_helpers.sliders.trained import factorized, films

    encoding = films().encoding
    votes = encoding.frame["BookID"].value_counts()
    known = encoding.categories["BookID"][votes[votes >= 100].index]  # others hardly moved

    def draw(axes, right, trained, film, dimension):
        vectors = embedding_table(cut(trained[0], dimension), "book", encoding).loc[known]
        flat, row = project(vectors), known.get_loc(film)
        points = flat.points.to_numpy()
        reach = np.abs(points).max(axis=0)
        plots.draw_map(axes, points[None], flat.shares, known.to_series(), only=[], reach=reach)
        near, ringed = plots.point_out(axes, vectors.to_numpy(), points, row, known)
        told = [f"{film}, {votes.iloc[row]} ratings", "nearest to it:", *(n[:44] for n in ringed)]
        plots.in_corner(right, "\n".join(told), x=0, ha="left", fontsize=13)
        both = sum(name not in near for name in ringed)
        return {"near": ", ".join(near), "both": both, "kept": sum(flat.shares)}

    films_by_name = widgets.Dropdown(options=sorted(known), value="Star Wars (1977)")
    controls = {"film": films_by_name, "dimension": Slider(4, first=2, last=16)}
    return ready_lab("film_lab", lambda: factorized(0.02), draw, **controls)


def _count(number, one, many=None):
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _bytes(size):
    """A memory as a person would say it."""
    power = min(4, (len(str(size)) - 1) // 3)
    return f"{size / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB')[power]}"
