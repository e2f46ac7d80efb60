"""HTML, as data frames and web-minded cells bring it, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from bs4.element import PreformattedString

from bookrec_helpers.obsidian.blocks import escape, fence, pipe_table

_DROPPED = {"style", "script", "head", "noscript", "template", "button", "input", "svg"}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "code": "`", "kbd": "`", "tt": "`"}
_PARAGRAPHS = {
    *("address", "article", "blockquote", "center", "div", "dl", "dt"),
    *("figure", "footer", "ol", "p", "section", "ul"),
}


def html_to_markdown(html: str, escape: Callable[[str], str] = escape) -> str:
    """The text of `html` as Markdown, its tables as pipe tables; what only styles is dropped.

    `escape` is called with every piece of text outside tables and code.
    """
    markdown = _markdown(BeautifulSoup(html, "html.parser"), escape)
    return re.sub(r"[ \t]*\n[ \t]*\n\s*", "\n\n", markdown).strip()


def _markdown(node: Tag, escape: Callable[[str], str]) -> str:
    if isinstance(node, PreformattedString | Comment) or node.name in _DROPPED:
        return ""
    if isinstance(node, NavigableString):
        return escape(re.sub(r"\s+", " ", node))
    if node.name == "table":
        return f"\n\n{_table(node)}\n\n"
    if node.name == "pre":
        return f"\n\n{fence(node.get_text(), 'text')}\n\n"
    return _around(node, "".join(_markdown(child, escape) for child in node.children))


def _around(tag: Tag, text: str) -> str:
    """What stands around the text of a tag, for the tags that mean something in Markdown."""
    if tag.name == "img":
        width = tag.get("width", "").removesuffix("px")
        size = f"|{width}" if width.isdigit() else ""
        return f"![{tag.get('alt', '')}{size}]({tag.get('src', '')})"
    if tag.name == "br":
        return "  \n"
    if tag.name in ("a", "iframe", "audio", "video") and (
        target := tag.get("href") or tag.get("src")
    ):
        return f"[{text.strip() or target}]({target})"
    if tag.name in _MARKS and text.strip():
        return f"{_MARKS[tag.name]}{text.strip()}{_MARKS[tag.name]}"
    if tag.name == "li":
        return f"\n- {text.strip()}"
    if re.fullmatch(r"h[1-6]", tag.name):
        return f"\n\n{'#' * int(tag.name[1])} {text.strip()}\n\n"
    return f"\n\n{text}\n\n" if tag.name in _PARAGRAPHS else text


def _table(table: Tag) -> str:
    """A cell that spans rows or columns repeats its text in each, so that a row reads alone."""
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    rows = [row for row in rows if _cells(row)]
    if not rows:
        return ""
    grid = _grid(rows)
    has_data = [any(cell.name == "td" for cell in _cells(row)) for row in rows]
    depth = [*has_data, True].index(True)
    names = zip(*grid[:depth], strict=True) if depth else [()] * len(grid[0])
    header = [" / ".join(dict.fromkeys(filter(None, parts))) for parts in names]
    return pipe_table(header, grid[depth:])


def _grid(rows: list[Tag]) -> list[list[str]]:
    """The texts of a table as a rectangle, (rows, columns)."""
    cells: dict[tuple[int, int], str] = {}
    for y, row in enumerate(rows):
        x = 0
        for cell in _cells(row):
            while (y, x) in cells:
                x += 1
            text = _text(cell)
            for down in range(_span(cell, "rowspan", len(rows) - y)):
                for right in range(_span(cell, "colspan", 1000)):
                    cells[y + down, x + right] = text
    width = 1 + max(x for _, x in cells)
    return [[cells.get((y, x), "") for x in range(width)] for y in range(len(rows))]


def _cells(row: Tag) -> list[Tag]:
    """A row's own cells, and not those of a row that was left open or of a table inside."""
    return [cell for cell in row.find_all(["td", "th"]) if cell.find_parent("tr") is row]


def _text(cell: Tag) -> str:
    """A cell's text, tables inside and all, and not that of the next cell if it was left open."""
    table = cell.find_parent("table")
    own = [text for text in cell.strings if _cell_of(text, table) is cell]
    return " ".join(" ".join(own).split())


def _cell_of(text: NavigableString, table: Tag) -> Tag:
    cells = (tag for tag in text.parents if tag.name in ("td", "th"))
    return next(cell for cell in cells if cell.find_parent("table") is table)


def _span(cell: Tag, name: str, most: int) -> int:
    value = str(cell.get(name, "1"))
    return min(max(int(value), 1), most) if value.isdecimal() else 1
