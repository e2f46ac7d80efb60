"""Every lab without a browser: what its controls do, what it says, and what it remembers."""

import io
import subprocess
import sys

import ipywidgets as widgets
import nbformat
import numpy as np
import pytest
import torch
from matplotlib.image import imread
from nbclient import NotebookClient
from nbconvert import HTMLExporter, MarkdownExporter

from bookrec_helpers import sliders
from bookrec_helpers.labels import place_labels
from bookrec_helpers.movielens import NoMovieLens, load_movielens
from bookrec_helpers.plots import Picture
from bookrec_helpers.sliders import Lab
from bookrec_helpers.sliders.lab import LABS as WORDS

LABS = [name for name in sliders.__all__ if name.endswith("_lab")]
OF_FILMS = ("film_lab", "real_dial_lab")
SHORT = {
    "training_lab": 6,
    "planted_map_lab": 6,
    "choosing_lab": 2,
    "dial_lab": 2,
}  # epochs, to be quick


@pytest.fixture(scope="module")
def lab_of():
    """Each lab, made once and set back to its start."""
    made = {}

    def get(name):
        if name in OF_FILMS:
            skip_without_ratings()
        if name not in made:
            options = {"epochs": SHORT[name]} if name in SHORT else {}
            made[name] = getattr(sliders, name)(**options)
        made[name].reset()
        return made[name]

    return get


def skip_without_ratings():
    try:
        load_movielens()
    except NoMovieLens as reason:
        pytest.skip(str(reason))


def values_of(control):
    """The least, the first and the greatest value of a control."""
    numbers = getattr(control, "numbers", None) or control.options
    return numbers[0], control.value, numbers[-1]


def controls_of_all_labs():
    names = {
        "start_lab": "dimension",
        "encoding_lab": "categories dimension",
        "dimension_lab": "n cap",
        "model_lab": "users books genres",
        "training_lab": "dimension learning_rate seed epochs",
        "map_lab": "dimension init_std epoch book turn",
        "planted_map_lab": "dimension init_std epoch book turn",
        "choosing_lab": "taste_dimension d rows strength",
        "dial_lab": "dimension taste_dimension rows l2",
        "shelf_lab": "rows readers share",
        "real_dial_lab": "dimension l2",
        "film_lab": "film dimension",
    }
    assert set(names) == set(LABS)
    return [(lab, control) for lab, own in names.items() for control in own.split()]


@pytest.mark.parametrize("name", LABS)
def test_the_table_of_controls_above_is_whole(lab_of, name):
    assert list(lab_of(name).controls) == [c for lab, c in controls_of_all_labs() if lab == name]


@pytest.mark.parametrize("name, control", controls_of_all_labs())
def test_each_value_of_a_control_has_its_own_picture_and_words(lab_of, name, control):
    lab = lab_of(name)
    pictures, words = {}, set()
    for value in values_of(lab.controls[control]):
        lab.set(**{control: value})
        pictures[value] = without_ghosts(lab)
        words.add(lab.picture.alt)
    assert len(set(pictures.values())) == len(pictures) >= 2
    assert len(words) == len(pictures)
    runs = lab.computations
    lab.set(**{control: min(pictures)})
    assert without_ghosts(lab) == pictures[min(pictures)]
    assert lab.computations == runs  # from memory


def without_ghosts(lab):
    """The picture without what is left of the setting before."""
    lab.picture.leave_ghosts(none=True)
    return lab.picture.png()


@pytest.mark.parametrize("name", LABS)
def test_reset_brings_back_the_first_picture(lab_of, name):
    lab = lab_of(name)
    start, first = lab.values, lab.picture.png()
    lab.set(**{control: values_of(widget)[2] for control, widget in lab.controls.items()})
    assert lab.values != start and lab.picture.png() != first
    button(lab, "Reset").click()
    assert lab.values == start and lab.picture.png() == first


@pytest.mark.parametrize("name", LABS)
def test_a_picture_is_large_white_and_not_cut(lab_of, name):
    lab = lab_of(name)
    pixels = imread(io.BytesIO(lab.picture.png()))[..., :3]
    assert pixels.shape == (504, 1152, 3)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    assert (edge == 1).all()
    assert (pixels.min(axis=2) < 0.9).mean() > 0.005
    data, metadata = lab.picture._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == lab.picture.alt
    assert lab.picture.alt.endswith(".")


@pytest.mark.parametrize("name", ["training_lab", "map_lab", "planted_map_lab"])
def test_a_replay_trains_nothing_and_keeps_the_axes(lab_of, name):
    lab = lab_of(name)
    runs, limits, frames = lab.computations, limits_of(lab), set()
    numbers = lab.controls[lab.replay].numbers
    for epoch in numbers[:: 1 + numbers[-1] // 10]:
        lab.controls[lab.replay].value = epoch
        frames.add(lab.picture.png())
        assert limits_of(lab) == limits
    assert lab.computations == runs and len(frames) > 3


def limits_of(lab):
    return [axes.get_xlim() + axes.get_ylim() for axes in lab.picture.axes]


def test_the_play_button_covers_the_replayed_slider(lab_of):
    lab = lab_of("map_lab")
    (play,) = (w for w in parts(lab) if isinstance(w, widgets.Play))
    slider = lab.controls["epoch"].slider
    assert (play.min, play.max) == (slider.min, slider.max)
    assert (slider.max - slider.min) / play.step <= 40


@pytest.mark.parametrize("init_std", [0.01, 0.1, 1.0])
@pytest.mark.parametrize("name", ["map_lab", "planted_map_lab"])
def test_no_book_leaves_the_map(lab_of, name, init_std):
    lab = lab_of(name)
    lab.set(init_std=init_std)
    axes = lab.picture.axes[0]
    for epoch in (0, 3, 6):
        lab.set(epoch=epoch)
        dots = [line for line in axes.lines if line.get_linestyle() == "None"]
        x, y = np.concatenate([np.array(line.get_data()) for line in dots], axis=1)
        assert len(x) == {"map_lab": 4, "planted_map_lab": 200}[name]
        assert (np.abs(x) <= axes.get_xlim()[1]).all() and (np.abs(y) <= axes.get_ylim()[1]).all()


def test_the_labs_say_what_their_lesson_teaches(lab_of):
    lab = lab_of("dimension_lab")
    assert "gives 50, a table of 50,000 parameters; the other rules give 77, 6, 34." in alt(lab)
    lab.set(n=10, cap=3)
    assert "gives 3, a table of 30 parameters" in alt(lab)
    lab = lab_of("encoding_lab")
    assert "1,000 numbers and an embedding 3; a million rows take 4 GB one-hot and 8.01" in alt(lab)
    lab = lab_of("model_lab")
    assert "Vectors of 8 numbers" in alt(lab) and "fc1 288, fc2 33" in alt(lab)


def test_the_spectrum_shows_the_planted_dimension():
    words = alt(sliders.choosing_lab())
    told = words.split("carry ")[1].split(" of")[0]
    shares = [int(share.rstrip("%")) for share in told.split(", ")]
    assert len(shares) == 4 and min(shares[:3]) > 2 * shares[3]  # 3 tastes were planted


def test_the_dial_trains_nothing_and_stands_at_the_truth():
    lab = sliders.dial_lab()
    runs, losses = lab.computations, {}
    for dimension in range(17):
        lab.set(dimension=dimension)
        losses[dimension] = float(alt(lab).split("held-back loss is ")[1].split(";")[0])
    assert lab.computations == runs == 1
    assert losses[2] - losses[3] > 0.03 and abs(losses[16] - losses[3]) < 0.01
    strengths = [float(s) for s in alt(lab).split("add ")[1].split(";")[0].split(", ")]
    assert min(strengths[:3]) > 0.5 and max(strengths[3:]) < 0.3


def test_tables_of_other_sizes_in_the_model_lab():
    lab = sliders.model_lab(1000, 500, 20)
    assert "user_embedding 3,000, book_embedding 1,500, genre_embedding 40" in alt(lab)


def test_the_loss_of_the_training_lab_is_the_one_that_its_epochs_had(lab_of):
    lab = lab_of("training_lab")
    lab.set(epochs=1)
    assert "at epoch 1 and" in alt(lab)
    first = alt(lab)
    lab.set(epochs=2)
    assert alt(lab) != first


def test_a_lab_leaves_the_random_numbers_of_the_reader_alone(lab_of):
    lab = lab_of("map_lab")
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    lab.set(dimension=7)
    assert torch.rand(1) == expected


def test_lessons_00_to_02_load_neither_torch_nor_sklearn():
    code = (
        "import sys; from bookrec_helpers.sliders import *; start_lab(); encoding_lab(); "
        "dimension_lab(); print({'torch', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def small_lab(compute=lambda n: n, draw=None, **options):
    """A lab of one slider that writes its value."""
    picture = Picture()
    text = picture.subplots().text(0.5, 0.5, "")

    def write(result, **values):
        text.set_text(f"{result} {values}")
        return f"It is {result}."

    return Lab({"n": widgets.IntSlider(1, 0, 100)}, compute, draw or write, picture, **options)


def alt(lab):
    return lab.picture.alt


def parts(lab):
    """All widgets of a lab but its box."""
    return [w for row in lab.box.children for w in getattr(row, "children", [row])]


def button(lab, words):
    return next(w for w in parts(lab) if isinstance(w, widgets.Button) and w.description == words)


def note(lab):
    return lab._note.value


def test_an_error_is_told_in_words_and_gone_with_the_next_value():
    lab = small_lab(compute=lambda n: 1 / (n - 5))
    picture = lab.picture.png()
    lab.controls["n"].value = 5  # as a reader moves it: nothing is raised
    assert isinstance(lab.error, ZeroDivisionError)
    assert "ZeroDivisionError: " in note(lab) and "role='alert'" in note(lab)
    assert lab.picture.png() == picture
    lab.controls["n"].value = 6
    assert lab.error is None and note(lab) == "" and alt(lab) == "It is 1.0."


def test_an_error_is_raised_where_code_moves_the_slider_and_at_the_start():
    with pytest.raises(ZeroDivisionError):
        small_lab(compute=lambda n: 1 / (n - 5)).set(n=5)
    with pytest.raises(ZeroDivisionError):
        small_lab(compute=lambda n: n / 0)


def test_what_an_error_says_is_no_html():
    def compute(n):
        if n == 2:
            raise ValueError("<script>alert(1)</script>")

    lab = small_lab(compute=compute)
    lab.controls["n"].value = 2
    assert "<script>" not in note(lab) and "&lt;script&gt;" in note(lab)


def test_a_lab_says_that_it_works_and_when_it_is_done():
    said = []
    lab = small_lab(compute=lambda n: said.append(note(lab) if n > 1 else ""), busy="Training ...")
    assert note(lab) == ""
    lab.set(n=2)
    assert said[-1] == "Training ..." and note(lab) == ""


def test_several_controls_move_as_one_change():
    picture, seen = Picture(), []
    controls = {"a": widgets.IntSlider(), "b": widgets.IntSlider()}
    lab = Lab(controls, lambda a, b: seen.append((a, b)), lambda result, a, b: f"{a} {b}", picture)
    lab.set(a=3, b=4)
    lab.reset()
    assert seen == [(0, 0), (3, 4)] and alt(lab) == "0 0"


def test_memory_is_bounded():
    lab = small_lab()
    for n in range(101):
        lab.set(n=n)
    runs = lab.computations
    lab.set(n=99)
    assert lab.computations == runs
    lab.set(n=0)
    assert lab.computations == runs + 1


@pytest.mark.parametrize("values", [{"n": 101}, {"n": -1}, {"m": 1}, {"n": "three"}])
def test_a_value_that_a_control_cannot_take_is_refused(values):
    with pytest.raises(ValueError, match="slider"):
        small_lab().set(**values)


def test_a_replay_of_no_control_is_refused():
    with pytest.raises(ValueError, match="no slider 'epoch'"):
        small_lab(replay="epoch")


def test_labels_cover_neither_points_nor_each_other():
    picture = Picture()
    axes = picture.subplots()
    axes.set(xlim=(-1, 1), ylim=(-1, 1))
    points = np.array([[0, 0], [0.03, 0.0], [0, 0.08], [-0.95, 0.9], [0.97, -0.9]])
    labels = [axes.text(0, 0, f"Book {i}") for i in range(len(points))]
    picture.canvas.draw()
    place_labels(labels, points, points)
    boxes = [label.get_window_extent() for label in labels]
    pixels = axes.transData.transform(points)
    for i, box in enumerate(boxes):
        assert not any(box.contains(*point) for point in pixels)
        assert not any(box.overlaps(other) for other in boxes[:i])
        assert axes.bbox.contains(box.x0, box.y0) and axes.bbox.contains(box.x1, box.y1)


@pytest.fixture(scope="module")
def run_notebook():
    """A notebook that shows a lab, moves it in a later cell, and shows an error of a lab."""
    cells = [
        "from bookrec_helpers.sliders import dimension_lab, start_lab\nlab = dimension_lab()\nlab",
        "_ = lab.set(n=10.0)",
        "start_lab()",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    return NotebookClient(book, kernel_name="python3", store_widget_state=False).execute()


def test_the_picture_in_a_notebook_follows_and_stays(run_notebook):
    box, picture = run_notebook.cells[0].outputs
    assert "For n = 10 and" in picture.data["text/plain"]
    assert picture.metadata["image/png"] == {
        "width": 960,
        "height": 420,
        "alt": picture.data["text/plain"],
    }
    assert box.data["text/plain"].startswith("Sliders (n, cap): open this notebook in JupyterLab")
    assert "application/vnd.jupyter.widget-view+json" in box.data
    assert run_notebook.cells[1].outputs == []


@pytest.mark.parametrize("exporter", [HTMLExporter, MarkdownExporter])
def test_pictures_and_words_remain_in_html_and_markdown(run_notebook, exporter):
    body, resources = exporter().from_notebook_node(run_notebook)
    assert "Sliders (n, cap): open this notebook" in body
    assert "Sliders (dimension): open this notebook" in body
    pictures = [f"![png]({name})" for name in resources.get("outputs", {})] or ["<img"]
    assert sum(map(body.count, pictures)) == 2
    assert "Error displaying widget" not in body


def test_a_typed_number_is_taken_as_it_is_meant(lab_of):
    lab = lab_of("dimension_lab")
    n = lab.controls["n"]
    for typed, value in (("1,000,000", 10**6), ("47", 47), ("47.5", 47), ("nine", 47), ("0", 47)):
        n.box.value = typed
        assert lab.values["n"] == value and n.box.value == f"{value:,}"
    n.slider.value += 1
    assert lab.values["n"] == 50


def test_each_preset_is_a_setting_of_its_lab(lab_of):
    assert set(WORDS) == set(LABS)
    for name, presets in ((name, words.get("presets", {})) for name, words in WORDS.items()):
        lab = lab_of(name)
        assert lab.presets == presets
        for words, values in presets.items():
            button(lab, words).click()
            assert lab.error is None and lab.values == {**lab._start, **values}


def test_a_link_brings_a_setting_back(lab_of, capsys):
    lab = lab_of("dimension_lab")
    lab.set(n=47, cap=9)
    lab.link()
    line = capsys.readouterr().out.strip()
    assert line == "dimension_lab().set(n=47, cap=9)"
    assert eval(line, vars(sliders)).values == lab.values


def test_what_a_computation_yields_is_drawn_on_the_way_and_its_last_is_kept():
    def compute(n):
        yield from range(n)

    drawn = []
    lab = small_lab(compute=compute, draw=lambda result, n: drawn.append(result) or f"{result}")
    assert drawn[-1] == 0 and alt(lab) == "0"
    lab.set(n=5)
    assert drawn[1] == 0 and alt(lab) == "4"
    lab.set(n=1)
    assert lab.set(n=5).computations == 2


def test_an_error_on_the_way_brings_the_picture_before_back():
    def compute(n):
        yield n
        if n == 3:
            raise KeyboardInterrupt

    lab = small_lab(compute=compute)
    lab.controls["n"].value = 3
    assert alt(lab) == "It is 1." and "Stopped." in note(lab)
    lab.controls["n"].value = 4
    assert alt(lab) == "It is 4." and note(lab) == ""


def test_a_map_says_which_books_are_nearest(lab_of):
    lab = lab_of("map_lab")
    lab.set(book="103")
    assert "103, Mystery: nearest in all dimensions: " in alt(lab)
    assert len(lab.picture.axes[0].lines) and alt(lab).count("10") >= 4
