"""A slider with a name, over numbers of any spacing, beside a box that takes any other."""

import html
from contextlib import suppress

import ipywidgets as widgets
import numpy as np
from traitlets import Any, TraitError, Unicode, validate

ROUND = (10, 12, 14, 16, 18, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 90)


def round_numbers(highest: int) -> list[int]:
    """1, 2, ... 10, 12, ... 90, 100, 120, ... up to a number: steps that grow with the value."""
    steps = [*range(1, 10), *(k * 10**i for i in range(len(str(highest))) for k in ROUND)]
    return [*(k for k in steps if k < highest), highest]


class Slider(widgets.HBox):
    """A name, a slider over numbers, and a box that shows the value and takes any between.

    Args:
        value: Where it starts.
        numbers: Where the slider stops, in rising order; else each whole number from `first`
            to `last` ...
        roundly: ... or only the `round_numbers`.
        name: What it is called; the lab calls it as it calls its control where not given.

    Attributes:
        value: A number from the first to the last, whole where all numbers are.

    Raises:
        TraitError: It is set to a value that is no such number.
    """

    value, description = Any(), Unicode()

    def __init__(self, value, numbers=None, first=1, last=1, roundly=False, name=""):
        whole = round_numbers(last) if roundly else range(first, last + 1)
        self.numbers = list(numbers or whole)
        self.kind = int if all(isinstance(number, int) for number in self.numbers) else float
        self.name = widgets.HTML().add_class("bookrec-name")
        self.slider = widgets.IntSlider(max=len(self.numbers) - 1, readout=False)
        self.box = widgets.Text(continuous_update=False)
        super().__init__([self.name, self.slider, self.box])
        self.add_class("bookrec-control")
        self.slider.observe(self._slid, "value")
        self.box.observe(self._typed, "value")
        self.observe(self._show, ["value", "description"])
        self.value, self.description = value, name

    def nearest(self) -> int:
        """Which of the slider's numbers is nearest to the value."""
        return int(np.abs(np.array(self.numbers) - self.value).argmin())

    @validate("value")
    def _whole_and_within(self, proposal):
        value, (first, *_, last) = proposal["value"], self.numbers
        with suppress(TypeError, ValueError):
            if first <= value <= last and self.kind(value) == value:
                return self.kind(value)
        whole = "whole " if self.kind is int else ""
        raise TraitError(f"it takes {whole}numbers from {first:,} to {last:,}")

    def _slid(self, change):
        if change["new"] != self.nearest():  # else it only follows a number that was typed
            self.value = self.numbers[change["new"]]

    def _typed(self, change):
        with suppress(ValueError, TraitError):
            self.value = float(change["new"].replace(",", "").replace(" ", ""))
        self._show()

    def _show(self, *_):
        self.box.value, self.slider.value = f"{self.value:,}", self.nearest()
        name = html.escape(self.description)
        self.name.value = f'<span data-now="{self.box.value}">{name}</span>'
