"""Each number in a lesson's prose stands in an output above it, or in the code.

A number matches an output if it is that number rounded to its own digits. A sentence may also
name a number of the code above it, or of the code just below, to which it leads over. Not looked
at: what is not prose (code, formulas, links, years, the numbers of lessons), what is asked rather
than found (Predict, exercises, quiz), and the teacher's tables, which are played by
`test_teacher_tables.py`.
"""

import re
from itertools import dropwhile, takewhile

import nbformat
import pytest

from tests.refresh import LESSONS

ASIDE = ("The lessons", "A page of Python", "Exercises", "Quiz", "For the teacher")
NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w]|\.\d)\s?%?")
NO_PROSE = [
    r"^```.*?^```",  # fenced code
    r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`\n]*`",  # formulas and code
    r"\]\([^)]*\)",  # where a link leads
    r"\b(?:19|20)\d\d\b",  # years
    r"\[?\b[Ll]essons? \[?\d\d(?:(?:,| and| to| or)? \[?\d\d)*",  # lessons
    r"\[\d\d\b",  # a lesson's number in a link
    r"^\| \*\*Time\*\*.*$",
    r"^\d+\. ",  # the steps of a list
    r"\bN\(\d, \d\)",  # the name of a distribution
    r"^\*\*Predict:\*\*.*$",  # a question
]
EXCEPTIONS = {  # lesson: {number: why it may stand without an output}
    "01_encoding": {
        "8": "the bytes of a code, from which the lab counts its memory",
    },
    "02_dimension": {
        "1,000": "the number of genres that the lesson's first question is about",
    },
    "05_inspection": {
        "200": "the planted library's books, printed in lesson 04",
        "90": "a right angle, at the slider of the lab above",
    },
    "06_choosing": {
        "24": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "40,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "1,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "500": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "2,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "1,500": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "50,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "18": "six dimensions, three seeds, in the cell below",
        "7": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "9": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "47": "50 less 3",
        "10,000": "what the lab shows when the reader moves it",
    },
    "09_real_readers": {
        "943": "the readers, counted further down",
        "5": "the download's size, and the volume of a journal",
        "4": "the number of a journal",
        "19": "the number of an article",
    },
    "07_the_dial": {
        "96": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "40,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "15": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "1,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "500": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "50,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "2,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "1,500": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "13": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "72": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "24": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "85": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "0.011": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "23": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "50": "the rows a reader of the table's first three kinds, at least",
        "150": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "12,000": "printed by tests/benchmarks/hit_rate.py, which the cell names",
        "16": "the width that the lesson goes on to train",
        "0": "the dial's lower end",
        "32": "the hidden numbers of lesson 03",
        "0.693": "a coin's loss, computed in lesson 04",
    },
}


def prose_of(text):
    for pattern in NO_PROSE:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE | re.DOTALL)
    return text


def value_of(word):
    """A number as it is written, and the half of its last digit."""
    plain = word.replace(",", "").replace("−", "-").rstrip("% ")
    digits = len(plain.partition("e")[0].partition(".")[2])
    scale = 100 if word.endswith("%") else 1
    return float(plain) / scale, 0.5 * 10.0**-digits / scale


def numbers_in(text):
    return [value_of(found)[0] for found in NUMBER.findall(text)]


def outputs_of(cell):
    """What a cell printed and showed, as text; but times, which differ at each run."""
    for output in [] if "timing" in cell.metadata.get("tags", []) else cell.get("outputs", []):
        yield output.get("text", "") or output.get("data", {}).get("text/plain", "")


def is_among(word, values):
    wanted, half = value_of(word)
    return any(abs(abs(wanted) - abs(value)) <= half * 1.0001 for value in values)


def code_below(cells):
    """The code that a prose cell leads over to: the next code cells, up to the next prose."""
    code = list(dropwhile(lambda cell: cell.cell_type != "code", cells))
    return "\n".join(c.source for c in takewhile(lambda cell: cell.cell_type == "code", code))


def unfounded(notebook, exceptions=()):
    """Each number of the prose that nothing printed, with the sentence it stands in."""
    seen, section, cells = [], "", notebook.cells
    for place, cell in enumerate(cells):
        if cell.cell_type == "code":
            seen += numbers_in(re.sub(r"(?<=\d)_(?=\d)", "", cell.source))
            seen += [number for text in outputs_of(cell) for number in numbers_in(text)]
            continue
        section = [section, *re.findall(r"^## (.+)$", cell.source, re.MULTILINE)][-1]
        below = code_below(cells[place:])
        near = seen + numbers_in(re.sub(r"(?<=\d)_(?=\d)", "", below))
        for found in (
            NUMBER.finditer(prose := prose_of(cell.source)) if section not in ASIDE else ()
        ):
            word = found[0].strip()
            if word not in exceptions and not is_among(word, near):
                yield f"cell {cell.id}: {word} in {prose[: found.end()].splitlines()[-1]!r}"


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_each_number_of_the_prose_was_printed(path):
    found = list(unfounded(nbformat.read(path, as_version=4), EXCEPTIONS.get(path.stem, ())))
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_no_exception_is_idle(path):
    left = "\n".join(unfounded(nbformat.read(path, as_version=4)))
    idle = [word for word in EXCEPTIONS.get(path.stem, ()) if f": {word} in" not in left]
    assert not idle


def lesson(prose, printed="0.4271 and 1,000 rows, -0.05, 69%", code="lr = 0.02"):
    output = nbformat.v4.new_output("stream", text=printed)
    return nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(code, outputs=[output]),
            nbformat.v4.new_markdown_cell(prose),
        ]
    )


@pytest.mark.parametrize(
    "prose",
    [
        "It ends at 0.427, or 0.43.",
        "All 1,000 of them, at 0.02.",
        "It fell by 0.05, and 69 % are left, which is 0.69.",
        "Of `0.9` and $0.8$ nothing is said, nor of lesson 07 in 2018.",
    ],
)
def test_what_was_printed_may_be_said(prose):
    assert list(unfounded(lesson(prose))) == []


@pytest.mark.parametrize("prose", ["It ends at 0.42.", "All 1,001.", "At 0.03.", "70 % are left."])
def test_what_was_not_printed_may_not(prose):
    assert len(list(unfounded(lesson(prose)))) == 1


def test_a_number_below_does_not_count():
    notebook = lesson("It ends at 0.427.")
    notebook.cells.reverse()
    assert len(list(unfounded(notebook))) == 1
