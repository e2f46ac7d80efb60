"""Sliders above one picture that follows them at once."""

import asyncio
import html
import time
import tomllib
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

import ipywidgets as widgets
from IPython.display import display, update_display
from traitlets import TraitError

KEPT = 64  # results that a lab remembers
FRAMES = 40  # pictures that a replay shows at the most
OFTEN = 0.4  # seconds from one picture of a computation under way to the next
REST = 0.3  # seconds without a change, after which the picture is drawn sharp and stored
HERE = Path(__file__).parent
LOOKS = f"<style>{(HERE / 'lab.css').read_text('utf-8')}</style>"
PRESETS = tomllib.loads((HERE / "presets.toml").read_text("utf-8"))


class Sliders(widgets.VBox):
    """A box of controls that leaves a sentence where no kernel runs."""

    words = ""

    def _repr_mimebundle_(self, **kwargs):
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": self.words}


class Lab:
    """Controls, a computation, and one picture that is kept and redrawn.

    The picture is shown twice: as a widget among the controls, which lives as long as the
    kernel does, through reloads of the page; and as an ordinary PNG output, which stays in the
    saved notebook, in HTML and in Markdown. A style rule hides the second beside the first.

    JupyterLab sends a control's next value when the kernel has finished with the last
    one, and by then only the newest: nothing queues up, and the picture ends at the
    slider's value.

    A new lab takes a class of `bookrec_helpers.plots` on the axes of `blank()`, and three things:
    controls, a `compute` for what takes long, and a `draw` that shows the result:

        picture, axes = blank()
        drawn = Losses(axes, epochs=15, fixed=True)
        def compute(lr): ...  # trains; what it yields is shown on the way, the last is kept
        def draw(history, epoch, lr): ...  # drawn.show(history[:epoch]); returns a sentence
        controls = {"lr": Slider(0.01, (0.001, 0.01, 0.1), late=True), "epoch": Slider(...)}
        return Lab(controls, compute, draw, picture, replay="epoch", busy="Training ...")

    Args:
        controls: `Slider`s, or other ipywidgets controls, by name. A control without a
            description gets its name.
        compute: Called with the controls' values by name, except those that only show. Its
            results are remembered and must not be changed. An iterator's results are drawn now
            and then while it computes; its last one is remembered.
        draw: Called with the result and all values by name; changes the artists of
            `picture` and returns the picture's text alternative, a sentence.
        picture: The figure to draw on.
        replay: Name of the `Slider` that only chooses what of a result is shown, such as
            an epoch. It gets a play button.
        shows: Names of other controls that only choose what of a result is shown.
        busy: What to say while a computation takes long, such as "Training ...".
        name: The function that makes this lab, for `link` and for its part of `presets.toml`.

    Attributes:
        presets: Values by name, by the name of a button that sets them (the others start anew).
        error: What went wrong at the last change of a control, or None.
        computations: How often `compute` was called.

    Raises:
        ValueError: `replay` or `shows` names no control.
        Exception: Whatever `compute` and `draw` raise for the first values.
    """

    def __init__(self, controls, compute, draw, picture, replay=None, shows=(), busy="", name=""):
        self.controls, self.picture, self.replay = controls, picture, replay
        self.presets, self.name = PRESETS.get(name, {}), name
        self.error, self.computations = None, 0
        self._compute, self._draw, self._busy, self._shows = compute, draw, busy, {replay, *shows}
        for named in (self._shows - {None}, *self.presets.values()):
            self._check_names(named)
        self._kept, self._shown, self._on_hold = OrderedDict(), None, False
        self._display_id, self._timer = None, None
        self._start = self.values
        self._make_box()
        self._redraw()
        self._say("")
        for control in controls.values():
            control.observe(self._changed, "value")

    @property
    def values(self) -> dict:
        """The controls' values by name."""
        return {name: control.value for name, control in self.controls.items()}

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

    def reset(self, *_):
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
                _put(self.controls[name], name, value)
        finally:
            self._on_hold = False
        if self.values != before:
            self._changed(resting=True)

    def _check_names(self, names):
        for name in names:
            if name not in self.controls:
                raise ValueError(f"There is no slider {name!r}; there are {[*self.controls]}.")

    def _changed(self, *_, resting=False):
        """Redraws; an error would reach only a log that nobody opens, so it is shown here."""
        if self._on_hold:
            return
        self.error, said = None, ""
        try:
            self._redraw()
        except KeyboardInterrupt as stop:
            self.error, said = stop, "<b role='alert'>Stopped.</b> Move a slider to go on; "
        except Exception as error:
            told = html.escape(f"{type(error).__name__}: {error}")
            self.error, said = error, f"<b role='alert'>{told}</b> "
        if said:
            said += "the picture shows the values before."
            self._show(*self._last)
        self._say(said)
        self._rest() if resting else self._rest_later()

    def _redraw(self):
        """Draws the result; while it is being made, what there is of it now and then."""
        values, drawn_at = self.values, 0.0
        for result, done in self._results(values):
            if done or time.monotonic() > drawn_at + OFTEN:
                self._show(result, values)
                drawn_at = time.monotonic()
        self._last = result, values

    def _show(self, result, values):
        self.picture.alt = self._draw(result, **values)
        if self._display_id:
            self.live.value = self.picture.png()
        self.live.remove_class("bookrec-busy")

    def _results(self, values):
        """The computation's results, and whether it is done: the last one is remembered."""
        given = {name: value for name, value in values.items() if name not in self._shows}
        key = tuple(given.values())
        if key not in self._kept:
            self._say(self._busy)
            if self._busy:
                self.live.add_class("bookrec-busy")
            self.computations += 1
            computed = self._compute(**given)
            if isinstance(computed, Iterator):
                for part in computed:
                    self._haunt(key)
                    yield part, False
                computed = part
            self._kept[key] = computed
        self._haunt(key)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        yield self._kept[key], True

    def _haunt(self, key):
        """Leaves the curves of the setting before as ghosts, once another one is shown."""
        if key != self._shown:
            self.picture.leave_ghosts(none=self._shown is None)
            self._shown = key

    def _rest_later(self):
        """Rests when nothing has changed for a while; at once where nothing could wake it."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return self._rest()
        if self._timer:
            self._timer.cancel()
        self._timer = loop.call_later(REST, self._rest)

    def _rest(self):
        """Draws the picture sharp, says it, and stores it in the notebook."""
        if self._display_id:
            self._sharpen()
            data, metadata = self.picture.bundle()
            update_display(data, metadata=metadata, raw=True, display_id=self._display_id)

    def _sharpen(self):
        self.live.value = self.picture.png(density=2)
        self._spoken.value = f"<span role='status'>{html.escape(self.picture.alt)}</span>"

    def _say(self, words):
        self._note.value = words

    def _make_box(self):
        """The controls; below them replay, presets, reset and what the lab says; the picture."""
        for name, control in self.controls.items():
            control.description = control.description or name
        upper = [control for name, control in self.controls.items() if name != self.replay]
        self._note, self._spoken = widgets.HTML(), widgets.HTML().add_class("bookrec-spoken")
        self.live = widgets.Image(format="png").add_class("bookrec-live")
        buttons = [
            _button(name, lambda *_, v=v: self._preset(v)) for name, v in self.presets.items()
        ]
        lower = [*self._player(), *buttons, _button("Reset", self.reset), self._note]
        self.box = Sliders(
            [
                widgets.HTML(LOOKS, layout={"display": "none"}),
                widgets.Box(upper).add_class("bookrec-controls"),
                widgets.HBox(lower).add_class("bookrec-row"),
                self.live,
                self._spoken,
            ]
        ).add_class("bookrec-lab")
        names = ", ".join(control.description for control in self.controls.values())
        self.box.words = (
            f"Sliders ({names}): open this notebook in JupyterLab and run this cell to move them."
        )

    def _preset(self, values):
        self._move({**self._start, **values})

    def _player(self):
        """The replayed control with a play button, linked in the browser; nothing without one."""
        if self.replay is None:
            return []
        control = self.controls[self.replay]
        slider = getattr(control, "slider", control)
        limits = {"min": slider.min, "max": slider.max}
        step = max(1, (slider.max - slider.min) // FRAMES)
        play = widgets.Play(
            value=slider.value, step=step, interval=120, show_repeat=False, **limits
        )
        self._link = widgets.jslink((play, "value"), (slider, "value"))
        return [control, play]

    def _ipython_display_(self, **kwargs):
        self._display_id = self._display_id or uuid.uuid4().hex
        self._sharpen()
        display(self.box)
        data, metadata = self.picture.bundle()
        display(data, metadata=metadata, raw=True, display_id=self._display_id)


def _button(words, action):
    button = widgets.Button(description=words)
    button.on_click(action)
    return button


def _put(control, name, value):
    """Gives a control a value that it can take."""
    try:
        control.value = value
    except TraitError as error:
        raise ValueError(f"The slider {name!r} cannot take {value!r}: {error}") from None
    if control.value != value:  # an ipywidgets slider moves what lies outside to its nearer end
        raise ValueError(f"The slider {name!r} goes to {control.value!r}, not {value!r}.")
