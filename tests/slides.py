"""What of a lesson stands on the wall, and when: one rule for the slides of all lessons.

python -m tests.slides     writes it into all lessons; outputs and stamps stay as they are

The metadata are those of jupyterlab-slideshow. A `layer` shows at once with the prose before it:
any other kind of code cell would cost a key that changes nothing.
"""

import ast
import re
from pathlib import Path

import nbformat

LAYER = "jupyterlab-slideshow"
NOT_ON_THE_WALL = {"Summary for your notes", "For the teacher", "A page of Python", "Glossary"}
ASIDES = re.compile(r"(hint|solution)\(")
LEAVING = re.compile(r"\*\*(Before|Next|Start):")


def kinds(cells) -> list[str]:
    """For each cell slide, subslide, fragment, layer, or skip.

    A heading begins a slide, further prose a subslide; what a "Predict" asks for waits for the
    next key, and so does the prose that reads an output. Each lab stands alone with its question.
    """
    found, section, waits, before = [], "", False, None
    for cell, after in zip(cells, [*cells[1:], None]):
        if cell.cell_type == "markdown":
            section = heading(cell, "##") or section
            kind = prose(cell, before, after)
            waits = "**Predict:**" in cell.source
        else:
            kind = "skip" if is_aside(cell.source) else "fragment" if waits else "layer"
            waits = waits and kind == "skip"
        hidden = section in NOT_ON_THE_WALL and not LEAVING.match(cell.source)
        found.append("skip" if hidden else kind)
        before = before if found[-1] == "skip" else cell
    return found


def heading(cell, level: str) -> str:
    """The words of the heading that a cell begins with, "" if it begins with no such."""
    first = cell.source.partition("\n")[0]
    return first.removeprefix(f"{level} ") if first.startswith(f"{level} ") else ""


def prose(cell, before, after) -> str:
    """The kind of a Markdown cell between the one shown before it and the one after it."""
    if heading(cell, "#") or heading(cell, "##") or LEAVING.match(cell.source):
        return "slide"
    reads = before and before.cell_type == "code" and "_lab(" not in before.source
    leads = after and after.cell_type == "code"
    asks = heading(cell, "###") or "**Predict:**" in cell.source
    return "fragment" if reads and not leads and not asks else "subslide"


def is_aside(code: str) -> bool:
    """Whether a cell only gets things ready, or folds a hint or a solution."""
    if ASIDES.match(code) or code.startswith(("%", "!")):
        return True
    ready = (ast.Import, ast.ImportFrom)
    body = ast.parse(code).body
    return all(isinstance(node, ready) or ast.unparse(node) == "warm_up()" for node in body)


def mark(notebook) -> None:
    """Writes the rule into the metadata of a lesson's cells."""
    for cell, kind in zip(notebook.cells, kinds(notebook.cells)):
        for name in ("slideshow", LAYER):
            cell.metadata.pop(name, None)
        if kind == "layer":
            cell.metadata[LAYER] = {"layer": "slide"}
        else:
            cell.metadata["slideshow"] = {"slide_type": kind}


if __name__ == "__main__":
    for path in sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb")):
        lesson = nbformat.read(path, as_version=4)
        mark(lesson)
        nbformat.write(lesson, path)
