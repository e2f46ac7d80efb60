"""The stop button, pressed in a real kernel: the notebook goes on, and what was done is kept."""

import json
import os
import time

import pytest
from jupyter_client.manager import start_new_kernel

SET_UP = """
import json, math, torch
from bookrec_helpers import sweep as sweeping
from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.sliders import training_lab
from bookrec_helpers.training import fit

encoding = encode(planted_library(40, 30, 5, 600, seed=1).data)
torch.set_num_threads(2)


class Rows(BookDataset):
    fetched = 0

    def __getitem__(self, rows):
        self.fetched += 1
        if self.fetched == 60:
            print("in the middle", flush=True)
        return super().__getitem__(rows)


def train(epochs):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model = BookRecommendationModel(*encoding.sizes.values())
    loader = make_loader(Rows(encoding.frame), 64, seed=0)
    check = make_loader(BookDataset(encoding.frame), 600, shuffle=False)
    return fit(model, loader, epochs, snapshot="book", validation=check, keep_best=True)


def settings():
    flushes = (torch.tensor(torch.finfo(torch.float32).tiny) / 2).item() == 0
    return [torch.get_num_threads(), flushes, torch.get_rng_state().tolist()[:50]]
"""
FOREVER = 10**7


class Notebook:
    """A kernel, and what a reader does with it."""

    def __init__(self):
        os.environ["TQDM_DISABLE"] = "1"
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code, stop_at=None, moved=None):
        """Runs a cell, and stops it once `stop_at` has been printed.

        Returns:
            Whether it ended well, and what it printed.
        """
        sent = self.client.execute(code)
        return self.listen(sent, stop_at)

    def move(self, widget, value, stop_at):
        """Moves a slider as the browser does, and stops what follows from it."""
        content = {"comm_id": widget, "data": {"method": "update", "state": {"value": value}}}
        message = self.client.session.msg("comm_msg", content)
        self.client.shell_channel.send(message)
        return self.listen(message["header"]["msg_id"], stop_at)

    def listen(self, sent, stop_at):
        printed, well = [], True
        while True:
            message = self.client.get_iopub_msg(timeout=60)
            if message["parent_header"].get("msg_id") != sent:
                continue
            content, kind = message["content"], message["msg_type"]
            if kind == "execute_input":
                continue
            if kind == "status" and content["execution_state"] == "idle":
                return well, "".join(printed)
            well = well and kind != "error"
            printed.append(content.get("text", ""))
            if stop_at and stop_at in json.dumps(content):
                stop_at = None
                time.sleep(0.1)
                self.manager.interrupt_kernel()

    def value(self, expression):
        """What an expression is in the kernel."""
        well, printed = self.run(f"print(json.dumps({expression}))")
        assert well, printed
        return json.loads(printed)


def new_notebook():
    notebook = Notebook()
    well, printed = notebook.run(SET_UP)
    assert well, printed
    yield notebook
    notebook.client.stop_channels()
    notebook.manager.shutdown_kernel(now=True)


notebook = pytest.fixture(scope="module", name="notebook")(new_notebook)
another_notebook = pytest.fixture(name="another_notebook")(new_notebook)


@pytest.fixture
def _settings_stay(notebook):
    before = notebook.value("settings()")
    yield
    assert notebook.value("settings()") == before


LOSSES = "train(4).frame.to_numpy().tolist()"


WHILE_IMPORTING = """
import sys

class Told:
    def find_spec(name, *where):
        if name == "sympy.core":
            print("in the middle", flush=True)

sys.meta_path.insert(0, Told)
"""


@pytest.mark.parametrize(
    "first", ["train(3)", "sweeping.sweep(encoding, [2], [0], 1, n_jobs=1)"], ids=["fit", "sweep"]
)
def test_a_stop_of_the_first_training_of_all_spoils_none_that_follow(another_notebook, first):
    assert another_notebook.run(WHILE_IMPORTING)[0]
    well, printed = another_notebook.run(first, stop_at="in the middle")
    assert not well and "in the middle" in printed
    assert another_notebook.value("len(train(3).frame)") == 3


@pytest.mark.usefixtures("_settings_stay")
def test_fit_keeps_the_epochs_that_are_done(notebook):
    before = notebook.value(LOSSES)
    for _ in range(5):
        well, printed = notebook.run(f"history = train({FOREVER})", stop_at="in the middle")
        assert well and f"of {FOREVER}; " in printed, printed
        epochs, copies = notebook.value("[len(history.frame), len(history.snapshots)]")
        assert f"Interrupted in epoch {epochs + 1} of" in printed
        assert copies == epochs + 1 > 3
        assert notebook.value("history.frame[:4].to_numpy().tolist()") == before[:epochs]
    assert notebook.value(LOSSES) == before


SWEEP = "sweeping.sweep(encoding, [2, 3, 20], [0, 1], epochs={}, batch_size=64, n_jobs={})"
TOLD = """
add = sweeping.fit

def told(model, *loader, **options):
    if model.user_embedding.embedding_dim == 20:
        sweeping.fit, options["epochs"] = add, 10**7
        print("in the middle", flush=True)
    return add(model, *loader, **options)

sweeping.fit = told
"""


@pytest.mark.usefixtures("_settings_stay")
def test_sweep_keeps_the_trainings_that_are_done(notebook):
    before = notebook.value(SWEEP.format(2, 1) + ".to_numpy().tolist()")
    well, printed = notebook.run(f"{TOLD}\nswept = {SWEEP.format(2, 1)}", "in the middle")
    assert well and "Interrupted: 5 of 6 trainings are kept" in printed, printed
    kept = notebook.value("swept[swept['epoch'] < 3].to_numpy().tolist()")
    assert all(row in before for row in kept) and len(kept) >= 8
    assert notebook.value(SWEEP.format(2, 1) + ".to_numpy().tolist()") == before


@pytest.mark.usefixtures("_settings_stay")
def test_sweep_in_processes_ends_at_a_stop_and_can_be_called_again(notebook):
    before = notebook.value(SWEEP.format(2, 2) + ".to_numpy().tolist()")  # starts the processes
    begun = "print('in the middle', flush=True)\nimport time; start = time.time()\n"
    well, printed = notebook.run(f"{begun}swept = {SWEEP.format(FOREVER, 2)}", "in the middle")
    assert not well and "Interrupted: 0 of 6 trainings are kept" in printed, printed
    assert notebook.value(SWEEP.format(2, 2) + ".to_numpy().tolist()") == before


@pytest.mark.usefixtures("_settings_stay")
def test_a_lab_goes_on_after_its_training_was_stopped(notebook):
    well, printed = notebook.run("lab = training_lab(); lab")
    assert well, printed
    slider = notebook.value("lab.controls['dimension'].slider.model_id")
    alone = notebook.value("lab.picture.alt")
    well, printed = notebook.move(slider, 49, stop_at="Training ...")  # its 50th number
    assert notebook.value("[lab.controls['dimension'].value, lab.picture.alt]") == [50, alone]
    assert "Stopped" in notebook.value("lab._note.value")
    assert notebook.run("lab.set(dimension=2)")[0], "moved on"
    assert notebook.run("lab.set(dimension=50)")[0], "and back"
    assert notebook.value("lab._note.value") == ""
    again = notebook.value("lab.picture.alt")
    assert (
        notebook.value("(fresh := training_lab(), fresh.set(dimension=50))[0].picture.alt") == again
    )


@pytest.mark.parametrize("place", ["compute", "draw"])
def test_a_stop_anywhere_in_a_lab_says_so_and_leaves_it_usable(notebook, place):
    code = f"""
import time
import ipywidgets as widgets
from bookrec_helpers.plots import Picture
from bookrec_helpers.sliders.lab import Lab

def wait(name, number):
    if name == {place!r} and number == 7 and not stopped:
        stopped.append(True)
        print("in the middle", flush=True)
        time.sleep(30)

def draw(result, number):
    wait("draw", number)
    return f"A picture of {{result}}."

def compute(number):
    wait("compute", number)
    return number

stopped = []
picture = Picture()
picture.subplots()
small = Lab({{"number": widgets.IntSlider(3, 0, 9)}}, compute, draw, picture)
small
"""
    well, printed = notebook.run(code)
    assert well, printed
    slider = notebook.value("small.controls['number'].model_id")
    notebook.move(slider, 7, stop_at="in the middle")
    assert notebook.value("[small.values, small.picture.alt]") == [{"number": 7}, "A picture of 3."]
    assert "Stopped" in notebook.value("small._note.value")
    assert notebook.run("small.set(number=4); small.set(number=7)")[0]
    assert notebook.value("[small.picture.alt, small._note.value]") == ["A picture of 7.", ""]


def test_a_stop_of_set_ends_its_cell(notebook):
    assert notebook.run("lab = training_lab()")[0]
    well, _ = notebook.run("lab.set(dimension=40)\nwent_on = True", stop_at="Training ...")
    assert not well and notebook.value("'went_on' in dir()") is False
    assert notebook.run("lab.set(dimension=3)")[0]
