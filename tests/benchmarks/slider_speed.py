"""How long a slider takes, from its change to the new picture; and plain `interact` beside it.

Run: python tests/benchmarks/slider_speed.py [lab ...]

Each lab is moved to new values (computed and drawn) and to values that were there before
(drawn only). Plain `interact` computes the same and builds the same picture with pyplot from
nothing, stored as inline figures are. The two take turns, so that a busy machine slows both.
Milliseconds, without a browser.
"""

import base64
import itertools
import os
import sys
import time
from pathlib import Path
from unittest.mock import patch

os.environ["TQDM_DISABLE"] = "1"
import ipywidgets
import matplotlib
import numpy as np
import pandas as pd
from IPython.core.pylabtools import print_figure
from matplotlib import rc_context

matplotlib.use("agg")
import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parents[2]))
from bookrec_helpers import sliders
from bookrec_helpers.plots import DPI, SIZE, STYLE
from bookrec_helpers.sliders import lessons

MOVED = {
    "start_lab": {"dimension": range(4, 13)},
    "encoding_lab": {"dimension": range(4, 40)},
    "dimension_lab": {"cap": range(51, 90)},
    "model_lab": {"users": range(4, 9), "books": range(4, 10)},
    "map_lab": {"dimension": range(1, 9), "init_std": (0.01, 0.03, 0.3)},
    "training_lab": {"dimension": (1, 2, 4, 8), "learning_rate": (0.003, 0.01)},
    "planted_map_lab": {"dimension": (1, 2, 4, 8), "init_std": (0.03, 0.3)},
    "choosing_lab": {"d": (1, 2, 3, 4, 6, 8, 12, 32)},
}


def main(names):
    frame = pd.DataFrame({name: measure(name, MOVED[name]) for name in names or MOVED}).T
    print(frame.astype(float).round(1).to_string())


def measure(name, moved):
    """The row of one lab."""
    changes = [dict(zip(moved, values)) for values in itertools.product(*moved.values())][:24]
    lab, plain = getattr(sliders, name)(), PlainInteract(name)
    parts = Parts(lab)
    new, other = [], []
    for change in changes:
        new.append(milliseconds(lab.set, **change))
        plain.move(change)
        other.append(milliseconds(plain.widget.update))
    computed = parts.computed
    cached = [milliseconds(lab.set, **change) for change in changes]
    return {
        "new": np.median(new),
        "new 95 %": np.percentile(new, 95),
        "compute": np.median(computed),
        "draw": np.median(np.array(new) - computed),
        "cached": np.median(cached),
        "cached 95 %": np.percentile(cached, 95),
        "interact": np.median(other),
        "interact 95 %": np.percentile(other, 95),
        "interact / new": np.median(other) / np.median(new),
    }


class Parts:
    """Listens to what of a lab's time its computation takes."""

    def __init__(self, lab):
        self.computed, self.compute = [], lab._compute
        lab._compute = self

    def __call__(self, **values):
        start = time.perf_counter()
        result = self.compute(**values)
        self.computed.append(1000 * (time.perf_counter() - start))
        return result


class PlainInteract:
    """The same controls, computation and picture through `interact` and pyplot."""

    def __init__(self, name):
        self.build = getattr(lessons, name)
        self.controls, self.compute, self.replay = self.recipe()[:3]
        self.widget = ipywidgets.interactive(self.show, **self.controls)
        self.widget.clear_output = False  # it would print here

    def recipe(self):
        """Builds the figure, and tells what the lab would do with it."""
        with patch.multiple(lessons, Lab=recipe, MovingPicture=plain_figure):
            return self.build()

    def move(self, change):
        for name, value in change.items():
            self.controls[name].value = value

    def show(self, **values):
        given = {name: value for name, value in values.items() if name != self.replay}
        result = self.compute(**given)
        with rc_context(STYLE):
            *_, draw, figure = self.recipe()
            draw(result, **values)
            base64.b64encode(print_figure(figure, "png", bbox_inches="tight"))
            plt.close(figure)


def recipe(controls, compute, draw, picture, replay=None, busy=""):
    return controls, compute, replay, draw, picture


class PlainFigure(plt.Figure):
    def redraw_still_parts(self):
        """All of it is drawn anyway."""


def plain_figure():
    return plt.figure(FigureClass=PlainFigure, figsize=SIZE, dpi=DPI, layout="constrained")


def milliseconds(action, **values):
    start = time.perf_counter()
    action(**values)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1:])
