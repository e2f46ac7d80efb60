"""All lessons as a vault, and their Markdown against the house rules."""

import nbformat
import pytest
from nbconvert.exporters import get_exporter
from nbconvert.writers import FilesWriter

from tests.lint_markdown import lint
from tests.mathjax_node import typesetting_errors
from tests.refresh import LESSONS
from tests.vault import formulas, problems


@pytest.fixture(scope="module")
def vault(tmp_path_factory):
    """The folder that `jupyter nbconvert --to obsidian notebooks/*.ipynb` makes."""
    assert LESSONS, "there is no lesson in notebooks/"
    folder = tmp_path_factory.mktemp("vault")
    exporter, writer = get_exporter("obsidian")(), FilesWriter(build_directory=str(folder))
    for lesson in LESSONS:
        writer.write(*exporter.from_filename(str(lesson)), notebook_name=lesson.stem)
    return folder


def test_the_vault_of_all_lessons_is_clean(vault):
    assert sorted(note.stem for note in vault.glob("*.md")) == [path.stem for path in LESSONS]
    assert problems(vault) == []


def test_mathjax_typesets_every_formula_of_the_vault(vault):
    found = [formula for note in vault.glob("*.md") for formula in formulas(note.read_text())]
    assert found
    assert typesetting_errors(found) == []


def test_the_markdown_of_all_lessons_keeps_the_house_rules():
    assert LESSONS, "there is no lesson in notebooks/"
    assert lint({path.stem: nbformat.read(path, as_version=4) for path in LESSONS}) == []
