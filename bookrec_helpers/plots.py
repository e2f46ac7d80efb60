"""Every picture of the course: one function a picture, from data frames to a figure."""

import io

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke

SIZE = (9.6, 4.2)  # inches; shown at 100 pixels an inch, drawn at DPI
DPI = 120
# Okabe and Ito's colors can be told apart by color-blind readers; the marker says it again.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
)  # fmt: skip
COLORS = (BLUE, ORANGE, GREEN, RED, SKY, PURPLE, BLACK)
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "p", "h")
GREY = "#666666"
LINE = 31  # pixels from one line of text to the next
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
POINTS_ABOVE = {"textcoords": "offset points", "ha": "center", "va": "bottom"}


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


def one_hot_and_embedding(one_hot: pd.DataFrame, embedding: pd.DataFrame) -> Picture:
    """Lesson 01: two tables side by side, each number in its cell.

    Args:
        one_hot: One row and one column a category.
        embedding: One row a category, one column a dimension.
    """
    picture = Picture(
        f"Left: {len(one_hot)} one-hot vectors with {one_hot.shape[1]} numbers each, a single 1 "
        f"in every row. Right: the same categories with {embedding.shape[1]} numbers each."
    )
    with rc_context(STYLE):
        axes = picture.subplots(1, 2, width_ratios=[one_hot.shape[1], embedding.shape[1]])
        for ax, table, name in zip(axes, (one_hot, embedding), ("one-hot", "embedding")):
            _number_table(ax, table, name)
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


def rules(curves: pd.DataFrame) -> Picture:
    """Lesson 02: rules of thumb over the number of categories.

    Args:
        curves: Indexed by the number of categories, one column a rule.
    """
    last = curves.iloc[-1]
    picture = Picture(
        f"Dimension by {curves.shape[1]} rules for 1 to {curves.index[-1]:,} categories; "
        + ", ".join(f"{name} ends at {value}" for name, value in last.items())
        + "."
    )
    with rc_context(STYLE):
        ax = picture.subplots()
        for name, color, dash in zip(curves, COLORS, ("-", "--", "-.", ":")):
            ax.loglog(curves.index, curves[name], color=color, linestyle=dash)
        ax.set(xlabel="categories n", ylabel="embedding dimension", xlim=(1, curves.index[-1]))
        _name_ends(ax, dict(last), COLORS)
    return picture


def _name_ends(ax, heights: dict[str, float], colors) -> None:
    """Names curves where they end at the right edge of the axes."""
    style = {"transform": ax.transAxes, "va": "center"}
    names = [ax.text(1.02, 0, name, color=color, **style) for name, color in zip(heights, colors)]
    ax.figure.canvas.draw()  # lays out, so that pixels are known
    stack_labels(names, list(heights.values()))


def stack_labels(labels, heights) -> None:
    """Puts labels at these heights of the axes, pushed up where two would overlap.

    Args:
        labels: `Text` artists beside one axes, placed in the axes' own coordinates.
        heights: Where each belongs, in data units.
    """
    ax = labels[0].axes
    bottom, top = ax.bbox.intervaly
    heights = np.clip(heights, *ax.get_ylim())
    lowest = -np.inf
    for i in np.argsort(heights, kind="stable"):
        lowest = max(ax.transData.transform((1, heights[i]))[1], lowest)
        labels[i].set(y=(lowest - bottom) / (top - bottom), va="center")
        lowest += LINE


def parameters(layers: pd.DataFrame) -> Picture:
    """Lesson 03: where the parameters are.

    Args:
        layers: Parameters; one row a layer, one column a model.
    """
    shares = layers / layers.sum()
    picture = Picture(
        "Share of the parameters by layer. "
        + " ".join(
            f"{name}: most in {share.idxmax()}, {share.max():.0%}."
            for name, share in shares.items()
        )
    )
    with rc_context(STYLE):
        for ax, name in zip(picture.subplots(1, layers.shape[1], sharey=True), layers):
            ax.barh(layers.index[::-1], shares[name][::-1], color=BLUE)
            for y, (layer, count) in enumerate(layers[name][::-1].items()):
                ax.annotate(f" {count:,}", (shares.loc[layer, name], y), va="center")
            ax.set(xlim=(0, 1.25), xticks=[0, 0.5, 1], xticklabels=["0", "50 %", "100 %"])
            ax.set_xlabel(f"{name}\nshare of {layers[name].sum():,} parameters")
    return picture


def losses(frame: pd.DataFrame, floor: float | None = None) -> Picture:
    """Lesson 04: training and validation loss, the best epoch marked.

    Args:
        frame: `History.frame` with `train_loss` and `validation_loss`.
        floor: The noise floor, drawn where given.
    """
    best = int(frame["validation_loss"].idxmin())
    lowest = frame.loc[best, "validation_loss"]
    picture = Picture(
        f"Over {len(frame)} epochs training loss falls to {frame['train_loss'].iloc[-1]:.3f}; "
        f"validation loss is lowest, {lowest:.3f}, at epoch {best} and ends at "
        f"{frame['validation_loss'].iloc[-1]:.3f}."
    )
    with rc_context(STYLE):
        ax = picture.subplots()
        curves = {"training": frame["train_loss"], "validation": frame["validation_loss"]}
        for curve, color, dash in zip(curves.values(), (BLUE, RED), ("--", "-")):
            ax.plot(curve.index, curve, dash, color=color)
        ax.plot(best, lowest, "o", color=RED)
        ax.annotate(f"best: epoch {best}", (best, lowest), (0, 12), color=RED, **POINTS_ABOVE)
        if floor is not None:
            ax.axhline(floor, color=GREY, linestyle=":")
            ax.annotate("noise floor", (1, floor), (0, 6), color=GREY, textcoords="offset points")
        ax.set(xlabel="epoch", ylabel="log loss", xlim=(0.5, frame.index[-1] + 0.5))
        ends = {name: curve.iloc[-1] for name, curve in curves.items()}
        _name_ends(ax, ends, (BLUE, RED))
    return picture


def journeys(tables: dict[str, tuple], names: list[str]) -> Picture:
    """Lesson 05: where each vector started and where it ended.

    Args:
        tables: For each panel its name and the tables before and after, arrays of shape
            `(rows, dimension)`; both are drawn on the two main directions of the second.
        names: The rows' names.
    """
    from sklearn.decomposition import PCA  # slow to import, and only this picture needs it

    picture = Picture(
        f"Arrows from start to end for {len(names)} vectors in {len(tables)} panels: "
        + ", ".join(tables)
        + "."
    )
    with rc_context(STYLE):
        for ax, (name, (before, after)) in zip(picture.subplots(1, len(tables)), tables.items()):
            pca = PCA(n_components=2).fit(after)
            starts, ends = pca.transform(before), pca.transform(after)
            for start, end in zip(starts, ends):
                ax.annotate("", end, start, arrowprops={"arrowstyle": "->", "lw": 2, "color": BLUE})
            ax.plot(*starts.T, "o", color=GREY, markersize=6)
            ax.plot(*ends.T, "o", color=BLUE)
            ax.margins(0.2)
            ax.set_aspect("equal", adjustable="datalim")
            ax.set(xlabel=name, xticks=[], yticks=[])
            on_the_way = np.concatenate(np.linspace(starts, ends, 9))
            _write_beside(ax, dict(zip(names, ends)), [BLUE] * len(names), on_the_way)
    return picture


def embedding_map(flat, genre_of: pd.Series, named=(), only=None) -> Picture:
    """Lesson 05: a table flattened to two directions, a color and a marker a genre.

    Args:
        flat: What `project` returns.
        genre_of: The genre of each row.
        named: Whose own names are written beside them, for small tables.
        only: Genres to color; the other points are gray. All where not given.
    """
    points, genre_of = flat.points, genre_of.loc[flat.points.index]
    genres = list(genre_of.unique() if only is None else only)
    picture = Picture(
        f"A flat map of {len(points)} vectors that keeps {sum(flat.shares):.0%} of their "
        f"variance; colors and markers show {', '.join(map(str, genres))}."
    )
    with rc_context(STYLE):
        ax = picture.subplots()
        ax.plot(*points[~genre_of.isin(genres)].to_numpy().T, ".", color="#BBBBBB")
        for genre, color, marker in zip(genres, COLORS, MARKERS):
            ax.plot(*points[genre_of == genre].to_numpy().T, marker, color=color)
        ax.margins(0.15)
        ax.set_aspect("equal", adjustable="datalim")  # a distance is one in any direction
        name_axes(ax, flat.shares)
        anchors = {f"{row} {genre_of[row]}": points.loc[row] for row in named}
        anchors |= (
            {} if anchors else points.groupby(genre_of).mean().loc[genres].T.to_dict("series")
        )
        of_genre = dict(zip(genres, COLORS))
        colors = [of_genre[genre_of[row]] for row in named] or COLORS
        _write_beside(ax, anchors, colors, points.to_numpy())
    return picture


def _write_beside(ax, anchors: dict, colors, points) -> None:
    """Writes names beside their places, where they cover neither points nor one another."""
    halo = [Stroke(linewidth=3, foreground="white"), Normal()]
    labels = [
        ax.text(*place, name, color=color, fontweight="bold", path_effects=halo)
        for (name, place), color in zip(anchors.items(), colors)
    ]
    ax.figure.canvas.draw()  # lays out, so that sizes are known
    place_labels(labels, np.array(list(anchors.values())), points)


def name_axes(ax, shares) -> None:
    """Names the two axes of a map by the share of the variance that they carry."""
    ax.set_xlabel(f"first direction: {shares[0]:.0%} of the variance")
    ax.set_ylabel(f"second: {shares[1]:.0%}")


def sweep(summary: pd.DataFrame, lines: dict[str, float], marks: dict[str, int]) -> Picture:
    """Lesson 06: validation loss by dimension, with a band, on a logarithmic axis.

    Args:
        summary: Indexed by dimension, with `mean` and `error` (half the band's height),
            in one or several pairs: a frame with these columns for each curve's name as
            the first column level, or the two columns alone.
        lines: Levels to draw across, by name, such as the noise floor.
        marks: Dimensions to mark on the axis, by name, such as what a rule says.
    """
    curves = summary if summary.columns.nlevels > 1 else pd.concat({"": summary}, axis=1)
    names = list(curves.columns.unique(0))
    best = {name: curves[name]["mean"].idxmin() for name in names}
    picture = Picture(
        "Validation loss by embedding dimension: "
        + "; ".join(
            f"{name + ': ' if name else ''}lowest at {best[name]}, {curves[name]['mean'].min():.3f}"
            for name in names
        )
        + "."
    )
    with rc_context(STYLE):
        ax = picture.subplots()
        for name, color, marker in zip(names, COLORS, MARKERS):
            _band(ax, curves[name].dropna(), color, marker)
        for name, level in lines.items():
            ax.axhline(level, color=GREY, linestyle=":")
            ax.annotate(name, (1, level), (0, 5), color=GREY, textcoords="offset points")
        _marks(ax, marks)
        ax.set(xscale="log", xlabel="embedding dimension of readers and books", ylabel="log loss")
        ax.set_xticks(summary.index, summary.index)
        ax.minorticks_off()
        ax.margins(y=0.12)
        ends = {name: curves[name]["mean"].dropna().iloc[-1] for name in names}
        _name_ends(ax, ends, COLORS)
    return picture


def _band(ax, curve: pd.DataFrame, color: str, marker: str) -> None:
    """A curve with its band."""
    low, high = curve["mean"] - curve["error"], curve["mean"] + curve["error"]
    ax.fill_between(curve.index, low, high, color=color, alpha=0.25, linewidth=0)
    ax.plot(curve.index, curve["mean"], marker=marker, color=color)


def _marks(ax, marks: dict[str, int]) -> None:
    """Lines with their names at the left of their upper ends, the rightmost the highest."""
    halo = [Stroke(linewidth=4, foreground="white"), Normal()]
    for i, (name, dimension) in enumerate(sorted(marks.items(), key=lambda mark: -mark[1])):
        height = 0.86 - 0.09 * i  # so that no line runs through another's name
        ax.axvline(dimension, 0.45, height, color=PURPLE, linestyle="--", linewidth=1.5)
        ax.annotate(
            f"{name} = {dimension}",
            (dimension, height),
            xycoords=("data", "axes fraction"),
            xytext=(-6, 0),
            textcoords="offset points",
            ha="right",
            va="top",
            color="#8A3E6E",
            path_effects=halo,
        )


def spectrum(table: pd.DataFrame, most: int = 12) -> Picture:
    """Lesson 06: the share of variance by direction, beside that of noise.

    Args:
        table: What `inspection.spectrum` returns.
        most: How many directions to show.
    """
    shown = table.head(most)
    out = int(table["stands_out"].sum())
    picture = Picture(
        f"Share of the variance by direction: {out} directions stand out of the noise, from "
        f"{shown['share'].iloc[0]:.0%} on; the largest share of an untrained table is "
        f"{shown['untrained'].iloc[0]:.0%}."
    )
    with rc_context(STYLE):
        ax = picture.subplots()
        colors = [BLUE if stands else SKY for stands in shown["stands_out"]]
        ax.bar(shown.index, shown["share"], color=colors)
        ax.plot(shown.index, shown["untrained"], "o--", color=RED)
        end = (shown.index[-1], shown["untrained"].iloc[-1])
        ax.annotate(
            "untrained table", end, (0, 14), color=RED, ha="right", textcoords="offset points"
        )
        ax.set(xlabel="direction, strongest first", ylabel="share of the variance")
        ax.set_xticks(shown.index)
    return picture


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
