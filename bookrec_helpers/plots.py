"""Every picture of the course, once: a function draws it still, a class lets a lab move it.

A class makes its artists on axes; its `show` puts data into them, as often as there is new
data. What stands still meanwhile (axes, ticks) is drawn once.
"""

import io

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from bookrec_helpers.labels import SIGNS, names_beside, place_labels, stack_labels, write

SIZE = (9.6, 4.2)  # inches; shown at 100 pixels an inch, drawn at DPI
DPI = 120
# Okabe and Ito's colors can be told apart by color-blind readers; the marker says it again.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
)  # fmt: skip
COLORS = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE, BLACK)
MARKERS = tuple(SIGNS)
GREY, PALE = "#666666", "#BBBBBB"
REACHES = (1.6, 2.4, 3.4, 4.4, 5.4, 8, 12, 18, 27, 40)  # of a map from its middle
TOPS = (0.9, 1.2, 1.8, 2.7, 4, 6, 9, 14)  # of axes of losses
FLAT = 0.8  # a map's height for its width
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
        moving: The artists that change; all others are drawn once for the limits of the axes.
    """

    def __init__(self, alt: str = "", size: tuple[float, float] = SIZE):
        super().__init__(figsize=size, dpi=DPI, facecolor="white", layout="constrained")
        FigureCanvasAgg(self)
        self.alt, self.moving, self._ghosts = alt, [], {}
        self._still, self._limits = {}, []

    def png(self, density: int = 1) -> bytes:
        """The picture as PNG, quickly rather than tightly packed.

        Args:
            density: Pixels for each of a still picture's pixels, along each side.
        """
        with rc_context(STYLE):
            self.lay_out()
            if self.dpi != density * DPI:
                self.dpi = density * DPI
            limits = [(*axes.get_xlim(), *axes.get_ylim()) for axes in self.axes]
            if limits != self._limits:
                self._still, self._limits = {}, limits
            if density not in self._still:
                self._draw_still_parts(density)
            self.canvas.restore_region(self._still[density])
            for artist in self.moving:
                self.draw_artist(artist)
        buffer = io.BytesIO()
        pixels = Image.fromarray(np.asarray(self.canvas.buffer_rgba())).convert("RGB")
        pixels.save(buffer, "png", compress_level=1)
        self.dpi = DPI  # in which labels are placed
        return buffer.getvalue()

    def lay_out(self) -> None:
        """Gives axes and words their room, the first time; it stays theirs."""
        if self.get_layout_engine() is not None:
            with rc_context(STYLE):
                self.canvas.draw()
            self.set_layout_engine("none")

    def _draw_still_parts(self, density):
        for artist in self.moving:
            artist.set_animated(True)
        self.canvas.draw()
        self._still[density] = self.canvas.copy_from_bbox(self.bbox)

    def haunted(self, line):
        """Gives a curve a pale ghost, which `leave_ghosts` brings to where it is; returns it."""
        ghost = line.axes.plot([], [], color=line.get_color(), alpha=0.3)[0]
        self._ghosts[line] = ghost
        self.moving.insert(0, ghost)  # under all that moves
        return line

    def leave_ghosts(self, none: bool = False) -> None:
        """Leaves the ghosts where the curves are now, or none at all."""
        for line, ghost in self._ghosts.items():
            ghost.set_data(([], []) if none else line.get_data())

    def bundle(self) -> tuple[dict, dict]:
        """What a notebook stores of it: data and metadata by mime type."""
        width, height = (round(100 * inches) for inches in self.get_size_inches())
        size = {"width": width, "height": height, "alt": self.alt}
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": size}

    def _repr_mimebundle_(self, **kwargs):
        return self.bundle()


def blank(*shape, **options):
    """A picture and its axes, one or several as in `Figure.subplots`."""
    picture = Picture()
    with rc_context(STYLE):
        return picture, picture.subplots(*shape, **options)


@rc_context(STYLE)
def one_hot_and_embedding(one_hot: pd.DataFrame, embedding: pd.DataFrame) -> Picture:
    """Lesson 01: two tables side by side, each number in its cell.

    Args:
        one_hot: One row and one column a category.
        embedding: One row a category, one column a dimension.
    """
    picture, axes = blank(1, 2, width_ratios=[one_hot.shape[1], embedding.shape[1]])
    for ax, table, name in zip(axes, (one_hot, embedding), ("one-hot", "embedding")):
        _number_table(ax, table, name)
    picture.alt = (
        f"Left: {len(one_hot)} one-hot vectors with {one_hot.shape[1]} numbers each, a single 1 "
        f"in every row. Right: the same categories with {embedding.shape[1]} numbers each."
    )
    return picture


def _number_table(ax, table: pd.DataFrame, name: str) -> None:
    """A table as shaded cells with their numbers, readable from the back row."""
    ax.imshow(table.abs(), cmap="Blues", vmin=0, vmax=1.2, aspect="auto")
    for (row, column), value in np.ndenumerate(table.to_numpy()):
        color = "white" if abs(value) > 0.7 else BLACK
        ax.text(column, row, f"{value:g}", ha="center", va="center", color=color, fontsize=16)
    ax.set_xticks(range(table.shape[1]), table.columns)
    ax.set_yticks(range(len(table)), table.index)
    ax.set_xlabel(f"{name}: {table.shape[1]} numbers")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


class Rules:
    """Rules of thumb over the number of categories, and what each gives where you stand."""

    def __init__(self, axes, curves: pd.DataFrame):
        axes.set(xscale="log", yscale="log", xlim=(1, curves.index[-1]))
        axes.set(xlabel="number of categories n", ylabel="embedding dimension")
        looks = list(zip(curves, COLORS, MARKERS, ("-", "--", "-.", ":")))
        self.here = axes.axvline(1, color=GREY, lw=1, ls=":")
        self.curves = [
            axes.plot(curves.index, curves[name], ls, c=c)[0] for name, c, _, ls in looks
        ]
        self.points = [axes.plot([], [], m, c=c, ms=11, clip_on=False)[0] for _, c, m, _ in looks]
        self.names = names_beside(axes, COLORS[: len(looks)])
        axes.figure.moving += [self.here, *self.curves, *self.points, *self.names]

    def show(self, n, dimensions: dict[str, int], costs=None) -> None:
        """Puts the points at n; `costs` are words to add to the names."""
        self.here.set_xdata([n, n])
        for point, dimension in zip(self.points, dimensions.values()):
            point.set_data([n], [dimension])
        rows = zip(self.names, dimensions.items(), MARKERS, costs or [""] * len(dimensions))
        for label, (name, dimension), marker, cost in rows:
            label.set_text(f"{SIGNS[marker]} {name} = {dimension}{cost}")
        self.here.figure.lay_out()
        stack_labels(self.names, list(dimensions.values()))


@rc_context(STYLE)
def rules(curves: pd.DataFrame) -> Picture:
    """Lesson 02: rules of thumb over the number of categories.

    Args:
        curves: Indexed by the number of categories, one column a rule.
    """
    picture, ax = blank()
    last = curves.iloc[-1].to_dict()
    Rules(ax, curves).show(curves.index[-1], last)
    ends = ", ".join(f"{name} ends at {dimension}" for name, dimension in last.items())
    picture.alt = (
        f"Dimension by {curves.shape[1]} rules for 1 to {curves.index[-1]:,} categories; {ends}."
    )
    return picture


class Bars:
    """A bar from the left for each name, the first on top, and words at its end."""

    def __init__(self, axes, names, colors, **style):
        self.left = axes.get_xlim()[0]
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        style = {"lw": 22, "solid_capstyle": "butt", **style}
        self.lines = [axes.plot([], [], c=color, **style)[0] for color in colors]
        self.words = [axes.text(self.left, y, "", va="center") for y in range(len(names))]
        axes.figure.moving += [*self.lines, *self.words]

    def show(self, sizes, words) -> None:
        for y, (line, text, size, word) in enumerate(zip(self.lines, self.words, sizes, words)):
            line.set_data([self.left, size], [y, y])
            text.set(x=size, text=f"   {word}")


@rc_context(STYLE)
def parameters(layers: pd.DataFrame) -> Picture:
    """Lesson 03: where the parameters are.

    Args:
        layers: Parameters; one row a layer, one column a model.
    """
    shares = layers / layers.sum()
    picture, axes = blank(1, layers.shape[1], sharey=True, squeeze=False)
    for ax, name in zip(axes[0], layers):
        ax.set(xlim=(0, 1.3), xticks=[0, 0.5, 1], xticklabels=["0", "50 %", "100 %"])
        ax.set_xlabel(f"{name}\nshare of {layers[name].sum():,} parameters")
        bars = Bars(ax, list(layers.index), [BLUE] * len(layers))
        bars.show(shares[name], [f"{count:,}" for count in layers[name]])
    most = (f"{name}: most in {s.idxmax()}, {s.max():.0%}." for name, s in shares.items())
    picture.alt = f"Share of the parameters by layer. {' '.join(most)}"
    return picture


class Losses:
    """Training and validation loss by epoch, the noise floor, and the best epoch marked.

    Args:
        fixed: Whether the axes keep their height until a curve needs more; else it is the curves'.
    """

    def __init__(self, axes, epochs: int, fixed: bool = False):
        axes.set(xlabel="epoch", ylabel="log loss", xlim=(0.5, epochs + 0.5))
        axes.xaxis.get_major_locator().set_params(integer=True)
        looks = ((BLUE, "--s", 6), (RED, "-o", 7), (GREY, ":", 0))
        self.axes, self.fixed, self.picture = axes, fixed, axes.figure
        self.curves = [
            axes.plot([], [], look, c=color, ms=size, markevery=[-1])[0]
            for color, look, size in looks
        ]
        self.picture.moving += [self.curves[2], *map(self.picture.haunted, self.curves[:2])]
        self.names = names_beside(axes, (BLUE, RED, GREY))
        self.best = axes.plot([], [], "o", color=RED, ms=14, mfc="none")[0]
        self.words = write(axes, 1, 1, "", RED)
        self.picture.moving += [self.best, *self.names, self.words]

    def show(self, frame: pd.DataFrame, floor: float | None = None) -> str:
        """Draws a history's losses; returns what they say."""
        train, validation = frame["train_loss"], frame["validation_loss"]
        best, lowest = int(validation.idxmin()), validation.min()
        curves = {"training": train, "validation": validation}
        if floor is not None:
            curves["noise floor"] = train * 0 + floor
        for line, label, (name, curve) in zip(self.curves, self.names, curves.items()):
            line.set_data(curve.index, curve)
            label.set_text(f"{name} {curve.iloc[-1]:.3f}")
        seen = pd.concat(curves.values())
        self._set_limits(seen.min(), seen.max())
        self.best.set_data([best], [lowest])
        self.words.set(text=f"best: epoch {best}, {lowest:.3f}", position=(best, lowest))
        self.picture.lay_out()
        stack_labels(self.names[: len(curves)], [curve.iloc[-1] for curve in curves.values()])
        passed = np.concatenate([_way(line) for line in self.curves])
        place_labels([self.words], [(best, lowest)], passed)
        return (
            f"training loss falls to {train.iloc[-1]:.3f}; validation loss is lowest, "
            f"{lowest:.3f}, at epoch {best} and ends at {validation.iloc[-1]:.3f}"
        )

    def _set_limits(self, lowest, highest):
        limits = (
            0.2 if lowest > 0.2 else 0,
            next((top for top in TOPS if top >= highest), highest),
        )
        if not self.fixed:
            self.axes.relim()
            self.axes.autoscale_view(scalex=False)
        else:
            self.axes.set_ylim(*limits)


def _way(line):
    """Points along a curve, close enough that no label lies between two of them."""
    points = line.get_xydata()
    steps = np.linspace(points[:-1], points[1:], 8).reshape(-1, 2)
    return steps if len(steps) else points


@rc_context(STYLE)
def losses(frame: pd.DataFrame, floor: float | None = None) -> Picture:
    """Lesson 04: training and validation loss, the best epoch marked.

    Args:
        frame: `History.frame` with `train_loss` and `validation_loss`.
        floor: The noise floor, drawn where given.
    """
    picture, ax = blank()
    told = Losses(ax, frame.index[-1]).show(frame, floor)
    picture.alt = f"Over {len(frame)} epochs {told}."
    return picture


@rc_context(STYLE)
def journeys(tables: dict[str, tuple], names: list[str]) -> Picture:
    """Lesson 05: where each vector started and where it ended.

    Args:
        tables: For each panel its name and the tables before and after, arrays of shape
            `(rows, dimension)`; both are drawn on the two main directions of the second.
        names: The rows' names.
    """
    from sklearn.decomposition import PCA  # slow to import, and only this picture needs it

    picture, axes = blank(1, len(tables), squeeze=False)
    written = []
    for ax, (name, (before, after)) in zip(axes[0], tables.items()):
        pca = PCA(n_components=2).fit(after)
        starts, ends = pca.transform(before), pca.transform(after)
        for start, end in zip(starts, ends):
            ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 2, "color": BLUE})
        ax.plot(*starts.T, "o", color=GREY, markersize=6)
        ax.plot(*ends.T, "o", color=BLUE)
        ax.margins(0.2)
        ax.set_aspect("equal", adjustable="datalim")
        ax.set(xlabel=name, xticks=[], yticks=[])
        labels = [write(ax, *end, row, BLUE, weight="bold") for row, end in zip(names, ends)]
        written.append((labels, ends, np.concatenate(np.linspace(starts, ends, 9))))
    picture.lay_out()
    for labels, ends, on_the_way in written:
        place_labels(labels, ends, on_the_way)
    picture.alt = (
        f"Arrows from start to end for {len(names)} vectors in {len(tables)} panels: "
        f"{', '.join(tables)}."
    )
    return picture


class Map:
    """Vectors on two directions: a color and a marker a genre, and names beside them.

    Args:
        genre_of: The genre of each point, in their order, with the rows' names as its index.
        named: Whose own names stand beside them, for small tables; else the genres' do.
        only: Genres to color; the other points are gray.
    """

    def __init__(self, axes, genre_of: pd.Series, named=(), only=None):
        axes.set_aspect("equal", adjustable="datalim")  # a distance is one in any direction
        axes.margins(0.15)
        self.axes, self.picture = axes, axes.figure
        genres = genre_of.dropna().unique() if only is None else only
        self.genres = list(genres)[: len(MARKERS)]  # more cannot be told apart
        self.trails = [axes.plot([], [], color=GREY, lw=1.5)[0] for _ in named]
        gray = np.flatnonzero(~genre_of.isin(self.genres))
        self.dots = [(axes.plot([], [], ".", color=PALE)[0], gray)]
        self.labels, self.named = [], [genre_of.index.get_loc(row) for row in named]
        colors = dict(zip(self.genres, COLORS * 2))
        for genre, marker in zip(self.genres, MARKERS):
            rows = np.flatnonzero(genre_of == genre)
            self.dots.append((axes.plot([], [], marker, color=colors[genre])[0], rows))
            if not self.named:
                self._label(f"{SIGNS[marker]} {genre}", colors[genre], rows)
        for row, genre in zip(named, genre_of.iloc[self.named]):
            name = f"{row} {genre}" if pd.notna(genre) else f"{row}"
            self._label(name, colors.get(genre, GREY), [genre_of.index.get_loc(row)])
        below = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "center"}
        self.across = axes.annotate("", (0.5, 0), (0, -28), va="top", **below)
        self.up = axes.annotate("", (0, 0.5), (-48, 0), va="center", rotation=90, **below)
        self.rays = axes.plot([], [], color=BLACK, lw=1.5)[0]
        self.rings = axes.plot([], [], "o", color=BLACK, mfc="none", ms=15, mew=1.5)[0]
        moving = [*self.trails, *(artist for artist, _ in self.dots)]
        words = [*(text for text, _ in self.labels), self.across, self.up]
        self.picture.moving += [*moving, self.rays, self.rings, *words]

    def _label(self, name, color, rows):
        self.labels.append((write(self.axes, 0, 0, name, color, weight="bold"), rows))

    def hold(self, reach) -> None:
        """Fixes limits that hold points as far out as this, (x, y), from a few sizes."""
        across = next(size for size in REACHES if size >= max(reach[0], reach[1] / FLAT))
        self.axes.set(aspect="auto", box_aspect=FLAT)
        self.axes.set(xlim=(-across, across), ylim=(-across * FLAT, across * FLAT))

    def point_out(self, points, row=None, near=(), flat=()) -> None:
        """Draws rays from a row to those near it in all dimensions, and rings around the `flat`."""
        ends = points[[end for other in near for end in (row, other)]] if row is not None else []
        self.rays.set_data(*np.reshape(ends, (-1, 2)).T)
        self.rings.set_data(*points[list(flat)].T if len(flat) else ([], []))

    def show(self, points, shares, way=None) -> None:
        """Draws points of shape `(rows, 2)`, and the named ones' way there, `(steps, rows, 2)`."""
        for dots, rows in self.dots:
            dots.set_data(*points[rows].T)
        way = points[None] if way is None else way
        for trail, row in zip(self.trails, self.named):
            trail.set_data(*way[:, row].T)
        self.across.set_text(f"first direction: {shares[0]:.0%} of the variance")
        self.up.set_text(f"second: {shares[1]:.0%}")
        self.axes.relim()
        self.axes.autoscale_view()
        self.picture.lay_out()
        anchors = [points[rows].mean(axis=0) for _, rows in self.labels]
        place_labels(
            [text for text, _ in self.labels], anchors, way.reshape(-1, 2) if self.named else points
        )


@rc_context(STYLE)
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
    for option, names, known in (
        ("named", named, rows),
        ("only", [] if only is None else only, set(genre_of)),
    ):
        for name in names:
            if name not in known:
                raise ValueError(f"{option}: there is no {name!r} on this map.")
    picture, ax = blank()
    drawn = Map(ax, genre_of, named, only)
    drawn.show(flat.points.to_numpy(), flat.shares)
    gray = (~genre_of.isin(drawn.genres)).sum()
    picture.alt = (
        f"A flat map of {len(rows)} vectors that keeps {sum(flat.shares):.0%} of their "
        f"variance; colors and markers show {', '.join(map(str, drawn.genres))}"
        f"{f'; {gray} others are gray' if gray else ''}."
    )
    return picture


def _genre_of_each(rows, genre_of):
    """The genre of each row, once; raises where it is not told, or told twice."""
    missing = [row for row in rows if row not in genre_of.index]
    if missing:
        raise ValueError(
            f"genre_of has no row for {missing[0]!r} ({len(missing)} of {len(rows)} are missing). "
            "genre_of.reindex(flat.points.index) leaves them without a genre, in gray."
        )
    genre_of = genre_of[genre_of.index.isin(rows)]
    twice = genre_of.index[genre_of.index.duplicated()]
    if len(twice):
        raise ValueError(
            f"genre_of has more than one row for {twice[0]!r}. Keep one a name, such as "
            "genre_of[~genre_of.index.duplicated()]."
        )
    return genre_of.loc[rows]


class Curves:
    """Loss by dimension, in curves with bands; levels drawn across, and dimensions marked.

    Args:
        names: The curves' names.
        lines: The levels' names.
        marks: The marks' names.
        log: Whether the axis of the dimensions is logarithmic.
    """

    def __init__(self, axes, names, lines=(), marks=(), log=True):
        axes.set(xlabel="embedding dimension of readers and books", ylabel="log loss")
        axes.set_xscale("log" if log else "linear")
        axes.margins(y=0.12)
        self.axes, self.picture = axes, axes.figure
        looks = list(zip(names, MARKERS, COLORS))
        self.dots = [axes.plot([], [], m, c=c, ms=7, alpha=0.6, mew=0)[0] for _, m, c in looks]
        style = {"alpha": 0.25, "linewidth": 0}
        self.bands = [axes.fill_between([], [], [], color=c, **style) for c in COLORS[: len(names)]]
        self.curves = [
            self.picture.haunted(axes.plot([], [], marker=m, color=c)[0]) for _, m, c in looks
        ]
        self.names = names_beside(axes, COLORS[: len(names)])
        self.lines = [axes.axhline(np.nan, color=GREY, ls=":") for _ in lines]
        self.levels = [write(axes, 0, 0, name, GREY, va="bottom") for name in lines]
        self.marks = [axes.plot([], [], "--", color=PURPLE, lw=1.5)[0] for _ in marks]
        self.marked = [write(axes, 0, 0, name, PURPLE, ha="right", va="top") for name in marks]
        for artist in (*self.marks, *self.marked):
            artist.set_transform(axes.get_xaxis_transform())
        self.dial = axes.plot([], [], "o", color=RED, ms=14, mfc="none")[0]
        self.told = write(axes, 0, 0, "", RED)
        words = (*self.names, *self.levels, *self.marked, self.told)
        lines = (*self.lines, *self.marks, *self.dots, *self.curves, self.dial)
        self.picture.moving += [*self.bands, *lines, *words]

    def show(self, curves: dict, lines: dict, marks: dict, runs=None, dial=None) -> None:
        """Draws curves (frames with `mean` and `error`), levels and dimensions, all by name.

        Args:
            runs: By name, the single losses behind a curve, a column a run: a dot each.
            dial: A dimension of the first curve to point at.
        """
        for dots, line, single in zip(self.dots, self.curves, (runs or {}).values()):
            line.set_markersize(0)  # the runs have the markers
            dots.set_data(np.repeat(single.index, single.shape[1]), single.to_numpy().ravel())
        for band, line, label, (name, curve) in zip(
            self.bands, self.curves, self.names, curves.items()
        ):
            mean, error = curve["mean"], curve["error"]
            band.set_data(curve.index, mean - error, mean + error)
            line.set_data(curve.index, mean)
            label.set_text(f"{SIGNS[line.get_marker()]} {name}" if name else "")
        for line, label, (name, level) in zip(self.lines, self.levels, lines.items()):
            line.set_ydata([level, level])
            label.set(x=min(map(min, (curve.index for curve in curves.values()))), y=level)
            label.set_text(f"{name} {level:.3f}")
        self._mark(marks)
        self.axes.relim()
        self.axes.autoscale_view()
        self.picture.lay_out()
        stack_labels(self.names, [curve["mean"].iloc[-1] for curve in curves.values()])
        if dial is not None:
            place = dial, next(iter(curves.values())).loc[dial, "mean"]
            self.dial.set_data([place[0]], [place[1]])
            self.told.set_text(f"dimension {dial}: {place[1]:.3f}")
            place_labels([self.told], [place], np.concatenate([_way(c) for c in self.curves]))

    def _mark(self, marks):
        """Lines with their names at the left of their upper ends, the rightmost the highest."""
        ranks = np.argsort(np.argsort([-dimension for dimension in marks.values()], kind="stable"))
        for line, label, rank, (name, dimension) in zip(
            self.marks, self.marked, ranks, marks.items()
        ):
            height = 0.86 - 0.09 * rank  # so that no line runs through another's name
            line.set_data([dimension, dimension], [0.45, height])
            label.set(x=dimension, y=height, text=f"{name} = {dimension}  ")


@rc_context(STYLE)
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
    picture, ax = blank()
    drawn = Curves(ax, curves, lines, marks)
    ax.set_xticks(summary.index, summary.index)
    ax.minorticks_off()
    drawn.show(curves, lines, marks, single)
    lowest = "; ".join(
        f"{name}{': ' if name else ''}lowest at {mean.idxmin()}, {mean.min():.3f}"
        for name, mean in ((name, curve["mean"]) for name, curve in curves.items())
    )
    picture.alt = f"Validation loss by embedding dimension: {lowest}."
    return picture


def _by_name(table):
    """The parts of a frame by its first column level; one without a name where there is none."""
    table = table if table.columns.nlevels > 1 else pd.concat({"": table}, axis=1)
    return {name: table[name].dropna(how="all") for name in table.columns.unique(0)}


class Directions:
    """Bars of the shares that a table's directions carry, or of strengths; dark where they count.

    Args:
        most: How many directions to show.
        noise: The name of what they are compared with.
        strengths: Whether the bars are strengths with one decimal, and not shares in percent.
    """

    def __init__(self, axes, most: int, noise: str = "untrained table", strengths: bool = False):
        axes.set(xlim=(0.3, most + 0.7), ylim=(0, 1), xticks=range(1, most + 1, 1 + most // 13))
        axes.set(xlabel="direction, strongest first", ylabel="share of the variance, %")
        if not strengths:
            axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:.0f}")
        self.axes, self.picture, self.strengths = axes, axes.figure, strengths
        self.bars = list(axes.bar(range(1, most + 1), 0))
        style = {"ha": "center", "va": "bottom", "fontsize": 12}
        self.words = [write(axes, i, 0, "", BLACK, **style) for i in range(1, most + 1)]
        self.noise = axes.plot([], [], "o--", color=RED, lw=1.5, ms=5)[0]
        self.name = write(axes, most + 0.5, 0, noise, RED, ha="right", va="bottom")
        self.picture.moving += [*self.bars, self.noise, self.name, *self.words]

    def show(self, shares: pd.Series, counts: pd.Series, noise: pd.Series | None = None) -> None:
        """Draws shares by direction from 1; `counts` says which are dark."""
        for direction, (bar, word) in enumerate(zip(self.bars, self.words), 1):
            share = shares.get(direction, 0)
            bar.set(height=share, color=BLUE if counts.get(direction, False) else SKY)
            said = f"{share:.1f}" if self.strengths else f"{100 * share:.0f}"
            word.set(y=share, text=said if share else "")
        if noise is not None:
            noise = noise[: len(self.bars)]
            self.noise.set_data(noise.index, noise)
            self.name.set_y(min(noise.iloc[-1], 0.5) + 0.08 * self.axes.get_ylim()[1])


@rc_context(STYLE)
def spectrum(table: pd.DataFrame, most: int = 12) -> Picture:
    """Lesson 06: the share of variance by direction, beside that of noise.

    Args:
        table: What `inspection.spectrum` returns.
        most: How many directions to show.
    """
    shown = table.head(most)
    picture, ax = blank()
    drawn = Directions(ax, len(shown))
    ax.set_ylim(0, 1.15 * shown[["share", "untrained"]].to_numpy().max())
    drawn.show(shown["share"], shown["stands_out"], shown["untrained"])
    picture.alt = (
        f"Share of the variance by direction: {table['stands_out'].sum()} directions stand out of "
        f"the noise, from {shown['share'].iloc[0]:.0%} on; the largest share of an untrained table "
        f"is {shown['untrained'].iloc[0]:.0%}."
    )
    return picture


class Dial:
    """One training's loss at every dimension it can be cut to, and the directions that it keeps.

    Args:
        left, right: Axes for the loss and for the directions.
        widest: The largest dimension.
    """

    def __init__(self, left, right, widest: int):
        self.curve = Curves(left, [""], ["noise floor"], log=False)
        self.curve.levels[0].set_va("top")
        self.bars = Directions(right, min(widest, 10), "", strengths=True)
        left.set(xlim=(-0.5, widest + 0.5), ylim=(0.2, 0.9), xticks=range(0, widest + 1, 2))
        left.set(xlabel="dimension", ylabel="held-back log loss")
        right.set(ylim=(0, 4), ylabel="strength in the scores")
        self.truth = left.plot([], [], "--", color=PURPLE, lw=1.5)[0]
        self.truth.set_transform(left.get_xaxis_transform())
        style = {"ha": "right", "va": "top"}
        self.named = write(left, 0.98, 1, "", PURPLE, transform=left.transAxes, **style)
        self.kept = write(right, 0.98, 1, "", BLACK, transform=right.transAxes, **style)
        left.figure.moving += [self.truth, self.named, self.kept]

    def show(self, curve, strengths, dimension: int, floor=None, truth=None) -> str:
        """Points the dial at a dimension; returns what the picture says.

        Args:
            curve: What `losses_by_dimension` returns.
            strengths: What each direction adds to the scores, a Series by direction from 1.
            floor, truth: The noise floor and the true dimension, where they are known.
        """
        loss, lines = curve["loss"], {} if floor is None else {"noise floor": floor}
        self.curve.show({"": curve.rename(columns={"loss": "mean"})}, lines, {}, dial=dimension)
        self.truth.set_data(([], []) if truth is None else ([truth, truth], [0, 1]))
        self.named.set_text("" if truth is None else f"truth: {truth}")
        self.kept.set_text(f"{dimension} of {len(strengths)} kept")
        self.bars.show(strengths, strengths.index.to_series() <= dimension)
        first = ", ".join(f"{strength:.1f}" for strength in strengths[:5])
        return (
            f"at dimension {dimension} the held-back loss is {loss[dimension]:.3f}; it is lowest, "
            f"{loss.min():.3f}, at {loss.idxmin()}; the strongest directions add {first}"
        )


@rc_context(STYLE)
def dial(curve, strengths, dimension: int, floor=None, truth=None) -> Picture:
    """Lesson 07: held-back loss over the dimension, and the directions; see `Dial.show`."""
    picture, axes = blank(1, 2, width_ratios=(6, 5))
    told = Dial(*axes, curve.index[-1]).show(curve, strengths, dimension, floor, truth)
    picture.alt = f"{told[0].upper()}{told[1:]}."
    return picture
