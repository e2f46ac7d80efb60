"""HTML as a tree, forgiving as a browser and never deeper than a note can use."""

from __future__ import annotations

import re
from functools import cached_property
from html.parser import HTMLParser

from bookrec_helpers.obsidian.blocks import WORDS

_DEPTH = 100
_VOID, _BLOCKS, _INLINE = (set(WORDS["tags"][key].split()) for key in ("void", "block", "inline"))
_KNOWN = _BLOCKS | _INLINE
_TAG = re.compile(r"<(?=/?([a-zA-Z][^\s/<>]*))")
_TABLE = {"table", "tbody", "thead", "tfoot", "tr"}  # which hold no text of their own
_OF_TABLE = {*_TABLE, "td", "th"} - {"table"}
# What a tag ends that is still open, and how far out that may lie.
_ENDS = {"a": ({"a"}, _BLOCKS)} | {tag: ({"p"}, _BLOCKS) for tag in _BLOCKS}
for tags, ends in WORDS["ends"].items():
    _ENDS |= {tag: [set(names.split()) for names in ends] for tag in tags.split()}


class Element:
    """A tag with what stands in it: other elements, and text."""

    def __init__(self, name: str, attributes: dict[str, str]):
        self.name, self.attributes = name, attributes
        self.classes = attributes.get("class", "").split()
        self.info = attributes.get("data-info", "")  # the line that opens a fence
        self.children: list[Element | str] = []

    @property
    def elements(self) -> list[Element]:
        """The elements right in it."""
        return [child for child in self.children if isinstance(child, Element)]

    @cached_property
    def is_block(self) -> bool:
        """Whether it, or anything in it, stands on lines of its own."""
        return self.name in _BLOCKS or any(child.is_block for child in self.elements)

    def text(self) -> str:
        """All text in it, to the letter."""
        return "".join(n if isinstance(n, str) else n.info + n.text() for n in self.children)


def parse(html: str) -> Element:
    """The tree of `html`; a tag that HTML does not know, such as `<int>`, is text."""
    for opening, closing in (("<!--", "-->"), ("<", ">")):  # left open, they would hide the rest
        end = html.rfind(closing) + 1
        html = html[:end] + html[end:].replace(opening, f"&lt;{opening[1:]}")
    html = _TAG.sub(lambda tag: "<" if tag[1].lower() in _KNOWN or "-" in tag[1] else "&lt;", html)
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.open[0]


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = [Element("body", {})]

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self._close(*_ENDS.get(name, ((), _BLOCKS)))
        if name in ("td", "th") and self.open[-1].name in _TABLE - {"tr"}:
            self.handle_starttag("tr", [])
        element = Element(name, {key: value or "" for key, value in attributes})
        self._add(element, name in _OF_TABLE)
        if name not in _VOID and len(self.open) < _DEPTH:
            self.open.append(element)

    def handle_endtag(self, name: str) -> None:
        walls = {"table"} if name in _OF_TABLE else {"table", "td", "th"}
        self._close({name}, {name} if name == "table" else walls | {name})

    def handle_data(self, data: str) -> None:
        self._add(data)

    def _add(self, node: Element | str, is_of_table: bool = False) -> None:
        """Add a node; what no table can hold stands before the table."""
        inside = [tag for tag in self.open if is_of_table or tag.name not in _TABLE]
        children = inside[-1].children
        children.insert(len(children) - (inside[-1] is not self.open[-1]), node)

    def _close(self, names: set[str], limits: set[str]) -> None:
        """Close the outermost tag of `names` that is open, not further out than one of `limits`."""
        walls = [depth for depth, tag in enumerate(self.open) if tag.name in limits]
        inner = range(max([1, *walls[-1:]]), len(self.open))
        del self.open[next((at for at in inner if self.open[at].name in names), len(self.open)) :]
