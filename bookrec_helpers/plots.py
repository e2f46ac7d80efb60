"""Every picture of the course, once: a `draw_` function draws it on axes that a lab keeps, as often
as there is something new to show; the function without `draw_` makes a still picture of it.

A `draw_` function returns what its picture's sentence lacks, by name. The sentences, the axes that
are the same each time, and the style of all pictures stand in `plots.toml`.
"""

import io
from itertools import chain, cycle

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import offset_copy
from PIL import Image

from bookrec_helpers import checks
from bookrec_helpers.labels import SIGNS, names_beside, place_labels, write

SIZE = (9.6, 4.2)  # inches; shown at 100 pixels an inch, drawn at DPI
DPI = 120
# Okabe and Ito's colors can be told apart by color-blind readers; the marker says it again.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, RED, PURPLE = "#0072B2", "#D55E00", "#CC79A7"
COLORS = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE, BLACK)
MARKERS = tuple(SIGNS)
GREY, PALE = "#666666", "#BBBBBB"
LOSS_COLORS = (BLUE, RED, GREY)  # training, validation, noise floor
HAUNTS = "haunts"  # the gid of a curve that leaves a ghost
FIRST = "first direction"  # of a map
REACHES = (1.6, 2.4, 3.4, 4.4, 5.4, 8, 12, 18, 27, 40)  # of a map from its middle
TOPS = (0.9, 1.2, 1.8, 2.7, 4, 6, 9, 14)  # of axes of losses
FLAT = 0.8  # a map's height for its width, in a lab
SAYS, BLANK, STYLE = checks.toml_beside(__file__).values()


class Picture(Figure):
    """A figure that carries its own sentence for those who cannot see it.

    It shows itself as an ordinary PNG in any notebook, with no pyplot behind it. Its axes are
    drawn once for their limits, what is on them each time.

    Attributes:
        alt: The text alternative, one sentence.
    """

    def __init__(self):
        super().__init__(figsize=SIZE, dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(self)
        self.alt, self._drawn, self._ghosts = "", [], []
        self._frames, self._laid_out = {}, False

    def redraw(self, says: str, draw, *given, **values) -> None:
        """Calls `draw`; what it draws takes the place of what was drawn the last time.

        Args:
            says: The sentence, with names of values in braces.
            draw: Returns what `says` lacks besides the values, by name; or a sentence of its own.
        """
        for artist in self._drawn:
            artist.remove()
        for axes in self.axes:  # whose limits shall follow what comes
            axes.relim()
        before = set(self._artists())
        try:
            with rc_context(STYLE):
                told = draw(*given, **values)
        finally:
            self._drawn = [artist for artist in self._artists() if artist not in before]
        self.alt = told if isinstance(told, str) else says.format(**values | told)

    def _artists(self):
        """What is on the axes, in the order in which it is drawn."""
        found = ([*a.patches, *a.collections, *a.lines, *a.texts] for a in self.axes)
        return sorted(chain(*found), key=lambda artist: artist.zorder)

    def png(self, density: int = 1) -> bytes:
        """The picture as PNG, quickly rather than tightly packed.

        Args:
            density: Pixels for each of a still picture's pixels, along each side.
        """
        self.lay_out()
        self.dpi = density * DPI
        self._draw_frames()
        for artist in self._artists():
            self.draw_artist(artist)
        buffer = io.BytesIO()
        pixels = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")
        pixels.save(buffer, "png", compress_level=1)
        self.dpi = DPI  # in which labels are placed
        return buffer.getvalue()

    def lay_out(self) -> None:
        """Gives axes and words their room, the first time; it stays theirs."""
        if not self._laid_out:
            self.canvas.draw()
            self.set_layout_engine("none")
            self._laid_out = True

    def _draw_frames(self):
        """The axes without what is on them; drawn anew only where their limits are."""
        for axes in self.axes:
            axes.apply_aspect()
        limits = [(*axes.get_xlim(), *axes.get_ylim()) for axes in self.axes]
        if self.dpi not in self._frames or self._frames[self.dpi][0] != limits:
            for artist in self._artists():
                artist.set_animated(True)
            self.canvas.draw()
            self._frames[self.dpi] = limits, self.canvas.copy_from_bbox(self.bbox)
        self.canvas.restore_region(self._frames[self.dpi][1])

    def leave_ghosts(self, none: bool = False) -> None:
        """Leaves a pale ghost of each curve that haunts where it is now, or none at all."""
        while self._ghosts:
            self._ghosts.pop().remove()
        lines = () if none else chain(*(axes.lines for axes in self.axes))
        for line in [line for line in lines if line.get_gid() == HAUNTS]:
            style = {"color": line.get_color(), "lw": line.get_linewidth(), "alpha": 0.3}
            self._ghosts += line.axes.plot(*line.get_data(), **style, zorder=0)

    def _repr_mimebundle_(self, **_) -> tuple[dict, dict]:
        """What a notebook stores of it: data and metadata by mime type."""
        width, height = (round(100 * inches) for inches in SIZE)
        size = {"width": width, "height": height, "alt": self.alt}
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": size}


def blank(axes=({},), **layout) -> Picture:
    """A picture with nothing on its axes.

    Args:
        axes: What to set of each, by name, such as `xlim`; over again where there are more.
        layout: What `Figure.subplots` takes.
    """
    picture = Picture()
    with rc_context(STYLE):
        picture.subplots(**layout)
    for each, settings in zip(picture.axes, cycle(axes)):
        each.tick_params(labelsize=STYLE["xtick.labelsize"])  # also of ticks that are set later
        each.set(**settings)
        if "xticks" in settings:
            each.minorticks_off()
    return picture


def still(which: str, draw, *given, **layout) -> Picture:
    """A picture that is drawn once, on the axes and with the sentence that `plots.toml` tells.

    Args:
        draw: Called with the axes and what is given; returns what the sentence lacks, by name.
        layout: What `blank` takes, besides.
    """
    picture = blank(**BLANK.get(which, {}), **layout)
    picture.redraw(SAYS[which], draw, *picture.axes, *given)
    return picture


def one_hot_and_embedding(one_hot: pd.DataFrame, embedding: pd.DataFrame) -> Picture:
    """Lesson 01: two tables side by side, each number in its cell.

    Args:
        one_hot: One row and one column a category.
        embedding: One row a category, one column a dimension.
    """

    def draw(left, right):
        _number_table(left, one_hot, "one-hot")
        _number_table(right, embedding, "embedding")
        return {"one_hot": one_hot, "embedding": embedding}

    return still("one_hot", draw, width_ratios=[one_hot.shape[1], embedding.shape[1]])


def _number_table(ax, table: pd.DataFrame, name: str) -> None:
    """A table as shaded cells with their numbers, readable from the back row."""
    ax.imshow(table.abs(), cmap="Blues", vmin=0, vmax=1.2, aspect="auto")
    for (row, column), value in np.ndenumerate(table.to_numpy()):
        color = "white" if abs(value) > 0.7 else BLACK
        ax.text(column, row, f"{value:g}", ha="center", va="center", color=color, fontsize=16)
    ax.set_xticks(range(table.shape[1]), table.columns)
    ax.set_yticks(range(len(table)), table.index)
    ax.set_xlabel(f"{name}: {table.shape[1]} numbers")
    ax.tick_params(length=0)


def rules(curves: pd.DataFrame) -> Picture:
    """Lesson 02: rules of thumb over the number of categories.

    Args:
        curves: Indexed by the number of categories, one column a rule.
    """
    return still("rules", draw_rules, curves, curves.index[-1], curves.iloc[-1].to_dict())


def draw_rules(axes, curves: pd.DataFrame, n, dimensions: dict[str, int], costs=("",) * 4) -> dict:
    """The rules' curves on logarithmic axes, and what each of them, by name, gives at n.

    Args:
        costs: Words to add to the names.
    """
    axes.set(xlim=(1, curves.index[-1]), xlabel="number of categories n")
    axes.set_ylabel("embedding dimension")
    axes.axvline(n, color=GREY, lw=1, ls=":")
    looks = zip(curves, dimensions.items(), costs, COLORS, MARKERS, ("-", "--", "-.", ":"))
    names = {}
    for rule, (name, dimension), cost, color, marker, style in looks:
        axes.plot(curves[rule], style, c=color)
        axes.plot(n, dimension, marker, c=color, ms=11, clip_on=False, zorder=2.1)
        names[f"{SIGNS[marker]} {name} = {dimension}{cost}"] = dimension
    names_beside(axes, names, COLORS)
    ends = ", ".join(f"{name} ends at {dimension}" for name, dimension in dimensions.items())
    return {"count": len(dimensions), "most": n, "ends": ends}


def parameters(layers: pd.DataFrame) -> Picture:
    """Lesson 03: where the parameters are.

    Args:
        layers: Parameters; one row a layer, one column a model.
    """
    shares = layers / layers.sum()

    def draw(*panels):
        for ax, (name, counts) in zip(panels, layers.items()):
            ax.set_xlabel(f"{name}\nshare of {counts.sum():,} parameters")
            draw_bars(ax, dict(shares[name]), map("{:,}".format, counts), [BLUE] * len(layers))
        most = [f"{name}: most in {s.idxmax()}, {s.max():.0%}." for name, s in shares.items()]
        return {"most": " ".join(most)}

    return still("parameters", draw, ncols=layers.shape[1])


def draw_bars(axes, sizes: dict, words, colors, **style) -> None:
    """A bar from the left for each size, the first on top: its name before it, words at its end."""
    left, style = axes.get_xlim()[0], {"lw": 22, "solid_capstyle": "butt", **style}
    axes.set_yticks(range(len(sizes)), sizes)
    axes.set_ylim(len(sizes) - 0.4, -0.6)
    for y, (size, word, color) in enumerate(zip(sizes.values(), words, colors)):
        axes.plot([left, size], [y, y], c=color, **style)
        axes.text(size, y, f"   {word}", va="center")


def losses(frame: pd.DataFrame, floor: float | None = None) -> Picture:
    """Lesson 04: training and validation loss, the best epoch marked.

    Args:
        frame: `History.frame` with `train_loss` and `validation_loss`.
        floor: The noise floor, drawn where given.
    """
    return still("losses", draw_losses, frame, floor, len(frame))


def draw_losses(axes, frame: pd.DataFrame, floor: float | None, epochs: int) -> dict:
    """Training and validation loss by epoch, the noise floor, and the best epoch marked.

    All losses stand on one scale, until a curve needs more, so that pictures can be compared.

    Args:
        epochs: How many there is room for.
    """
    curves = frame[["train_loss", "validation_loss"]].set_axis(["training", "validation"], axis=1)
    best, lowest = curves["validation"].idxmin(), curves["validation"].min()
    if floor is not None:
        curves["noise floor"] = floor
    axes.set(xlabel="epoch", ylabel="log loss", xlim=(0.5, epochs + 0.5))
    axes.locator_params("x", integer=True)
    looks = {"--s": {"ms": 6, "gid": HAUNTS}, "-o": {"ms": 7, "gid": HAUNTS}, ":": {"zorder": 1}}
    for name, color, (look, style) in zip(curves, LOSS_COLORS, looks.items()):
        axes.plot(curves[name], look, c=color, markevery=[-1], **style)
    least, most = curves.min(axis=None), curves.max(axis=None)
    axes.set_ylim(0.2 if least > 0.2 else 0, next(top for top in (*TOPS, most) if top >= most))
    ends = curves.iloc[-1]
    names_beside(axes, {f"{name} {end:.3f}": end for name, end in ends.items()}, LOSS_COLORS)
    _ring(axes, (best, lowest), f"best: epoch {best}, {lowest:.3f}", curves)
    return {"epochs": epochs, "losses": SAYS["best"].format(best=best, lowest=lowest, **ends)}


def _ring(axes, place, words, curves: pd.DataFrame) -> None:
    """A ring around a point, and words beside it that cover none of the curves."""
    axes.plot(*place, "o", color=RED, ms=14, mfc="none")
    ways = [np.array([curves.index, curves[name]]).T for name in curves]
    # Close enough that no label lies between two points.
    steps = [np.linspace(way[:-1], way[1:], 8).reshape(-1, 2) for way in ways]
    place_labels([write(axes, *place, words, RED)], [place], np.concatenate([*steps, *ways]))


def journeys(tables: dict[str, tuple], names: list[str]) -> Picture:
    """Lesson 05: where each vector started and where it ended.

    Args:
        tables: For each panel its name and the tables before and after, arrays of shape
            `(rows, dimension)`; both are drawn on the two main directions of the second.
        names: The rows' names.
    """

    def draw(*axes):
        ways = [_journey(ax, *table) for ax, table in zip(axes, tables.items())]
        axes[0].figure.lay_out()
        for ax, way in zip(axes, ways):
            labels = [write(ax, *end, n, BLUE, weight="bold") for n, end in zip(names, way[-1])]
            place_labels(labels, way[-1], way.reshape(-1, 2))
        panels = "one panel" if len(tables) == 1 else f"{len(tables)} panels"
        return {"count": len(names), "panels": panels, "names": ", ".join(tables)}

    return still("journeys", draw, ncols=len(tables))


def _journey(ax, name, tables):
    """An arrow a row from the first table to the second; returns the way, `(steps, rows, 2)`."""
    from bookrec_helpers.inspection import project  # slow to import, and only needed here

    flat = project(pd.DataFrame(tables[1]))
    starts, ends = flat.place(tables[0]), flat.points.to_numpy()
    for start, end in zip(starts, ends):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 2, "color": BLUE})
    ax.plot(*starts.T, "o", color=GREY, markersize=6)
    ax.plot(*ends.T, "o", color=BLUE)
    ax.set_xlabel(name)
    return np.linspace(starts, ends, 9)


def embedding_map(flat, genre_of: pd.Series, named=(), only=None) -> Picture:
    """Lesson 05: a table flattened to two directions, a color and a marker a genre.

    Args:
        flat: What `project` returns.
        genre_of: The genre of each row. Rows without one (None, NaN) are gray.
        named: Whose own names are written beside them, for small tables.
        only: Genres to color; the other points are gray. All where not given, up to twelve:
            more cannot be told apart.

    Raises:
        ValueError: `genre_of` says nothing of a row, or says it twice; there is no point of
            that name or genre.
    """
    rows = flat.points.index
    genre_of = _genre_of_each(rows, pd.Series(genre_of))
    options = {"named": (named, rows), "only": ([] if only is None else only, set(genre_of))}
    for option, (names, known) in options.items():
        for name in names:
            checks.ask(name in known, "on_map", option=option, name=name)
    way = flat.points.to_numpy()[None]
    return still("map", draw_map, way, flat.shares, genre_of, named, only)


def _genre_of_each(rows, genre_of):
    """The genre of each row, if it is told once."""
    missing = [row for row in rows if row not in genre_of.index]
    checks.ask(not missing, "no_genre", missing=missing, count=len(missing), rows=len(rows))
    twice = genre_of.index[genre_of.index.duplicated() & genre_of.index.isin(rows)]
    checks.ask(twice.empty, "genre_twice", twice=twice)
    return genre_of.loc[rows]


def draw_map(axes, way, shares, genre_of, named=(), only=None, reach=None, first=FIRST) -> dict:
    """Vectors on two directions: a color and a marker a genre, and names beside them.

    Args:
        way: The points' way to where they are, shape `(steps, rows, 2)`; the named ones' is seen.
        shares: The share of the variance that each axis carries.
        genre_of: The genre of each point, in their order, with the rows' names as its index.
        named: Whose own names stand beside them, for small tables; else the genres' do.
        only: Genres to color; the other points are gray.
        reach: Fixes the limits to hold points as far out as this, (x, y).
        first: What the first axis is called.
    """
    points = way[-1]
    if reach is not None:
        room = 1.05 * max(reach[0], reach[1] / FLAT)  # for whole markers
        end = next(size for size in REACHES if size >= room)
        axes.set(box_aspect=FLAT, xlim=(-end, end), ylim=(-end * FLAT, end * FLAT))
        axes.locator_params(nbins=4)
    below = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "center"}
    carried = f"{first}: {shares[0]:.0%} of the variance"
    axes.annotate(carried, (0.5, 0), (0, -28), va="top", **below)
    axes.annotate(f"second: {shares[1]:.0%}", (0, 0.5), (-48, 0), va="center", rotation=90, **below)
    genres = list(genre_of.dropna().unique() if only is None else only)[: len(MARKERS)]
    looks = dict(zip(genres, zip(MARKERS, COLORS * 2)))
    gray = ~genre_of.isin(genres)
    axes.plot(*points[gray].T, ".", color=PALE)
    members = {genre: points[genre_of == genre] for genre in genres}
    for genre, (marker, color) in looks.items():
        axes.plot(*members[genre].T, marker, color=color)
    if len(named):
        _name_points(axes, way, genre_of, named, looks)
    elif genres:
        _name_genres(axes, points, members, looks)
    told = {"genres": ", ".join(map(str, genres)), "kept": sum(shares), "count": len(points)}
    return {**told, "others": f"; {gray.sum()} others are gray" if gray.any() else ""}


def _name_points(axes, way, genre_of, named, looks):
    """The trails of the named points, and beside each its name and genre."""
    rows, labels = [genre_of.index.get_loc(name) for name in named], []
    axes.plot(way[:, rows, 0], way[:, rows, 1], color=GREY, lw=1.5, zorder=1.9)
    for name, genre in zip(named, genre_of.iloc[rows]):
        words = f"{name} {genre}" if pd.notna(genre) else f"{name}"
        _, color = looks.get(genre, ("", GREY))
        labels.append(write(axes, 0, 0, words, color, weight="bold"))
    place_labels(labels, way[-1, rows], way.reshape(-1, 2))


def _name_genres(axes, points, members, looks):
    """Beside the middle of each genre's points its name and marker."""
    names = [(f"{genre} ({SIGNS[marker]})", color) for genre, (marker, color) in looks.items()]
    labels = [write(axes, 0, 0, *name, weight="bold") for name in names]
    place_labels(labels, [theirs.mean(axis=0) for theirs in members.values()], points)


def point_out(axes, vectors, points, row, names) -> tuple[list[str], list[str]]:
    """Draws rays from a row to its five nearest by all numbers, rings around those on the map.

    Args:
        vectors, points: The rows' numbers, and where they lie on the map.

    Returns:
        The names of the five nearest by all numbers; and with "(ring)" behind those that are
        near on the map, too.
    """
    near, flat = (_nearest(each, row) for each in (vectors, points))
    axes.plot(*points[[end for other in near for end in (row, other)]].T, color=BLACK, lw=1.5)
    axes.plot(*points[flat].T, "o", color=BLACK, mfc="none", ms=15, mew=1.5)
    told = [names[other] for other in near]
    return told, [name + " (ring)" * (other in flat) for name, other in zip(told, near)]


def _nearest(vectors, row):
    """The five rows at the smallest distance from a row, itself left out."""
    order = np.argsort(np.linalg.norm(vectors - vectors[row], axis=1), kind="stable")
    return order[order != row][:5]


def sweep(summary: pd.DataFrame, lines: dict, marks: dict, runs=None) -> Picture:
    """Lesson 06: validation loss by dimension, with a band, on a logarithmic axis.

    Args:
        summary: Indexed by dimension, with `mean` and `error` (half the band's height),
            in one or several pairs: a frame with these columns for each curve's name as
            the first column level, or the two columns alone.
        lines: Levels to draw across, by name, such as the noise floor.
        marks: Dimensions to mark on the axis, by name, such as what a rule says.
        runs: The single losses behind each mean, indexed by dimension, a column a run, under
            the curves' names if there are several: a dot each.
    """
    curves, single = _by_name(summary), {} if runs is None else _by_name(runs)
    dims = [summary.index[-1]]
    for dimension in summary.index[-2::-1]:  # each so far from the last that both can be read
        dims += [dimension] if dims[-1] / dimension > 1.12 else []
    ticks = {"xscale": "log", "xticks": dims, "xticklabels": dims}
    return still("sweep", draw_curves, curves, lines, marks, single, axes=[ticks])


def _by_name(table):
    """The parts of a frame by its first column level; one without a name where there is none."""
    table = table if table.columns.nlevels > 1 else pd.concat({"": table}, axis=1)
    return {name: table[name].dropna(how="all") for name in table.columns.unique(0)}


def draw_curves(axes, curves: dict, lines: dict, marks: dict, runs=()) -> dict:
    """Loss by dimension, in curves with bands; levels drawn across, and dimensions marked.

    Args:
        curves: Frames with `mean` and `error`, by name.
        lines, marks: The levels and the dimensions by name.
        runs: By name, the single losses behind a curve, a column a run: a dot each.
    """
    axes.set(xlabel="embedding dimension of readers and books", ylabel="log loss")
    axes.margins(y=0.12)
    seen = pd.concat([curve["mean"] for curve in curves.values()])
    for name, loss in lines.items():
        axes.axhline(loss, color=GREY, ls=":")
        va, gap = ("top", -7) if loss < seen.min() else ("bottom", 5)  # where no curve is
        place = offset_copy(axes.transData, axes.figure, y=gap, units="points")
        write(axes, seen.index.min(), loss, f"{name} {loss:.3f}", GREY, va=va, transform=place)
    _mark(axes, marks)
    names, lowest = {}, []
    for (name, curve), marker, color in zip(curves.items(), MARKERS, COLORS):
        mean, error = curve["mean"], curve["error"]
        if name in runs:
            axes.plot(runs[name], marker, c=color, ms=7, alpha=0.6, mew=0)
        axes.fill_between(mean.index, mean - error, mean + error, color=color, alpha=0.25, lw=0)
        axes.plot(mean, "-" if name in runs else f"-{marker}", c=color, gid=HAUNTS)
        names[f"{SIGNS[marker]} {name}" if name else ""] = mean.iloc[-1]
        lowest.append(f"{name}: lowest at {mean.idxmin()}, {mean.min():.3f}".removeprefix(": "))
    names_beside(axes, names, COLORS)
    return {"lowest": "; ".join(lowest)}


def _mark(axes, marks):
    """Lines with their names at the left of their upper ends, the rightmost the highest."""
    style = {"color": PURPLE, "transform": axes.get_xaxis_transform()}
    for rank, (name, dimension) in enumerate(sorted(marks.items(), key=lambda mark: -mark[1])):
        height = 0.86 - 0.09 * rank  # so that no line runs through another's name
        axes.plot([dimension, dimension], [0.45, height], "--", lw=1.5, **style)
        write(axes, dimension, height, f"{name} = {dimension}  ", ha="right", va="top", **style)


def spectrum(table: pd.DataFrame, most: int = 12) -> Picture:
    """Lesson 06: the share of variance by direction, beside that of noise.

    Args:
        table: What `inspection.spectrum` returns.
        most: How many directions to show.
    """
    height = 115 * table[["share", "untrained"]].to_numpy().max()
    given = table, min(most, len(table)), "untrained table"
    return still("spectrum", draw_spectrum, *given, axes=[{"ylim": (0, height)}])


def draw_spectrum(axes, table: pd.DataFrame, most: int, noise: str) -> dict:
    """The shares of `inspection.spectrum`, in percent, and those of noise, by that name."""
    shown = 100 * table[["share", "untrained"]].head(most)
    axes.set_ylabel("share of the variance, %")
    draw_directions(axes, shown["share"], table["stands_out"], most, over=shown["untrained"])
    axes.plot(shown["untrained"], "o--", color=RED, lw=1.5, ms=5)
    height = min(shown["untrained"].iloc[-1], 50) + 0.08 * axes.get_ylim()[1]
    write(axes, most + 0.5, height, noise, RED, ha="right", va="bottom")
    return {"count": table["stands_out"].sum(), "first": table.iloc[0]}


def draw_directions(axes, sizes: pd.Series, counts, most: int, digits=0, over=0) -> None:
    """A bar for each of the first directions, by number from 1; dark where it counts.

    Args:
        over: Heights of a curve that the bars' numbers stand above, too.
    """
    axes.set(xlim=(0.3, most + 0.7), xticks=range(1, most + 1, 1 + most // 13))
    axes.set_xlabel("direction, strongest first")
    shown, style = sizes.head(most), {"ha": "center", "va": "bottom", "fontsize": 12}
    axes.bar(shown.index, shown, color=np.where(counts[:most], BLUE, SKY))
    heights = np.maximum(shown, over) + 0.01 * shown.max()
    for direction, size in shown[shown > 0].items():
        axes.text(direction, heights[direction], f"{size:.{digits}f}", **style)


def dial(curve, strengths, dimension: int, floor=None, truth=None) -> Picture:
    """Lesson 07: held-back loss over the dimension, and the directions that a cut keeps.

    Args:
        curve: What `losses_by_dimension` returns.
        strengths: What each direction adds to the scores, a Series by direction from 1.
        dimension: Where the dial stands.
        floor, truth: The noise floor and the true dimension, where they are known.
    """
    lines = {} if floor is None else {"noise floor": floor}
    return still("dial", draw_dial, curve, strengths, lines, dimension, truth)


def draw_dial(left, right, curve, strengths, lines: dict, dimension: int, truth=None) -> dict:
    """One training's loss at every dimension it can be cut to, and the directions that it keeps.

    Args:
        lines: Levels to draw across, by name.
    """
    mean, widest = curve["loss"], curve.index[-1]
    draw_directions(right, strengths, strengths.index <= dimension, min(widest, 10), digits=1)
    in_corner(right, f"{dimension} of {len(strengths)} kept")
    right.set_ylabel("strength in the scores")
    left.set(xlim=(-0.5, widest + 0.5), xticks=range(0, widest + 1, 2))
    if truth is not None:
        left.axvline(truth, color=PURPLE, ls="--", lw=1.5)
        in_corner(left, f"truth: {truth}", PURPLE)
    draw_curves(left, {"": curve.rename(columns={"loss": "mean"})}, lines, {})
    left.set(xlabel="dimension", ylabel="held-back log loss")
    loss = mean[dimension]
    _ring(left, (dimension, loss), f"dimension {dimension}: {loss:.3f}", curve[["loss"]])
    first = ", ".join(f"{strength:.1f}" for strength in strengths[:5])
    told = {"loss": loss, "lowest": mean.min(), "best": mean.idxmin(), "strengths": first}
    return {**told, "dimension": dimension, "lines": lines}


def in_corner(axes, words, color=BLACK, x=0.98, y=1, **style) -> None:
    """Words inside the axes, in the upper right corner if not told otherwise."""
    style = {"ha": "right", "va": "top", "transform": axes.transAxes, **style}
    write(axes, x, y, words, color, **style)
