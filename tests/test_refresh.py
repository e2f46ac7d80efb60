"""No lesson is stale, and a stamp covers what a lesson is made by, no more and no less."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tests import refresh
from tests.refresh import complaint_about_stale_lessons, stamp_of

PACKAGE = {  # of a small project, whose lesson 02 runs CODE
    "__init__.py": "",
    "training.py": "import math\nfrom bookrec_helpers import runtime",
    "runtime.py": "def progress():\n    import bookrec_helpers.measures",
    "measures.py": "",
    "exercises/__init__.py": "from importlib import import_module",
    "exercises/lesson_02.py": "from bookrec_helpers.dataset import split",
    "exercises/lesson_02.toml": "hint = 'Half of it.'",
    "dataset.py": "",
    "exercises/lesson_01.py": "",
    "exercises/lesson_01.toml": "",
    "plots.py": "",
}
NOT_IMPORTED = {"exercises/lesson_01.py", "exercises/lesson_01.toml", "plots.py"}
CODE = """%%time
%matplotlib inline
from bookrec_helpers.training import fit
def later():
    from bookrec_helpers.exercises import check"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the small project; `refresh` looks there."""
    for name, text in PACKAGE.items():
        path = tmp_path / "bookrec_helpers" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "requirements.txt").write_text("torch==2.13.0")
    monkeypatch.setattr(refresh, "ROOT", tmp_path)
    return tmp_path


def lesson(code=CODE, prose="Half of it."):
    cells = [new_markdown_cell(prose), new_code_cell(code)]
    return new_notebook(cells=cells, metadata={"lesson": {"number": "02"}})


@pytest.mark.parametrize("name", PACKAGE)
def test_a_stamp_covers_the_modules_that_a_lesson_imports(project, name):
    before = stamp_of(lesson())
    with (project / "bookrec_helpers" / name).open("a") as file:
        file.write("\n# changed")
    assert (stamp_of(lesson()) == before) == (name in NOT_IMPORTED)


def test_a_stamp_covers_the_pins_and_the_code_but_not_the_prose(project):
    before = stamp_of(lesson())
    assert stamp_of(lesson(prose="A third.")) == before
    assert stamp_of(lesson(CODE + "\nfit()")) != before
    (project / "requirements.txt").write_text("torch==2.14.0")
    assert stamp_of(lesson()) != before


def test_only_exercises_are_imported_by_a_name_that_no_stamp_sees():
    modules = (refresh.ROOT / "bookrec_helpers").rglob("*.py")
    by_name = [path for path in modules if "import_module(" in path.read_text(encoding="utf-8")]
    assert by_name == [refresh.file_of("bookrec_helpers.exercises")]


def test_no_lesson_is_stale():
    assert complaint_about_stale_lessons() is None
