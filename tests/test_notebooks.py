"""The lessons, found by glob: they run, they say the same twice, and they are fresh."""

import re

import nbformat
import pytest

from tests.refresh import LESSONS, execute, is_stale

NAMES = [path.stem for path in LESSONS]
WARNING = re.compile(r"Warning\b|\bdeprecated in\b", re.IGNORECASE)


def text_outputs(notebook):
    """The text that each cell printed and showed; cells that print times are left out."""
    texts = {}
    for number, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and "timing" not in cell.metadata.get("tags", []):
            printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
            shown = [o.data.get("text/plain") for o in cell.outputs if "data" in o]
            texts[number] = printed, shown
    return texts


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
def test_a_lesson_runs_twice_and_says_the_same(path):
    first, second = execute(path), execute(path)
    assert list(complaints(first)) == []
    assert text_outputs(first) == text_outputs(second)


def test_no_lesson_is_stale():
    stale = [path.stem for path in LESSONS if is_stale(path)]
    assert not stale, f"Outputs are older than the code: {stale}. Run: python -m tests.refresh"


@pytest.mark.parametrize("path", LESSONS, ids=NAMES)
def test_the_stored_outputs_need_no_kernel(path):
    notebook = nbformat.read(path, as_version=4)
    assert list(complaints(notebook)) == []
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "run in order, from a clean kernel"
    for output in (o for cell in notebook.cells for o in cell.get("outputs", [])):
        data = output.get("data", {})
        assert "application/vnd.jupyter.widget-view+json" not in data
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
