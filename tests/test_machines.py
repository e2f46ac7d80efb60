"""Odd machines: no display, no home, one thread, a read-only folder with an odd name, CRLF."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest

from tests.refresh import ROOT, stamp_of
from tests.test_notebooks import complaints

PARTS = (
    "bookrec_helpers",
    "notebooks",
    "tests/refresh.py",
    "tests/slides.py",
    "tests/__init__.py",
    "requirements.txt",
)
TEXT = {".py", ".toml", ".txt", ".ipynb"}
NO_HOME = os.path.join(os.devnull, "home")  # nobody can write there, not even root


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course as Windows writes it, in a folder where nothing can be written."""
    folder = tmp_path_factory.mktemp("Kurs über 図書館 (Kopie 2)")
    for part in PARTS:
        (copy := shutil.copytree if (ROOT / part).is_dir() else shutil.copy2)
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / part, folder / part)
    for path in folder.rglob("*"):
        if path.suffix in TEXT:
            path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    set_modes(folder, 0o555, 0o444)
    yield folder
    set_modes(folder, 0o755, 0o644)


def set_modes(folder, of_folders, of_files):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(of_folders if path.is_dir() else of_files)


def contents(folder):
    """Each file's size and time; what Python itself compiles is left out."""
    return {
        path: (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def run(course, code, **settings):
    """Runs code in a new Python that finds the copied course; returns what it prints."""
    away = {"DISPLAY", "WAYLAND_DISPLAY", "HOME", "MPLCONFIGDIR", "MPLBACKEND", "XDG_CACHE_HOME"}
    machine = {name: value for name, value in os.environ.items() if name not in away}
    machine |= {"PYTHONPATH": str(course), "TQDM_DISABLE": "1", "PYTHONUTF8": "1"}
    machine |= settings
    before = contents(course)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=course, env=machine, capture_output=True, text=True,
        encoding="utf-8", timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert contents(course) == before, "something was written into the course's folder"
    return done.stdout


EVERYTHING = """
import os, tempfile
from pathlib import Path
import bookrec_helpers, torch
from bookrec_helpers import plots
from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.inspection import embedding_table, project
from bookrec_helpers.library import magical_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.saving import load_course_model, save_course_model
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import fit

data = magical_library()
encoding = encode(data)
torch.manual_seed(0)
model = BookRecommendationModel(*encoding.sizes.values())
history = fit(model, make_loader(BookDataset(encoding.frame), 2, seed=0), 5)
genre_of = data.drop_duplicates("BookID").set_index("BookID")["Genre"]
picture = plots.embedding_map(project(embedding_table(model, "book", encoding)), genre_of)
assert picture.png().startswith(b"\\x89PNG")
assert len(sweep(encoding, [1, 2], [0], epochs=2, batch_size=2, validation=0.3, n_jobs=1)) == 4
with tempfile.TemporaryDirectory() as folder:
    save_course_model(Path(folder, "ünï 1.model"), model, encoding)
    load_course_model(Path(folder, "ünï 1.model"))
print(Path(bookrec_helpers.__file__).parents[1])
print(history.frame["train_loss"].round(6).tolist())
"""


def test_the_package_works_without_a_home_on_one_thread(course, capsys):
    where, losses = run(course, EVERYTHING, HOME=NO_HOME, OMP_NUM_THREADS="1").splitlines()[-2:]
    assert where == str(course)
    exec(EVERYTHING, {})
    assert losses == capsys.readouterr().out.splitlines()[-1], "another machine, other numbers"


LESSON = """
import nbformat
from nbclient import NotebookClient

notebook = nbformat.read("notebooks/02_dimension.ipynb", as_version=4)
where = {"metadata": {"path": "notebooks"}}
NotebookClient(notebook, timeout=100, kernel_name="python3", resources=where).execute()
print(nbformat.writes(notebook))
"""


def test_a_lesson_runs_from_an_odd_folder(course):
    printed = run(course, LESSON, OMP_NUM_THREADS="1")
    notebook = nbformat.reads(printed, as_version=4)
    assert list(complaints(notebook)) == []
    assert any(cell.get("outputs") for cell in notebook.cells)


STAMPS = """
import nbformat
from tests.refresh import LESSONS, ROOT, stamp_of
print(ROOT)
for path in LESSONS:
    print(path.stem, stamp_of(nbformat.read(path, as_version=4)))
"""


def test_windows_line_ends_leave_the_stamps_as_they_are(course):
    where, *stamps = run(course, STAMPS).splitlines()
    assert where == str(course) and b"\r\n" in (course / "tests/refresh.py").read_bytes()
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    ours = [f"{p.stem} {stamp_of(nbformat.read(p, as_version=4))}" for p in paths]
    assert stamps == ours and len(stamps) >= 7
