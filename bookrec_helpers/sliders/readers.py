"""The labs of lesson 09, on real ratings."""

import ipywidgets as widgets
from matplotlib import rc_context

from bookrec_helpers.labels import write
from bookrec_helpers.plots import BLACK, PURPLE, STYLE, Curves, Map, blank
from bookrec_helpers.sliders.lab import Lab
from bookrec_helpers.sliders.slider import Slider

BUSY = "Training ..."
KNOWN = 100  # ratings from which a film is well known


@rc_context(STYLE)
def real_dial_lab():
    """Lesson 09: the dial on real ratings; the penalty trains anew, the dial only cuts."""
    from bookrec_helpers.sliders.films import WIDEST, factorized

    picture, axes = blank()
    drawn = Curves(axes, [""], ["biases alone"], ["the dial"], log=False)
    axes.set(xlim=(-2.7, WIDEST + 0.3), ylim=(0.535, 0.635), xticks=range(0, WIDEST + 1, 2))
    now = axes.plot([], [], "o", color=PURPLE, ms=18, mfc="none", mew=2.5)[0]
    picture.moving.append(now)

    def draw(result, dimension, l2):
        curve = result[1].rename(columns={"loss": "mean"})
        drawn.show({"": curve}, {"biases alone": curve["mean"][0]}, {"the dial": dimension})
        now.set_data([dimension], [curve["mean"][dimension]])
        return (
            f"With a penalty of {l2} and {dimension} dimensions the held-back loss is "
            f"{curve['mean'][dimension]:.3f}; the biases alone have {curve['mean'][0]:.3f}, and "
            f"the lowest loss, {curve['mean'].min():.3f}, stands at {curve['mean'].idxmin()}."
        )

    controls = {
        "dimension": Slider(2, range(WIDEST + 1)),
        "l2": Slider(0.02, (0.003, 0.01, 0.02, 0.04), "penalty l2", late=True),
    }
    options = {"replay": "dimension", "name": "real_dial_lab"}
    return Lab(controls, factorized, draw, picture, busy=BUSY, **options)


@rc_context(STYLE)
def film_lab():
    """Lesson 09: a film's neighbors in all directions, and those that a flat map shows."""
    from bookrec_helpers.factorization import cut
    from bookrec_helpers.inspection import embedding_table, project
    from bookrec_helpers.sliders.films import WIDEST, factorized, films
    from bookrec_helpers.sliders.trained import nearest

    votes = films().frame["BookID"].value_counts()
    known = films().categories["BookID"][votes[votes >= KNOWN].index]
    table = films().decode(films().frame.drop_duplicates("BookID")).set_index("film")
    genre_of = table.loc[known, "genres"]
    picture, (axes, right) = blank(1, 2, width_ratios=(6, 5))
    drawn = Map(axes, genre_of, (), [])
    axes.locator_params(nbins=4)
    right.set_axis_off()
    words = write(right, 0, 1, "", BLACK, ha="left", va="top", transform=right.transAxes)
    picture.moving.append(words)

    def compute(dimension):
        model = cut(factorized(0.02)[0], dimension)
        vectors = embedding_table(model, "book", films()).loc[known]
        return vectors.to_numpy(), project(vectors)

    def draw(result, film, dimension):
        vectors, flat = result
        points, row = flat.points.to_numpy(), known.get_loc(film)
        near, seen = nearest(vectors, row), nearest(points, row)
        drawn.show(points, flat.shares)
        drawn.point_out(points, row, near, seen)
        told = [f"{known[other]}{' (ring)' * (other in seen)}"[:44] for other in near]
        words.set_text("\n".join([f"{film}, {votes.iloc[row]} ratings", "nearest to it:", *told]))
        both = len({*near} & {*seen})
        return (
            f"In {dimension} dimensions the nearest to {film} are {', '.join(known[near])}; {both} "
            f"of these five are among its nearest on the flat map, which keeps "
            f"{sum(flat.shares):.0%} of the variance."
        )

    controls = {
        "film": widgets.Dropdown(options=sorted(known), value="Star Wars (1977)"),
        "dimension": Slider(4, range(2, WIDEST + 1)),
    }
    options = {"shows": ("film",), "busy": BUSY, "name": "film_lab"}
    return Lab(controls, compute, draw, picture, **options)
