"""All lessons as a vault, and their Markdown against the house rules."""

import re
import subprocess
import sys

import nbformat
import pytest
import yaml

from tests.lint_markdown import lint
from tests.mathjax_node import typesetting_errors
from tests.refresh import LESSONS
from tests.vault import formulas, problems


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    """The folder that `jupyter nbconvert --to obsidian notebooks/*.ipynb` makes."""
    assert LESSONS, "there is no lesson in notebooks/"
    folder = tmp_path_factory.mktemp("vault")
    command = [sys.executable, "-m", "nbconvert", "--to", "obsidian", "--output-dir", str(folder)]
    subprocess.run([*command, *map(str, LESSONS)], check=True, timeout=300)
    return folder


def test_the_vault_of_all_lessons_is_clean(vault):
    own = {"Embedding dimensions", "Embedding dimensions cards"}
    assert {note.stem for note in vault.glob("*.md")} == {path.stem for path in LESSONS} | own
    assert problems(vault) == []


def test_the_lessons_hang_together(vault):
    notes = [(vault / f"{path.stem}.md").read_text() for path in LESSONS]
    found = [yaml.safe_load(note.split("---\n")[1]) for note in notes]
    stems = [f"[[{path.stem}]]" for path in LESSONS]
    assert [lesson.get("prev") for lesson in found] == [None, *stems[:-1]]
    assert [lesson.get("next") for lesson in found] == [*stems[1:], None]
    text = (vault / "Embedding dimensions.md").read_text()
    assert all(f"[[{path.stem}|" in text for path in LESSONS)


def test_no_note_asks_for_what_only_a_notebook_can_do(vault):
    for path in LESSONS:
        note = (vault / f"{path.stem}.md").read_text()
        assert "not attempted" not in note
        assert 'hint("' not in note
        assert 'solution("' not in note


def test_every_quiz_is_a_card(vault):
    cards = (vault / "Embedding dimensions cards.md").read_text()
    notebooks = [nbformat.read(path, as_version=4) for path in LESSONS]
    asked = sum(
        cell.source.count("> [!success]- Answer")
        for book in notebooks
        for cell in book.cells
        if re.search(r"^\*\*\d+\.\*\*", cell.source, re.MULTILINE)
    )
    assert cards.count("\n?\n") == asked > 20


def test_mathjax_typesets_every_formula_of_the_vault(vault):
    found = [formula for note in vault.rglob("*.md") for formula in formulas(note.read_text())]
    assert found
    assert typesetting_errors(found) == []


def test_the_markdown_of_all_lessons_keeps_the_house_rules():
    assert LESSONS, "there is no lesson in notebooks/"
    assert lint({path.stem: nbformat.read(path, as_version=4) for path in LESSONS}) == []
