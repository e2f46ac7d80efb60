"""The labs of lessons 07 to 09: one training, turned, and cut to any dimension by a slider."""

import ipywidgets as widgets
import numpy as np

from bookrec_helpers import plots
from bookrec_helpers.labels import write
from bookrec_helpers.sliders.lab import ready_lab
from bookrec_helpers.sliders.slider import Slider

TRUTH, NARROW = 3, 8  # of lesson 08's libraries, and of what is tried on them
KNOWN = 100  # ratings from which a film is well known


def dial_lab(epochs=40):
    """Lesson 07: the loss at every dimension of one training, and the directions it keeps.

    The dimension only cuts; the true dimension, the rows and the penalty train anew.
    """
    from bookrec_helpers.sliders.trained import planted, train_wide

    picture, axes = plots.blank_dial()

    def compute(taste_dimension, rows, l2):
        library = planted(rows=rows, taste_dim=taste_dimension)
        return *train_wide(library, l2, epochs), library.floor

    def draw(result, dimension, taste_dimension, **_):
        _, curve, strengths, floor = result
        lines = {"noise floor": floor}
        told = plots.draw_dial(*axes, curve, strengths, dimension, lines, taste_dimension)
        return {**told, "floor": floor}

    return ready_lab("dial_lab", compute, draw, picture)


def shelf_lab():
    """Lesson 08: what few rows, many readers or many books do to the dial's answer.

    The library has biases and a taste of three dimensions; there are as many books as the
    rows need to fill the share of all pairs.
    """
    from bookrec_helpers.choosing import choose_dimension
    from bookrec_helpers.library import planted_library

    picture, axes = plots.blank()
    axes.set(xlim=(-1.4, NARROW + 0.3), ylim=(0.4, 0.9), xticks=range(NARROW + 1))

    def compute(rows, readers, share):
        books = round(100 * rows / readers / share)
        sizes = readers, books, min(8, books), rows
        library = planted_library(*sizes, TRUTH, generosity=1, popularity=1)
        return choose_dimension(library.data, NARROW, splits=1, l2=[0.02]), books

    def draw(result, rows, readers, share):
        choice, books = result
        curve = choice.frame.rename(columns={"loss": "mean"})
        biases, best = curve["mean"][0], curve["mean"].min()
        marks = {"truth": TRUTH, "the dial": choice.dimension}
        plots.draw_curves(axes, {"": curve}, {"biases alone": biases}, marks)
        doubts = "".join(f" {doubt}" for doubt in choice.warnings)
        told = {"choice": choice, "books": books, "doubts": doubts}
        return {**told, "each": rows / readers, "gain": biases - best}

    return ready_lab("shelf_lab", compute, draw, picture)


def real_dial_lab():
    """Lesson 09: the dial on real ratings; the penalty trains anew, the dial only cuts."""
    from bookrec_helpers.sliders.trained import factorized

    picture, axes = plots.blank_dial(0.535, 0.635, 1)

    def draw(result, dimension, **_):
        _, curve, strengths = result
        biases = curve["loss"][0]
        told = plots.draw_dial(*axes, curve, strengths, dimension, {"biases alone": biases})
        return {**told, "biases": biases}

    return ready_lab("real_dial_lab", factorized, draw, picture)


def film_lab():
    """Lesson 09: a film's neighbors in all directions, and those that a flat map shows."""
    from bookrec_helpers.factorization import cut
    from bookrec_helpers.inspection import embedding_table, project
    from bookrec_helpers.sliders.trained import factorized, films

    encoding = films().encoding
    votes = encoding.frame["BookID"].value_counts()
    known = encoding.categories["BookID"][votes[votes >= KNOWN].index]
    picture, (axes, right) = plots.blank(1, 2, width_ratios=(6, 5))
    axes.locator_params(nbins=4)
    right.set_axis_off()

    def draw(trained, film, dimension):
        vectors = embedding_table(cut(trained[0], dimension), "book", encoding).loc[known]
        flat, row = project(vectors), known.get_loc(film)
        points = flat.points.to_numpy()
        shown = {"only": [], "reach": np.abs(points).max(axis=0)}
        plots.draw_map(axes, points, flat.shares, known.to_series(), **shown)
        near, ringed = plots.point_out(axes, vectors.to_numpy(), points, row, known)
        told = [f"{film}, {votes.iloc[row]} ratings", "nearest to it:", *(n[:44] for n in ringed)]
        style = {"fontsize": 13, "va": "top", "transform": right.transAxes}
        write(right, 0, 1, "\n".join(told), plots.BLACK, **style)
        both = sum(name not in near for name in ringed)
        return {"near": ", ".join(near), "both": both, "kept": sum(flat.shares)}

    films_by_name = widgets.Dropdown(options=sorted(known), value="Star Wars (1977)")
    controls = {"film": films_by_name, "dimension": Slider(4, first=2, last=16)}
    return ready_lab("film_lab", lambda: factorized(0.02), draw, picture, **controls)
