"""What every lesson owes its learner: folded answers, links to words, minutes that agree."""

import re

import nbformat
import pytest

from tests.lint_markdown import anchors
from tests.refresh import LESSONS, answers

NAMES = [path.stem for path in LESSONS]
START = "00_start_here"
LINK = re.compile(r"\[([^\]]+)\]\(00_start_here\.ipynb#([^)]+)\)")


def lesson(stem):
    [path] = [path for path in LESSONS if path.stem == stem]
    return nbformat.read(path, as_version=4)


def prose(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


@pytest.mark.parametrize("stem", NAMES)
def test_the_answer_of_a_predict_is_folded(stem):
    open_answers = [
        f"{cell.id} answers {question.source.partition('**Predict:**')[2].strip()[:60]!r}"
        for question, cells in answers(lesson(stem))
        for cell in cells
        if not cell.metadata.get("jupyter", {}).get("outputs_hidden")
    ]
    assert not open_answers, "\n".join(open_answers)


def glossary():
    text = prose(lesson(START)).partition("\n## Glossary\n")[2]
    return re.findall(r"^### (.+)\n\n(.+)$", text, re.MULTILINE)


def test_the_glossary_is_the_end_of_the_first_lesson():
    text = prose(lesson(START)).partition("\n## Glossary\n")[2]
    assert len(glossary()) == text.count("### ") > 30 and "\n## " not in text
    terms = [term for term, _ in glossary()]
    assert terms == sorted(terms, key=lambda term: term.casefold())
    for term, sentence in glossary():
        assert len(re.findall(r"\.(?: |$)", sentence)) == 1, f"one sentence for {term}"


@pytest.mark.parametrize("stem", NAMES)
def test_a_link_to_the_glossary_lands_on_its_own_term(stem):
    terms = {term.replace(" ", "-") for term, _ in glossary()}
    there = anchors(lesson(START))
    for text, anchor in LINK.findall(prose(lesson(stem))):
        assert anchor in there, f"no heading stands at #{anchor}"
        word = text.strip("*").replace(" ", "-")
        if anchor in terms:
            assert word.rstrip("s").casefold() == anchor.rstrip("s").casefold()
        elif stem != START:
            assert anchor != "Glossary", f"{text}: name the term, not the whole glossary"


def test_each_part_of_the_page_of_python_is_linked_from_a_lesson():
    text = prose(lesson(START)).partition("\n## A page of Python\n")[2].partition("\n## ")[0]
    parts = {part.replace(" ", "-") for part in re.findall(r"^### (.+)$", text, re.MULTILINE)}
    linked = {anchor for stem in NAMES for _, anchor in LINK.findall(prose(lesson(stem)))}
    assert len(parts) == 10 and not parts - linked


@pytest.mark.parametrize("stem", NAMES[1:])
def test_the_first_lesson_tells_its_minutes(stem):
    minutes = lesson(stem).metadata.lesson.minutes
    [row] = [line for line in prose(lesson(START)).splitlines() if f"({stem}.ipynb)" in line][:1]
    assert row.endswith(f"| {minutes} |")


@pytest.mark.parametrize("stem", NAMES)
def test_a_lesson_stores_what_the_kernel_says_of_its_language(stem):
    """JupyterLab stores it on opening; were that a change, a lesson would ask to be saved."""
    stored = lesson(stem).metadata.language_info
    assert set(stored) == {"name", "version", "mimetype", "codemirror_mode", "pygments_lexer",
                           "nbconvert_exporter", "file_extension"}  # fmt: skip
