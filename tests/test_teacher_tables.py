"""The teacher's tables of lessons 00 to 05 are played: each row sets its lab, and each number that
it promises is read from the words of the lab's picture."""

import re

import nbformat
import pytest

from bookrec_helpers import sliders
from tests.refresh import LESSONS
from tests.test_prose_numbers import is_among, numbers_in, prose_of

PLAYED = {  # lesson: for each row of its table the lab and its settings, one after another
    "00": [("start_lab", {"dimension": 7}), ("start_lab", {})],
    "01": [
        ("encoding_lab", {"categories": 70, "dimension": 7}),
        ("encoding_lab", {"categories": 10**6}),
        ("encoding_lab", {}, {"dimension": 50}),
    ],
    "02": [
        ("dimension_lab", {"n": 50}, {"n": 500}),
        ("dimension_lab", {"n": 50}, {"n": 20}),
        ("dimension_lab", {"cap": 600}),
    ],
    "03": [
        ("model_lab", {}, {"books": 4}),
        ("model_lab", {"users": 16, "books": 16, "genres": 16}),
        ("model_lab", {}, {"users": 4}, {"genres": 3}),
    ],
    "04": [
        ("training_lab", {}, {"dimension": 8}, {"dimension": 50}),
        ("training_lab", {}, {"learning_rate": 0.1}, {"learning_rate": 0.1, "seed": 1}),
        ("training_lab", {}, {"seed": 1}),
    ],
    "05": [
        ("map_lab", {"init_std": 1.0}, {}),
        ("planted_map_lab", {"epoch": 0}),
        ("planted_map_lab", {}, {"dimension": 2}),
    ],
}
IN_NO_PICTURE = {  # numbers that the teacher gets by adding up, or by counting
    "01": ["million"],
    "04": ["3"],  # the three epochs between two stairs
    "03": ["36", "35", "4"],  # 4 + 32, 3 + 32; the four books
}


def table_of(number):
    """The rows of a lesson's table for the teacher: what to ask, the usual answer, what to show."""
    [path] = [path for path in LESSONS if path.stem.startswith(number)]
    cells = nbformat.read(path, as_version=4).cells
    [cell] = [cell for cell in cells if cell.source.startswith("## For the teacher")]
    rows = re.findall(r"^\| (.+) \| (.+) \| (.+) \|$", cell.source, re.MULTILINE)
    return [(ask, show) for ask, _, show in rows[2:]]


@pytest.fixture(scope="module")
def words_of():
    made = {}

    def play(name, settings):
        """What the lab's picture says after these settings, and where its curve ends."""
        lab = made.setdefault(name, getattr(sliders, name)())
        lab.reset()
        lab.set(**settings)
        ends = ""
        if name == "planted_map_lab":  # the validation loss is drawn beside the map
            [loss] = [line for line in lab.picture.axes[1].lines if len(line.get_xdata()) > 1][-1:]
            ends = f"{list(loss.get_ydata())[-1]:.4f}"
        return f"{lab.picture.alt} {ends} {settings}"

    return play


@pytest.mark.parametrize("number", PLAYED)
def test_each_row_shows_what_it_promises(number, words_of):
    table = table_of(number)
    assert len(table) == len(PLAYED[number])
    missing = []
    for (ask, show), (lab, *settings) in zip(table, PLAYED[number], strict=True):
        seen = numbers_in(" ".join(words_of(lab, each) for each in settings))
        for word in re.findall(r"[\d,.]*\d%?", prose_of(show)):
            if not is_among(word, seen) and word not in IN_NO_PICTURE.get(number, ()):
                missing.append(f"{word} of {ask}")
    assert not missing, "\n".join(missing)
