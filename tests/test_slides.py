"""The rule of the slides, and every lesson by it."""

import nbformat
import pytest
from nbformat import v4

from tests.refresh import LESSONS
from tests.slides import kinds, mark

PROSE, CODE = v4.new_markdown_cell, v4.new_code_cell
NAMES = [path.stem for path in LESSONS]


def rule(*cells):
    return kinds(cells)


def test_headings_begin_slides_and_prose_goes_below():
    cells = PROSE("# A"), PROSE("one"), PROSE("## B"), PROSE("### C"), PROSE("two")
    assert rule(*cells) == ["slide", "subslide", "slide", "subslide", "subslide"]


def test_an_output_shows_with_its_prose_and_what_reads_it_waits():
    cells = PROSE("## A"), CODE("1 + 1"), CODE("2 + 2"), PROSE("It is."), PROSE("More.")
    assert rule(*cells) == ["slide", "layer", "layer", "fragment", "subslide"]
    assert rule(PROSE("## A"), CODE("1"), PROSE("It is. Next."), CODE("2"))[2] == "subslide"


def test_a_predict_waits_even_behind_imports():
    cells = PROSE("**Predict:** what?"), CODE("import re\nimport os"), CODE("1"), CODE("2")
    assert rule(*cells) == ["subslide", "skip", "fragment", "layer"]
    assert rule(PROSE("## A"), CODE("1"), PROSE("So. **Predict:** and?"))[2] == "subslide"


def test_a_lab_stands_alone_with_its_question():
    cells = (
        PROSE("Which?"),
        CODE("from x import map_lab\n\nmap_lab()"),
        PROSE("> [!success]- Answer"),
    )
    assert rule(*cells) == ["subslide", "layer", "subslide"]


def test_exercises_show_their_task_and_check_but_no_hint():
    cells = PROSE("### Exercise"), CODE("x = ...\ncheck('1', x)"), CODE("hint('1')")
    assert rule(*cells, CODE("solution('1')")) == ["subslide", "layer", "skip", "skip"]


@pytest.mark.parametrize("title", ["For the teacher", "Summary for your notes", "Glossary"])
def test_what_is_for_a_desk_is_not_on_the_wall(title):
    cells = PROSE(f"## {title}\n\nWords"), PROSE("| a |"), CODE("1"), PROSE("**Next:** 01")
    assert rule(*cells) == ["skip", "skip", "skip", "slide"]


@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_is_marked_by_the_rule(name):
    notebook = nbformat.read(LESSONS[NAMES.index(name)], as_version=4)
    stored = [dict(cell.metadata) for cell in notebook.cells]
    mark(notebook)
    assert stored == [dict(cell.metadata) for cell in notebook.cells], "run python -m tests.slides"


@pytest.mark.parametrize("name", NAMES)
def test_a_slide_stands_below_the_last_layer(name):
    """jupyterlab-slideshow shows a layer that nothing follows on the first slide."""
    cells = nbformat.read(LESSONS[NAMES.index(name)], as_version=4).cells
    assert [kind for kind in kinds(cells) if kind != "skip"][-1] == "slide"
