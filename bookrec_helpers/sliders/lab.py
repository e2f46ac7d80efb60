"""Sliders above one picture that follows them at once."""

import html
import uuid
from collections import OrderedDict

import ipywidgets as widgets
from IPython.display import display, update_display
from traitlets import TraitError

KEPT = 64  # results that a lab remembers
FRAMES = 40  # pictures that a replay shows at the most


class Sliders(widgets.VBox):
    """A box of controls that leaves a sentence where no kernel runs."""

    words = ""

    def _repr_mimebundle_(self, **kwargs):
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": self.words}


class Lab:
    """Controls, a computation, and one picture that is kept and redrawn.

    The picture is an ordinary PNG output, updated in place: the last one stays in the
    saved notebook, in HTML and in Markdown, where in place of the sliders a sentence stands.

    JupyterLab sends a control's next value when the kernel has finished with the last
    one, and by then only the newest: nothing queues up, and the picture ends at the
    slider's value.

    Args:
        controls: ipywidgets controls by name. A control without a description gets its name.
        compute: Called with the controls' values by name, except the replayed one's. Its
            results are remembered and must not be changed.
        draw: Called with the result and all values by name; changes the artists of
            `picture` and returns the picture's text alternative, a sentence.
        picture: The figure to draw on.
        replay: Name of the control that only chooses what of a result is shown, such as
            an epoch. It gets a play button.
        busy: What to say while a computation takes long, such as "Training ...".

    Attributes:
        error: What went wrong at the last change of a control, or None.
        computations: How often `compute` was called.

    Raises:
        ValueError: `replay` is not the name of a control.
        Exception: Whatever `compute` and `draw` raise for the first values.
    """

    def __init__(self, controls, compute, draw, picture, replay=None, busy=""):
        if replay not in (None, *controls):
            raise ValueError(f"replay is {replay!r}, but the controls are {', '.join(controls)}.")
        self.controls, self.picture, self.replay = controls, picture, replay
        self.error, self.computations = None, 0
        self._compute, self._draw, self._busy = compute, draw, busy
        self._kept, self._display_id, self._on_hold = OrderedDict(), None, False
        self._start, self._result_shown = self.values, None
        self._note = widgets.HTML(layout=widgets.Layout(flex="1 1 auto", margin="2px 0 0 12px"))
        self.box = Sliders(self._rows())
        self.box.words = self._sentence()
        self._redraw()
        self._say("")
        for control in controls.values():
            control.observe(self._changed, "value")

    @property
    def values(self) -> dict:
        """The controls' values by name."""
        return {name: control.value for name, control in self.controls.items()}

    def set(self, **values):
        """Moves controls from code, as one change.

        Raises:
            ValueError: There is no such control, or it cannot take the value.
            Exception: Whatever the lab would have told the reader.
        """
        self._move(values)
        if self.error:
            raise self.error

    def reset(self, *_):
        """Moves all controls back to where they started."""
        self._move(self._start)
        self.picture.leave_ghosts(none=True)
        self._publish()

    def _move(self, values):
        before, self._on_hold = self.values, True
        try:
            for name, value in values.items():
                _put(self.controls, name, value)
        finally:
            self._on_hold = False
        if self.values != before:
            self._changed()

    def _changed(self, *_):
        """Redraws; an error would reach only a log that nobody opens, so it is shown here."""
        if self._on_hold:
            return
        try:
            self._redraw()
            self.error = None
            self._say("")
        except KeyboardInterrupt as stop:
            self.error = stop
            self._say("<b role='alert'>Stopped.</b> The picture shows the values before.")
        except Exception as error:
            self.error = error
            told = html.escape(f"{type(error).__name__}: {error}")
            self._say(f"<b role='alert'>{told}</b> The picture shows the values before.")

    def _redraw(self):
        values = self.values
        result = self._result(values)
        if result is not self._result_shown:
            self.picture.leave_ghosts(none=self._result_shown is None)
        self._result_shown = result
        self.picture.alt = self._draw(result, **values)
        self._publish()

    def _publish(self):
        data, metadata = self.picture.bundle()
        if self._display_id:
            update_display(data, metadata=metadata, raw=True, display_id=self._display_id)

    def _result(self, values):
        """The computation's result, from memory where these values were there before."""
        given = {name: value for name, value in values.items() if name != self.replay}
        key = tuple(given.values())
        if key not in self._kept:
            self._say(self._busy)
            self.computations += 1
            self._kept[key] = self._compute(**given)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]

    def _say(self, words):
        self._note.value = words

    def _rows(self):
        """The controls, and below them replay, reset and what the lab has to say."""
        for name, control in self.controls.items():
            control.description = control.description or name
            control.style.description_width, control.layout.width = "110px", "440px"
        reset = widgets.Button(description="Reset", layout=widgets.Layout(width="80px"))
        reset.on_click(self.reset)
        upper = [control for name, control in self.controls.items() if name != self.replay]
        lower = [*self._player(), reset, self._note]
        wrap = widgets.Layout(flex_flow="row wrap")
        return [widgets.HBox(row, layout=wrap) for row in (upper, lower)]

    def _player(self):
        """The replayed control with a play button, linked in the browser; nothing without one."""
        if self.replay is None:
            return []
        slider = self.controls[self.replay]
        limits = {"min": slider.min, "max": slider.max}
        step = max(1, (slider.max - slider.min) // FRAMES)
        play = widgets.Play(
            value=slider.value, step=step, interval=120, show_repeat=False, **limits
        )
        self._link = widgets.jslink((play, "value"), (slider, "value"))
        return [slider, play]

    def _sentence(self):
        """What stands in place of the sliders where no kernel runs."""
        names = ", ".join(control.description for control in self.controls.values())
        return (
            f"Sliders ({names}): open this notebook in JupyterLab and run this cell to move them."
        )

    def _ipython_display_(self, **kwargs):
        display(self.box)
        self._display_id = self._display_id or uuid.uuid4().hex
        data, metadata = self.picture.bundle()
        display(data, metadata=metadata, raw=True, display_id=self._display_id)


def _put(controls, name, value):
    """Gives a control a value that it can take."""
    if name not in controls:
        raise ValueError(f"There is no slider {name!r}; there are {', '.join(controls)}.")
    try:
        controls[name].value = value
    except TraitError as error:
        raise ValueError(f"The slider {name!r} cannot take {value!r}: {error}") from None
    if controls[name].value != value:  # a slider moves what lies outside to its nearer end
        raise ValueError(f"The slider {name!r} goes to {controls[name].value!r}, not {value!r}.")
