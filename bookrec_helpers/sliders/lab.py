"""Sliders above one picture that follows them at once."""

import asyncio
import html
import time
from collections.abc import Iterator
from functools import lru_cache, partial
from inspect import signature
from pathlib import Path

import ipywidgets as widgets
from IPython.display import DisplayHandle, display
from traitlets import TraitError

from bookrec_helpers import checks
from bookrec_helpers.plots import blank
from bookrec_helpers.sliders.slider import Slider

KEPT = 64  # results that a lab remembers
FRAMES = 40  # pictures that a replay shows at the most
OFTEN = 0.4  # seconds from one picture of a computation under way to the next
REST = 0.3  # seconds without a change, after which the picture is drawn sharp and stored
RUN = "Sliders ({}): open this notebook in JupyterLab and run this cell to move them."
GO_ON = "Move a slider to go on; the picture shows the values before."
LOOKS = f"<style>{Path(__file__).with_suffix('.css').read_text('utf-8')}</style>"
LABS = checks.toml_beside(__file__)


def ready_lab(name, compute, draw, **controls) -> "Lab":
    """The lab of that name in `lab.toml`: its words, its picture, its sliders.

    Args:
        name: The function that makes it.
        compute: See `Lab`.
        draw: Called as `Lab` says, but with the axes of the picture before all else.
        controls: What stands after the sliders.
    """
    words = {"name": name, **LABS[name]}
    sliders = {key: Slider(**values) for key, values in words.pop("controls", {}).items()}
    picture = blank(**words.pop("picture", {}))
    return Lab({**sliders, **controls}, compute, partial(draw, *picture.axes), picture, **words)


class Lab:
    """Controls, a computation, and one picture that is kept and redrawn.

    The picture is shown twice: as a widget among the controls, which lives as long as the
    kernel does, through reloads of the page; and as an ordinary PNG output, which stays in the
    saved notebook, in HTML and in Markdown. A style rule hides the second beside the first.

    JupyterLab sends a control's next value when the kernel has finished with the last
    one, and by then only the newest: nothing queues up, and the picture ends at the
    slider's value.

    A new lab takes a picture and three things: controls, a `compute` for what takes long, and a
    `draw` that shows the result, in the words of `bookrec_helpers.plots`:

        picture = blank()
        def compute(lr): ...  # trains; what it yields is shown on the way, the last is kept
        def draw(history, lr, epoch): ...  # draw_losses(*picture.axes, history[:epoch]); a sentence
        controls = {"lr": Slider(0.01, (0.001, 0.01, 0.1)), "epoch": Slider(15, last=15)}
        return Lab(controls, compute, draw, picture, replay="epoch", busy="Training ...")

    Args:
        controls: `Slider`s, or other ipywidgets controls, by name. A control without a
            description gets its name.
        compute: Called with the values of the controls that it names; the others only choose
            what of a result is shown. Its results are remembered and must not be changed. An
            iterator's results are drawn now and then while it computes; its last one is
            remembered. None where a lab only draws.
        draw: Called with the result and all values by name; draws on the axes of `picture`, in
            place of what it drew before, and returns the text alternative, a sentence, or what
            `says` lacks of it, by name.
        picture: The figure to draw on.
        says: The text alternative, with the names of values in braces.
        replay: Name of the `Slider` that gets a play button, such as an epoch.
        busy: What to say while a computation takes long, such as "Training ..."; its controls
            then wait until they are let go.
        presets: Values by name, by the name of a button that sets them (the others start anew).
        name: The function that makes this lab, for `link`.

    Attributes:
        error: What went wrong at the last change of a control, or None.

    Raises:
        ValueError: `compute`, `replay` or a preset names no control.
        Exception: Whatever `compute` and `draw` raise for the first values.
    """

    def __init__(
        self, controls, compute, draw, picture, says="", replay=None, busy="", presets=(), name=""
    ):
        self.controls, self.picture, self.replay = controls, picture, replay
        self.presets, self.name, self.error = dict(presets), name, None
        self._compute, self._draw, self._says, self._busy = compute, draw, says, busy
        self._given = [*signature(compute).parameters] if compute else []
        for named in (self._given, [replay] if replay else [], *self.presets.values()):
            self._check_names(named)
        self._result = lru_cache(KEPT)(self._make)
        self._shown, self._still, self._on_hold, self._timer = None, None, False, None
        self._start = self.values
        self._make_box()
        self._redraw()
        self._note.value = ""
        for control in controls.values():
            control.observe(self._changed, "value")

    @property
    def values(self) -> dict:
        """The controls' values by name."""
        return {name: control.value for name, control in self.controls.items()}

    @property
    def computations(self) -> int:
        """How often `compute` was called."""
        return self._result.cache_info().misses

    def set(self, **values):
        """Moves controls from code, as one change; returns the lab, so that a cell shows it.

        Raises:
            ValueError: There is no such control, or it cannot take the value.
            Exception: Whatever the lab would have told the reader.
        """
        self._move(values)
        if self.error:
            raise self.error
        return self

    def reset(self):
        """Moves all controls back to where they started, and forgets the setting before."""
        self._move(self._start)
        self.picture.leave_ghosts(none=True)
        self._rest()

    def link(self) -> None:
        """Prints the line that brings this setting back."""
        moved = {name: v for name, v in self.values.items() if v != self._start[name]}
        print(f"{self.name}().set({', '.join(f'{name}={v!r}' for name, v in moved.items())})")

    def _move(self, values):
        self._check_names(values)
        before, self._on_hold = self.values, True
        try:
            for name, value in values.items():
                self.controls[name].value = value
                # An ipywidgets slider moves what lies outside to its nearer end.
                end = self.controls[name].value
                checks.ask(end == value, "slider_end", name=name, value=value, end=end)
        except TraitError as error:
            raise ValueError(f"The slider {name!r} cannot take {value!r}: {error}") from None
        finally:
            self._on_hold = False
        if self.values != before:
            self._changed(resting=True)

    def _check_names(self, names):
        for name in names:
            checks.ask(name in self.controls, "no_slider", name=name, known=[*self.controls])

    def _changed(self, *_, resting=False):
        """Redraws; an error would reach only a log that nobody opens, so it is shown here."""
        if self._on_hold:
            return
        self.error, said = None, ""
        try:
            self._redraw()
        except (KeyboardInterrupt, Exception) as error:
            stopped = isinstance(error, KeyboardInterrupt)
            told = "Stopped." if stopped else f"{type(error).__name__}: {error}"
            self.error, said = error, f"<b role='alert'>{html.escape(told)}</b> {GO_ON}"
            self._show(*self._last)
        self._note.value = said
        self._rest() if resting else self._rest_later()

    def _redraw(self):
        values = self.values
        result = self._result(*(values[name] for name in self._given))
        self._show(result, values)
        self._last = result, values

    def _make(self, *given):
        """Computes; shows what there is of a result now and then, while it is being made."""
        self._note.value = self._busy
        if self._busy:
            self.live.add_class("bookrec-busy")
        result = self._compute(*given) if self._compute else None
        if isinstance(result, Iterator):
            parts, drawn_at = result, 0.0
            for result in parts:
                if time.monotonic() > drawn_at + OFTEN:
                    self._show(result, self.values)
                    drawn_at = time.monotonic()
        return result

    def _show(self, result, values):
        """Draws a result; the curves of another one before it stay as ghosts."""
        key = [values[name] for name in self._given]
        if key != self._shown:
            self.picture.leave_ghosts()
            self._shown = key
        self.picture.redraw(self._says, self._draw, result, **values)
        if self._still:
            self.live.value = self.picture.png()
        self.live.remove_class("bookrec-busy")

    def _rest_later(self):
        """Rests when nothing has changed for a while; at once where nothing could wake it."""
        if self._timer:
            self._timer.cancel()
        try:
            self._timer = asyncio.get_running_loop().call_later(REST, self._rest)
        except RuntimeError:
            self._rest()

    def _rest(self):
        """Draws the picture sharp, says it, and stores it in the notebook."""
        if self._still:
            self._sharpen()
            self._still.update(self.picture)

    def _sharpen(self):
        self.live.value = self.picture.png(density=2)
        self._spoken.value = f"<span role='status'>{html.escape(self.picture.alt)}</span>"

    def _make_box(self):
        """The controls; below them replay, presets, reset and what the lab says; the picture."""
        for name, control in self.controls.items():
            control.description = control.description or name
            if self._busy and name in self._given:
                getattr(control, "slider", control).continuous_update = False
        upper = [control for name, control in self.controls.items() if name != self.replay]
        self._note, self._spoken = widgets.HTML(), widgets.HTML().add_class("bookrec-spoken")
        self.live = widgets.Image(format="png").add_class("bookrec-live")
        settings = {words: {**self._start, **values} for words, values in self.presets.items()}
        presets = [_button(words, self._move, values) for words, values in settings.items()]
        lower = [*self._player(), *presets, _button("Reset", self.reset), self._note]
        looks = widgets.HTML(LOOKS, layout={"display": "none"})
        grid = widgets.Box(upper).add_class("bookrec-controls")
        row = widgets.HBox(lower).add_class("bookrec-row")
        self.box = widgets.VBox([looks, grid, row, self.live, self._spoken])
        self.box.add_class("bookrec-lab")

    def _player(self):
        """The replayed slider with a play button, linked in the browser; nothing without one."""
        if self.replay is None:
            return []
        slider = self.controls[self.replay].slider
        steps = {"min": slider.min, "max": slider.max, "step": max(1, slider.max // FRAMES)}
        play = widgets.Play(value=slider.value, interval=120, show_repeat=False, **steps)
        self._link = widgets.jslink((play, "value"), (slider, "value"))
        return [self.controls[self.replay], play]

    def _ipython_display_(self, **kwargs):
        self._still = self._still or DisplayHandle()
        self._sharpen()
        names = ", ".join(control.description for control in self.controls.values())
        display({**self.box._repr_mimebundle_(), "text/plain": RUN.format(names)}, raw=True)
        self._still.display(self.picture)


def _button(words, action, *given):
    button = widgets.Button(description=words)
    button.on_click(lambda _: action(*given))
    return button
