"""Runs the lessons in place, stores their outputs, and stamps each with what made them.

python -m tests.refresh                  all lessons that are stale
python -m tests.refresh 02_dimension     these lessons, stale or not
python -m tests.refresh --check          runs nothing; names the stale lessons, and fails if any
"""

import ast
import base64
import hashlib
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from bookrec_helpers.movielens import NoMovieLens, load_movielens
from tests.slides import mark

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def imported_by(code: str) -> set[str]:
    """What a piece of code imports, at its top or inside a function: `a` and `a.b` of
    `from a import b`, since b may be a module."""
    names = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"from {'.' * node.level} import: name the whole module"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def file_of(name: str) -> Path | None:
    """The file of a module of this project; None for all other names."""
    if not name.startswith("bookrec_helpers"):
        return None
    place = ROOT / name.replace(".", "/")
    return next(filter(Path.exists, (place.with_suffix(".py"), place / "__init__.py")), None)


def made_by(notebook) -> list[Path]:
    """The files that a lesson's outputs depend on: the modules that its cells import, directly
    or not, the words and styles beside them, and the pins."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    lines = [line for cell in cells for line in cell.splitlines()]
    code = "\n".join(line for line in lines if not line.startswith(("%", "!")))  # no Python
    waiting, files = imported_by(code), {}
    while waiting:
        name = waiting.pop()
        if name not in files and (file := file_of(name)):
            files[name] = file
            waiting |= imported_by(file.read_text(encoding="utf-8")) | {name.rpartition(".")[0]}
            if name == "bookrec_helpers.exercises":  # it imports a lesson's by its number
                waiting.add(f"{name}.lesson_{notebook.metadata.lesson.number}")
    kinds = (".py", ".toml", ".css")
    beside = {file.with_suffix(kind) for file in files.values() for kind in kinds}
    return [*sorted(filter(Path.exists, beside)), ROOT / "requirements.txt"]


def stamp_of(notebook) -> str:
    """A hash of the lesson's code cells and of the files that it is made by."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            digest.update(cell.source.encode() + b"\0")
    for path in made_by(notebook):
        digest.update(path.read_text(encoding="utf-8").encode() + b"\0")  # any line ends
    return digest.hexdigest()[:16]


def is_stale(path: Path) -> bool:
    """Whether the stored outputs were made by other code than there is now."""
    notebook = nbformat.read(path, as_version=4)
    return notebook.metadata.get("stamp") != stamp_of(notebook)


def stale_lessons() -> list[Path]:
    return [path for path in LESSONS if is_stale(path)]


def complaint_about_stale_lessons() -> str | None:
    """A sentence that names them and the way out, None when all are fresh."""
    stale = ", ".join(path.stem for path in stale_lessons())
    return f"Older than their code: {stale}. Run: python -m tests.refresh" if stale else None


def lacks(path: Path) -> str | None:
    """Why a lesson cannot run here, in a sentence: the ratings that it needs cannot be had."""
    cells = nbformat.read(path, as_version=4).cells
    if any("load_movielens()" in cell.source for cell in cells if cell.cell_type == "code"):
        try:
            load_movielens()
        except NoMovieLens as reason:
            return str(reason)
    return None


def execute(path: Path):
    """Runs a lesson top to bottom in a clean kernel and returns it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar is for the one who waits, not for the page
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook, timeout=600, resources=where, store_widget_state=False, record_timing=False
    ).execute()
    return notebook


def answers(notebook):
    """For each Predict outside the exercises, its cell and the code cells whose outputs answer it:
    those up to the first prose after an output, none where a heading comes first."""
    for place, cell in enumerate(notebook.cells):
        is_asked = cell.cell_type == "markdown" and "**Predict:**" in cell.source
        if not is_asked or cell.source.startswith("### Exercise"):
            continue
        found = []
        for below in notebook.cells[place + 1 :]:
            if below.cell_type == "code" and below.outputs:
                found.append(below)
            elif below.cell_type == "markdown" and (found or below.source.startswith("#")):
                break
        yield cell, found


def tidy(notebook) -> None:
    """Leaves only what a page without a kernel can show, the picture and the sentence, and folds
    the answer of each Predict.

    The kernel's own `language_info` stays whole, its version too: JupyterLab puts it there on
    opening, and where that changes anything, an untouched lesson asks to be saved.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    for _, cells in answers(notebook):  # JupyterLab unfolds them when the cell is run
        for cell in cells:
            cell.metadata.setdefault("jupyter", {})["outputs_hidden"] = True


def refresh(path: Path) -> None:
    """Executes a lesson and writes it back with its outputs, its slides and its stamp."""
    notebook = execute(path)
    tidy(notebook)
    mark(notebook)
    notebook.metadata["stamp"] = stamp_of(notebook)
    nbformat.write(notebook, path)
    draw_cover(notebook)


def draw_cover(notebook) -> None:
    """Writes the picture of the cell tagged "cover" for the README."""
    for cell in notebook.cells:
        if "cover" in cell.metadata.get("tags", []):
            [picture] = [o.data["image/png"] for o in cell.outputs if "image/png" in o.data]
            (ROOT / "notebooks" / "cover.png").write_bytes(base64.b64decode(picture))


def main(arguments: list[str]) -> None:
    if arguments == ["--check"]:
        sys.exit(complaint_about_stale_lessons())
    unknown = set(arguments) - {path.stem for path in LESSONS}
    if unknown:
        sys.exit(f"No such lesson: {', '.join(sorted(unknown))}. See the names in notebooks/.")
    chosen = [path for path in LESSONS if path.stem in arguments] if arguments else stale_lessons()
    left = {path: reason for path in chosen if (reason := lacks(path))}
    for path in chosen:
        print(f"{path.stem}: {left.get(path, 'running')}", flush=True)
        if path not in left:
            start = time.monotonic()
            refresh(path)
            print(f"  {time.monotonic() - start:.0f} seconds", flush=True)
    print(f"{len(chosen) - len(left)} of {len(LESSONS)} lessons refreshed")


if __name__ == "__main__":
    main(sys.argv[1:])
