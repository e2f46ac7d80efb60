"""The house rules for Markdown that is right in JupyterLab and in Obsidian, as a lint.

`lint(lessons)` names notebook, cell and rule for each breach, and returns an empty
list if there is none. Cells are counted from 1, as a reader counts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from urllib.parse import unquote

from nbformat import NotebookNode

from tests.vault import CALLOUT_TYPES, FENCE, without_code

MOST_WORDS, MOST_LINES = 80, 10
# A class stays in one piece, so that a reader recognizes it; a loop with the model that it trains,
# so that a second run prints the same.
LONG_CELLS = (
    "last_batch = []",
    "class BookRecommendationModel(nn.Module)",
    "class BookDataset(Dataset)",
    "class MatrixFactorization(nn.Module)",
)
INLINE = re.compile(r"(?<![\\$])\$(?!\$)([^$\n]+)(?<!\\)\$(?!\$)(\d?)")
DISPLAY = re.compile(r"\$\$(.*?)\$\$", re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
# A line that does not carry on the paragraph above it.
BLOCK_START = re.compile(r"\s*(?:[-*+] |\d+[.)] |#{1,6} |\||>|`{3}|~{3}|\$\$|!\[|---|$)")


def lint(lessons: dict[str, NotebookNode]) -> list[str]:
    """Every breach of a house rule in `lessons`, {file stem: notebook}."""
    found = [f"{stem}, rule 9: a file's stem holds no space" for stem in lessons if " " in stem]
    for stem, notebook in lessons.items():
        found += [f"{stem}, {told}" for told in _double_headings(notebook)]
        for number, cell in enumerate(notebook.cells, 1):
            rules = _prose_rules(cell.source, stem, lessons)
            told = rules if cell.cell_type == "markdown" else _code_rules(cell)
            found += [f"{stem}, cell {number}, {message}" for message in told]
    return found


def anchors(notebook: NotebookNode) -> list[str]:
    """The headings of a notebook as JupyterLab's links name them."""
    return [heading.replace(" ", "-") for heading in _headings(notebook)]


def _headings(notebook: NotebookNode) -> list[str]:
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return [text for source in sources for text in _headings_of(without_code(source))]


def _headings_of(text: str) -> list[str]:
    return re.findall(r"^#{1,6}[ \t]+(.+?)[ \t]*$", text, re.MULTILINE)


def _double_headings(notebook: NotebookNode) -> Iterator[str]:
    for heading, count in Counter(_headings(notebook)).items():
        if count > 1:
            yield f"rule 8: {count} headings read {heading!r}"


def _code_rules(cell: NotebookNode) -> Iterator[str]:
    lines = [line for line in cell.source.splitlines() if line.strip()]
    named = any(name in cell.source for name in LONG_CELLS)
    if cell.cell_type == "code" and len(lines) > MOST_LINES and not named:
        yield f"rhythm: {len(lines)} lines of code, at most {MOST_LINES}"


def _prose_rules(source: str, stem: str, lessons: dict[str, NotebookNode]) -> Iterator[str]:
    text = without_code(source)
    prose = DISPLAY.sub("", text)
    yield from _inline_formulas(prose)
    yield from _display_formulas(text)
    yield from _tex(text, prose)
    yield from _callouts(text)
    yield from _paragraphs(text)
    yield from _signs(prose)
    yield from _links(text, stem, lessons)
    yield from _fences(source)
    words = len(re.findall(r"\w[\w'’-]*", INLINE.sub("x", _without_tables(prose))))
    if words > MOST_WORDS:
        yield f"rhythm: {words} words of prose, at most {MOST_WORDS}"


def _inline_formulas(prose: str) -> Iterator[str]:
    for match in INLINE.finditer(prose):
        if match[1] != match[1].strip():
            yield f"rule 1: no spaces at the edges of {match[0]!r}"
        if match[2]:
            yield f"rule 1: no digit right after the closing sign of {match[0]!r}"
    if "$" in INLINE.sub("", prose):
        yield "rule 4: a literal dollar sign in prose"


def _display_formulas(text: str) -> Iterator[str]:
    lines = text.splitlines()
    for match in DISPLAY.finditer(text):
        first, last = text[: match.start()].count("\n"), text[: match.end()].count("\n")
        if lines[first].lstrip().startswith(">"):
            if first != last:
                yield "rule 2: a formula in a callout stands on one line, $$ at both ends"
            continue
        if lines[first].strip() != "$$" or lines[last].strip() != "$$":
            yield f"rule 2: $$ stands alone on its line: {lines[first]!r}"
        if any(line.strip() for line in (lines[first - 1 : first] + lines[last + 1 : last + 2])):
            yield "rule 2: a blank line stands before and after a formula"
        if any(not line.strip() for line in lines[first : last + 1]):
            yield "rule 2: no blank line stands inside a formula"


def _tex(text: str, prose: str) -> Iterator[str]:
    if re.search(r"\\begin\b|\\\\?\(|\\\\?\[", prose):
        yield "rule 3: \\begin, \\( and \\[ stand inside $$ only"
    formulas = [match[1] for match in (*DISPLAY.finditer(text), *INLINE.finditer(prose))]
    if any("\\begin{align}" in tex or "\\begin{align*}" in tex for tex in formulas):
        yield "rule 3: aligned, and not align, inside $$"
    if any("*" in tex for tex in formulas):
        yield "rule 3: \\ast, and not *, in a formula"
    rows = [line for line in prose.splitlines() if line.lstrip(" >").startswith("|")]
    # A bar in a formula leaves the row with an odd number of dollar signs in some column.
    if any(column.count("$") % 2 for row in rows for column in row.split("|")):
        yield "rule 3: \\lvert, and never a bar, in a formula in a table"


def _callouts(text: str) -> Iterator[str]:
    for name in re.findall(r"^[ >]*>[ ]?\[!([^\]]*)\]", text, re.MULTILINE):
        if name.lower() not in CALLOUT_TYPES:
            yield f"rule 5: {name!r} is none of Obsidian's callout types"


def _paragraphs(text: str) -> Iterator[str]:
    lines = DISPLAY.sub("", text).splitlines()
    for above, line in pairwise(lines):
        inner, quoted = above.lstrip("> "), above.lstrip().startswith(">")
        if quoted and line.lstrip().startswith(">"):
            is_open = inner and not re.match(r"\[!|\||\$\$|[-*+] |\d+[.)] ", inner)
            carries_on = not BLOCK_START.match(line.lstrip("> "))
        else:
            is_open = inner and not re.match(r"#|\||\$\$", inner) and not quoted
            carries_on = not BLOCK_START.match(line)
        if is_open and carries_on:
            yield f"rule 6: a paragraph is one line, this goes on: {line.strip()[:40]!r}"


def _signs(prose: str) -> Iterator[str]:
    prose = INLINE.sub("", prose)
    for sign, name in (
        (r"\[\^", "a footnote"),
        (r"==", "=="),
        (r"%%", "%%"),
        (r"\[\[|\]\]", "[[ ]]"),
        (r"\s\^[\w-]+\s*$", "a block id"),
        (r"</?[a-zA-Z][^>]*>(?<!>>)|<!--", "raw HTML"),
    ):
        if re.search(sign, re.sub(r"<(https?|mailto):[^>]*>", "", prose), re.MULTILINE):
            yield f"rule 7: {name}"
    for heading in _headings_of(prose):
        if re.search(r"[#|^:]|%%|\[\[|\]\]", heading):
            yield f"rule 8: the heading {heading!r} holds one of # | ^ : %% [[ ]]"


def _links(text: str, stem: str, lessons: dict[str, NotebookNode]) -> Iterator[str]:
    for target in LINK.findall(text):
        path, _, anchor = unquote(target).partition("#")
        if re.match(r"\w+:", path) or (path and not path.endswith(".ipynb")):
            continue
        lesson = PurePosixPath(path).stem if path else stem
        if path != (f"{lesson}.ipynb" if path else "") or lesson not in lessons:
            yield f"rule 8: no lesson lies at {target!r}"
        elif anchor and anchor not in anchors(lessons[lesson]):
            yield f"rule 8: no heading stands at {target!r}"


def _fences(source: str) -> Iterator[str]:
    is_open = False
    for line in source.splitlines():
        if mark := FENCE.match(line):
            is_open = not is_open
            if is_open and not mark[2].strip():
                yield "rule 10: fenced code names its language"


def _without_tables(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if not line.lstrip(" >").startswith("|"))
