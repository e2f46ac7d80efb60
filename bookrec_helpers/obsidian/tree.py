"""HTML as the tree that a browser makes of it, never deeper than a note can use; its tables."""

import re
from itertools import count

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bookrec_helpers.obsidian.blocks import WORDS

_DEPTH = 100
_BLOCKS, _INLINE = (set(WORDS["tags"][key].split()) for key in ("block", "inline"))
_KNOWN = _BLOCKS | _INLINE
# So many characters a table may repeat for cells that span rows or columns.
_MOST_REPEATED = 200_000
_TAG = re.compile(r"<(?=/?([a-zA-Z][^\s/<>]*))")


class Element:
    """A tag with what stands in it: other elements, and text.

    Attributes:
        name, attributes, classes, style: as in HTML; the old `align` is part of the style.
        children: the elements and texts in it; of what is nested too deep, the text alone.
        elements: the elements among them.
        text: a function that gives all text in it, to the letter.
        is_block: whether it, or anything in it, stands on lines of its own.
    """

    def __init__(self, node: LexborNode, depth: int = 0):
        self.name, self.text = node.tag, node.text
        self.attributes = {key: value or "" for key, value in node.attributes.items()}
        self.classes = self.attributes.get("class", "").split()
        self.style = self.attributes.get("style", "") + self.attributes.get("align", "")
        self.children: list[Element | str] = []
        for child in node.iter(include_text=True):
            is_element = child.is_element_node and depth < _DEPTH
            self.children.append(Element(child, depth + 1) if is_element else child.text())
        self.elements = [child for child in self.children if isinstance(child, Element)]
        self.is_block = self.name in _BLOCKS or any(child.is_block for child in self.elements)


def parse(html: str) -> Element:
    """The tree of `html`; a tag that HTML does not know, such as `<int>`, is text.

    What a reader never sees, such as a script, is left out.
    """
    for opening, closing in (("<!--", "-->"), ("<", ">")):  # left open, they would hide the rest
        end = html.rfind(closing) + 1
        html = html[:end] + html[end:].replace(opening, f"&lt;{opening[1:]}")
    html = _TAG.sub(lambda tag: "<" if tag[1].lower() in _KNOWN or "-" in tag[1] else "&lt;", html)
    page = LexborHTMLParser(f"<body>{html}")
    page.strip_tags(WORDS["tags"]["dropped"].split())
    return Element(page.body)


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
