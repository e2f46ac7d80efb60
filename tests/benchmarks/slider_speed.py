"""How long a slider takes, from its change to the new picture; and plain `interact` beside it.

Run: python tests/benchmarks/slider_speed.py [--browser] [lab ...]

Each lab is moved to new values (computed and drawn) and to values that were there before
(drawn only). Plain `interact` computes the same and builds the same picture with pyplot from
nothing, stored as inline figures are. The two take turns, so that a busy machine slows both.
Milliseconds, without a browser.

With --browser: from a key pressed at a lab's slider in JupyterLab and Chromium to the first new
pixels in the page, for all labs (the last two need lesson 09's ratings). `draws`: a control that
only draws, or values that were there before; `trains`: new values, where a lab trains.
"""

import base64
import itertools
import os
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
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
sys.path.insert(0, str(Path(__file__).parents[1] / "browser"))
from bookrec_helpers import plots, sliders
from bookrec_helpers.sliders import Slider, lab, lessons
from bookrec_helpers.sliders.slider import round_numbers

MOVED = {
    "start_lab": {"dimension": range(4, 13)},
    "encoding_lab": {"dimension": range(4, 40)},
    "dimension_lab": {"cap": round_numbers(45)[3:]},
    "model_lab": {"users": range(4, 9), "books": range(4, 10)},
    "map_lab": {"dimension": range(1, 9), "init_std": (0.01, 0.03, 0.3)},
    "training_lab": {"dimension": (1, 2, 4, 8), "learning_rate": (0.003, 0.01)},
    "planted_map_lab": {"dimension": (1, 2, 4, 8), "init_std": (0.03, 0.3)},
    "choosing_lab": {"d": (1, 2, 3, 4, 6, 8, 12, 32)},
}


KEYS = 20  # presses in the browser, there and back in turn
# Notes when a key goes down at a lab, and when its picture has been loaded after that.
WATCH = """lab => {
  const picture = lab.querySelector('.bookrec-live');
  lab.addEventListener('keydown', () => { window.down = performance.now(); }, true);
  picture.addEventListener('load', () => { window.up = window.up ?? performance.now(); });
}"""


def main(names):
    browser = "--browser" in names
    names = [name for name in names if name != "--browser"] or [*(lab.LABS if browser else MOVED)]
    rows = in_browser(names) if browser else {name: measure(name, MOVED[name]) for name in names}
    print(pd.DataFrame(rows).T.astype(float).round(1).to_string())


def in_browser(names):
    """A row a lab: median and worst of the keys that only draw, and of those that train."""
    from jupyter_page import JupyterServer, Window
    from playwright.sync_api import sync_playwright

    server = JupyterServer(Path(tempfile.mkdtemp()))
    try:
        with sync_playwright() as playwright:
            chromium = playwright.chromium.launch(
                executable_path=shutil.which("chromium") or playwright.chromium.executable_path,
                args=["--no-sandbox", "--disable-gpu"],
            )
            context = chromium.new_context(base_url=server.url)
            context.request.get(f"lab?token={server.token}")
            window = Window(context, server, SimpleNamespace(testsfailed=0))
            return {name: keys_to_pixels(server, window, name) for name in names}
    finally:
        server.stop()


def keys_to_pixels(server, window, name):
    from jupyter_page import open_notebook, run_all
    from nbformat import v4

    code = f"from bookrec_helpers.sliders import {name}\n{name}()"
    page = window.empty()
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code)])
    open_notebook(page, server.put(f"{name}.ipynb", notebook))
    run_all(page)
    lab = page.locator(".bookrec-lab")
    lab.wait_for()
    lab.evaluate(WATCH)
    handles = lab.locator(".noUi-handle")
    drawn = [press(page, handles.last, ("ArrowLeft", "ArrowRight")[i % 2]) for i in range(KEYS)]
    row = {"draws": np.median(drawn), "draws, worst": max(drawn)}
    if name in ("training_lab", "planted_map_lab", "choosing_lab", "map_lab", "dial_lab"):
        trained = [press(page, handles.first, "ArrowRight") for _ in range(2)]
        row |= {"trains": np.median(trained), "trains, worst": max(trained)}
    return row


def press(page, handle, key):
    """Milliseconds from a key to new pixels; waits until the kernel has nothing left to do."""
    from jupyter_page import wait_until_idle

    page.evaluate("window.up = undefined")
    handle.press(key)
    page.wait_for_function("window.up !== undefined", timeout=60_000)
    took = page.evaluate("window.up - window.down")
    page.wait_for_timeout(600)  # until it is drawn sharp
    wait_until_idle(page)
    return took


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
    computed = parts.computed or np.zeros(len(new))  # a lab that only draws computes nothing
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

    def __call__(self, *values):
        start = time.perf_counter()
        result = last(self.compute(*values))
        self.computed.append(1000 * (time.perf_counter() - start))
        return result


class PlainInteract:
    """The same controls, computation and picture through `interact` and pyplot."""

    def __init__(self, name):
        self.build = getattr(lessons, name)
        controls, self.compute = self.recipe()[:2]
        self.given = [*signature(self.compute).parameters] if self.compute else []
        self.controls = {name: plain(control) for name, control in controls.items()}
        self.widget = ipywidgets.interactive(self.show, **self.controls)
        self.widget.clear_output = False  # it would print here

    def recipe(self):
        """Builds the figure, and tells what the lab would do with it."""
        with patch.object(lab, "Lab", recipe), patch.object(plots, "Picture", plain_figure):
            return self.build()

    def move(self, change):
        for name, value in change.items():
            self.controls[name].value = value

    def show(self, **values):
        given = [values[name] for name in self.given]
        result = last(self.compute(*given)) if self.compute else None
        with rc_context(plots.STYLE):
            *_, draw, figure = self.recipe()
            draw(result, **values)
            base64.b64encode(print_figure(figure, "png", bbox_inches="tight"))
            plt.close(figure)


def recipe(controls, compute, draw, picture, **_):
    return controls, compute, draw, picture


def last(result):
    """What a computation ends with."""
    return deque(result, maxlen=1)[0] if isinstance(result, Iterator) else result


def plain(control):
    """A control of ipywidgets' own for a slider of the labs."""
    if not isinstance(control, Slider):
        return control
    return ipywidgets.SelectionSlider(options=control.numbers, value=control.value)


class PlainFigure(plots.Picture):
    def __init__(self, **_):
        super().__init__()


def plain_figure():
    return plt.figure(FigureClass=PlainFigure)


def milliseconds(action, **values):
    start = time.perf_counter()
    action(**values)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main(sys.argv[1:])
