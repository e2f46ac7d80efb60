"""Tables of HTML as pipe tables, in which every row reads alone."""

import re
from collections.abc import Iterable
from itertools import count, zip_longest

from bookrec_helpers.obsidian.tree import Element

# So many characters a table may repeat for cells that span rows or columns.
_MOST_REPEATED = 200_000
_NUMBER = re.compile(r"(?i)[-+−]?((\d[\d,]*(\.\d*)?|\.\d+)(e[-+]?\d+)?\s?%?|inf)|nan|\\<na>")
_MARKS = {"left": ":--", "center": ":-:", "right": "--:"}


def pipe_table(header: list[str], rows: list[list[str]], sides: Iterable[str]) -> str:
    """A pipe table of cells that are Markdown; a column of numbers stands flush right.

    `sides` says where a column stands if its author did: "left", "center", "right", or "".
    """
    rule = []
    for x, (_, where) in enumerate(zip_longest(header, sides, fillvalue="")):
        column = [row[x] for row in rows if len(row) > x and row[x]]
        is_numeric = column and all(map(_NUMBER.fullmatch, column))
        rule.append(_MARKS[where or ("right" if is_numeric else "left")])
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *rows))


def side(cell: Element) -> str:
    """Where the text of a cell stands, as for `pipe_table`."""
    style = cell.attributes.get("style", "") + cell.attributes.get("align", "")
    return next((name for name in _MARKS if name in style), "")


def spread(rows: list[list[Element]], texts: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The header and the lines of a table, the text of a cell in all places that it spans.

    Where that would be too long, each text stands once.
    """
    cells = [
        (y, text, min(_span(cell, "rowspan"), len(rows) - y), _span(cell, "colspan"))
        for y, row in enumerate(rows)
        for cell, text in zip(row, texts[y])
    ]
    if sum((len(text) + 8) * (down * right - 1) for _, text, down, right in cells) > _MOST_REPEATED:
        cells = [(y, text, 1, 1) for y, text, *_ in cells]
    taken: list[dict[int, str]] = [{} for _ in rows]
    for y, text, down, right in cells:
        x = next(x for x in count() if x not in taken[y])
        for below in taken[y : y + down]:
            below |= dict.fromkeys(range(x, x + right), text)
    grid = [[line.get(x, "") for x in range(max(line) + 1)] for line in taken]
    depth = [*(any(cell.name == "td" for cell in row) for row in rows), True].index(True)
    names = [[row[x] for row in grid[:depth] if x < len(row)] for x in range(max(map(len, grid)))]
    return [" / ".join(dict.fromkeys(filter(None, parts))) for parts in names], grid[depth:]


def _span(cell: Element, name: str) -> int:
    value = cell.attributes.get(name, "")
    return min(max(int(value), 1), 1000) if value.isdecimal() else 1
