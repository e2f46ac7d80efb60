"""Runs the lessons in place, stores their outputs, and stamps each with what made them.

python -m tests.refresh                  all lessons that are stale
python -m tests.refresh 02_dimension     these lessons, stale or not
"""

import base64
import hashlib
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def _lesson_modules() -> list[Path]:
    """The helper package and its exercises' words, but not the export of notes: code and data
    on which a lesson's output depends."""
    package = ROOT / "bookrec_helpers"
    modules = sorted([*package.rglob("*.py"), *package.rglob("*.toml")])
    return [path for path in modules if "obsidian" not in path.parts]


def stamp_of(notebook) -> str:
    """A hash of the lesson's code cells, the helper package, and the pins."""
    digest = hashlib.sha256()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            digest.update(cell.source.encode() + b"\0")
    made_by = [*_lesson_modules(), ROOT / "requirements.txt"]
    for path in made_by:
        digest.update(path.read_text(encoding="utf-8").encode())  # any line ends
    return digest.hexdigest()[:16]


def is_stale(path: Path) -> bool:
    """Whether the stored outputs were made by other code than there is now."""
    notebook = nbformat.read(path, as_version=4)
    return notebook.metadata.get("stamp") != stamp_of(notebook)


def execute(path: Path):
    """Runs a lesson top to bottom in a clean kernel and returns it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar is for the one who waits, not for the page
    where = {"metadata": {"path": str(path.parent)}}
    NotebookClient(
        notebook, timeout=600, resources=where, store_widget_state=False, record_timing=False
    ).execute()
    return notebook


def tidy(notebook) -> None:
    """Leaves only what a page without a kernel can show: the picture and the sentence."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    notebook.metadata.language_info.pop("version", None)  # the same file from any Python


def refresh(path: Path) -> None:
    """Executes a lesson and writes it back with its outputs and its stamp."""
    notebook = execute(path)
    tidy(notebook)
    notebook.metadata["stamp"] = stamp_of(notebook)
    nbformat.write(notebook, path)
    draw_cover(notebook)


def draw_cover(notebook) -> None:
    """Writes the picture of the cell tagged "cover" for the README."""
    for cell in notebook.cells:
        if "cover" in cell.metadata.get("tags", []):
            [picture] = [o.data["image/png"] for o in cell.outputs if "image/png" in o.data]
            (ROOT / "notebooks" / "cover.png").write_bytes(base64.b64decode(picture))


def main(names: list[str]) -> None:
    chosen = [path for path in LESSONS if path.stem in names or (not names and is_stale(path))]
    unknown = set(names) - {path.stem for path in LESSONS}
    if unknown:
        sys.exit(f"No such lesson: {', '.join(sorted(unknown))}. See the names in notebooks/.")
    for path in chosen:
        print("running", path.stem, flush=True)
        refresh(path)
    print(f"{len(chosen)} of {len(LESSONS)} lessons refreshed")


if __name__ == "__main__":
    main(sys.argv[1:])
