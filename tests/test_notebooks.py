"""The lessons, found by glob: they run, and they say what is stored.

A fresh text may differ from the stored one in its measures (a number with a decimal point, a
percentage), by NEAR, since their last digits depend on the processor. What a lesson concludes,
whole numbers and words, must stand. Two tags of a cell loosen that: "wobbly" (the last digits turn
its numbers, or the order of its names: only words are compared) and "timing" (nothing is).
"""

import re
from itertools import zip_longest

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from tests.refresh import LESSONS, WIDGET_VIEW, execute, lacks, tidy

NAMES = [path.stem for path in LESSONS]
WARNING = re.compile(r"Warning\b|\bdeprecated in\b", re.IGNORECASE)
NEAR = 0.03
MEASURE = r"(?<![\w.])-?\d+(?:\.\d*(?:e[-+]?\d+)?|e[-+]?\d+|(?=%))"
TOKEN = re.compile(rf"(?P<measure>{MEASURE})|-?\w+|\S")


def tokens(text):
    """Words, signs and whole numbers as they stand, measures as floats (12% is 0.12)."""
    for found in TOKEN.finditer(text):
        percent = text[found.end() : found.end() + 1] == "%"
        is_measure = found["measure"] is not None
        yield float(found[0]) / (100 if percent else 1) if is_measure else found[0]


def same(was, now):
    if isinstance(was, float) and isinstance(now, float):
        return abs(was - now) <= NEAR
    return was == now


def words(text):
    """The words of a text, in alphabetical order."""
    return sorted(word for word in tokens(text) if isinstance(word, str) and word.isalpha())


def first_difference(stored, fresh, wobbly=False):
    """Where a fresh text leaves the stored one, in words; None when it says the same."""
    was, now = (words(text) if wobbly else tokens(text) for text in (stored, fresh))
    for one, other in zip_longest(was, now, fillvalue=""):
        if not same(one, other):
            return f"stored {one!r}, now {other!r}, in:\n{fresh}"
    return None


def text_of(cell):
    """What a cell printed, then what it showed: the kinds of each output and its text."""
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    shown = [(*sorted(o.data), o.data.get("text/plain", "")) for o in cell.outputs if "data" in o]
    return "\n".join([printed, *(line for output in shown for line in output)])


def differences(stored, fresh):
    """Each cell that no longer says what is stored."""
    for was, now in zip(stored.cells, fresh.cells, strict=True):
        tags = now.metadata.get("tags", [])
        if now.cell_type == "code" and "timing" not in tags and "check_setup(" not in now.source:
            difference = first_difference(text_of(was), text_of(now), "wobbly" in tags)
            if difference:
                yield f"cell {now.id}: {difference}"


def complaints(notebook):
    """Errors, warnings, and anything else that a lesson should not print."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            text = output.get("text", "")
            if output.output_type == "error":
                yield f"cell {number}: {output.ename}: {output.evalue}"
            elif output.get("name") == "stderr" or WARNING.search(text):
                yield f"cell {number}: {text}"


def test_there_are_lessons():
    assert NAMES[0] == "00_start_here" and len(NAMES) >= 6


@pytest.mark.parametrize("path", LESSONS, ids=NAMES)
def test_a_lesson_runs_and_says_what_is_stored(path):
    if reason := lacks(path):
        pytest.skip(reason)
    fresh = execute(path)
    tidy(fresh)
    assert list(complaints(fresh)) == []
    found = "\n\n".join(differences(nbformat.read(path, as_version=4), fresh))
    assert not found, found


ALIKE = [  # what another processor may do to a text
    ("loss 0.417 at d = 3", "loss 0.429 at d = 3"),
    ("moved 1.2e-05", "moved 9.8e-06"),
    ("tensor([[ 0.0004, -0.2934]])", "tensor([[-0.0004, -0.2934]])"),
    (
        "         mean\nd            \n1       0.005\n",
        "        mean\nd           \n1      -0.002\n",
    ),
    ("keeps 69% of it", "keeps 71% of it"),
    ("seed 1 [1. 2. 1.]", "seed 1 [1.0 2.0 1.0]"),
]
UNLIKE = [  # what a lesson that says something else does
    ("loss 0.417 at d = 3", "loss 0.457 at d = 3"),
    ("loss 0.417 at d = 3", "loss 0.417 at d = 4"),
    ("by the spectrum: 3", "by the spectrum: 2"),
    ("1,000 numbers", "1,001 numbers"),
    ("codes [0 1 0]", "codes [0 10]"),
    ("codes -1", "codes 1"),
    ("keeps 69% of it", "keeps 60% of it"),
    ("loss 0.417", "loss nan"),
    ("loss 0.417", "loss 0.417\nloss 0.417"),
    ("Exercise 01.1: not attempted", "Exercise 01.1: incorrect"),
    ("no dtype", ""),
]


@pytest.mark.parametrize("stored, fresh", ALIKE)
def test_a_text_may_differ_in_its_last_digits_and_its_layout(stored, fresh):
    assert first_difference(stored, fresh) is None


@pytest.mark.parametrize("stored, fresh", UNLIKE)
def test_a_text_may_not_differ_in_what_it_says(stored, fresh):
    assert first_difference(stored, fresh) and first_difference(fresh, stored)


def cell_that_said(text, source="print(answer)", **metadata):
    outputs = [new_output("stream", text=text)]
    return new_code_cell(source, id="one", outputs=outputs, metadata=metadata)


@pytest.mark.parametrize(
    "text, tag, passes",
    [
        ("best: 7 at 0.44", "cover", True),
        ("best: 8 at 0.44", "cover", False),
        ("best: 8 at 0.91", "wobbly", True),
        ("at best: 7, 0.43", "wobbly", True),
        ("last: 7 at 0.43", "wobbly", False),
        ("in 9 seconds", "timing", True),
    ],
)
def test_a_tag_says_how_much_of_a_cell_is_compared(text, tag, passes):
    was, now = (cell_that_said(said, tags=[tag]) for said in ("best: 7 at 0.43", text))
    found = list(differences(new_notebook(cells=[was]), new_notebook(cells=[now])))
    assert found == [] if passes else "cell one: stored" in found[0]


def test_versions_are_not_compared():
    was, now = (cell_that_said(said, "check_setup()") for said in ("torch 2.13.0", "torch 2.14.1"))
    assert list(differences(new_notebook(cells=[was]), new_notebook(cells=[now]))) == []


def test_a_picture_that_is_gone_is_a_difference():
    data = {"image/png": "", "text/plain": "A curve."}
    was, now = (cell_that_said("", tags=[]) for _ in range(2))
    was.outputs.append(new_output("display_data", data=data))
    now.outputs.append(new_output("display_data", data={"text/plain": "A curve."}))
    assert list(differences(new_notebook(cells=[was]), new_notebook(cells=[now])))


@pytest.mark.parametrize("path", LESSONS, ids=NAMES)
def test_the_stored_outputs_need_no_kernel(path):
    notebook = nbformat.read(path, as_version=4)
    assert list(complaints(notebook)) == []
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run in order, from a clean kernel"
    for output in (o for cell in notebook.cells for o in cell.get("outputs", [])):
        data = output.get("data", {})
        assert WIDGET_VIEW not in data
        if "image/png" in data:
            assert data["text/plain"].endswith("."), "a picture has a sentence for its text"


@pytest.mark.parametrize("path", LESSONS, ids=NAMES)
def test_a_lesson_has_its_parts_and_its_links_lead_somewhere(path):
    notebook = nbformat.read(path, as_version=4)
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for part in ("# ", "**After this lesson you can**", "**Time**", "**You need**",
                 "**Predict:**", "## Takeaways"):  # fmt: skip
        assert part in text, f"{path.stem} has no {part}"
    assert notebook.metadata.lesson.number == path.stem[:2]
    assert f"| **Time** | {notebook.metadata.lesson.minutes} minutes |" in text
    for target in re.findall(r"\]\(([^)#:]+\.ipynb)", text):
        assert target in {p.name for p in LESSONS}, f"{path.stem} links to {target}"
    neighbors = LESSONS.index(path) - 1, LESSONS.index(path) + 1
    for neighbor in (LESSONS[i].name for i in neighbors if 0 <= i < len(LESSONS)):
        assert f"({neighbor})" in text
