"""HTML as a tree, forgiving as a browser and never deeper than a note can use."""

from __future__ import annotations

from html.parser import HTMLParser

from bookrec_helpers.obsidian.blocks import WORDS

_DEPTH = 100
_VOID, _BLOCKS, _INLINE = (set(WORDS["tags"][key].split()) for key in ("void", "block", "inline"))
_KNOWN = _BLOCKS | _INLINE
_PARTS, _ROWS = {"tbody", "thead", "tfoot", "caption"}, {"tr", "td", "th"}
# What a tag ends that is still open, and how far out that may lie.
_ENDS = {
    "a": ({"a"}, _BLOCKS),
    "li": ({"li"}, {"ul", "ol", "menu", "td", "th"}),
    **dict.fromkeys(("dt", "dd"), ({"dt", "dd"}, {"dl"})),
    **dict.fromkeys(("td", "th"), ({"td", "th"}, {"table"})),
    "tr": (_ROWS, {"table"}),
    **dict.fromkeys(_PARTS, (_ROWS | _PARTS, {"table"})),
}


class Element:
    """A tag with what stands in it: other elements, and text."""

    __slots__ = ("attributes", "children", "is_block", "name")

    def __init__(self, name: str, attributes: list[tuple[str, str | None]]):
        self.name, self.is_block = name, name in _BLOCKS
        self.attributes = {key: value or "" for key, value in attributes}
        self.children: list[Element | str] = []

    @property
    def elements(self) -> list[Element]:
        """The elements right in it."""
        return [child for child in self.children if isinstance(child, Element)]

    @property
    def classes(self) -> list[str]:
        """The classes of its style."""
        return self.attributes.get("class", "").split()

    def text(self) -> str:
        """All text in it, to the letter."""
        return "".join(node if isinstance(node, str) else node.text() for node in self.children)


def parse(html: str) -> Element:
    """The tree of `html`; a tag that HTML does not know, such as `<int>`, is text."""
    for opening, closing in (("<!--", "-->"), ("<", ">")):  # left open, they would hide the rest
        end = html.rfind(closing) + 1
        html = html[:end] + html[end:].replace(opening, f"&lt;{opening[1:]}")
    builder = _Builder()
    builder.feed(html)
    builder.close()
    return builder.open[0]


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = [Element("body", [])]

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        if name not in _KNOWN and "-" not in name:
            return self.handle_data(self.get_starttag_text())
        if name in _BLOCKS:
            self._close({"p"}, _BLOCKS - {"p"})
        self._close(*_ENDS.get(name, (set(), _BLOCKS)))
        if name in ("td", "th") and self.open[-1].name in {"table", *_PARTS}:
            self.handle_starttag("tr", [])
        element = Element(name, attributes)
        self.open[-1].children.append(element)
        for outer in reversed(self.open if element.is_block else []):
            if outer.is_block:
                break
            outer.is_block = True
        if name not in _VOID and len(self.open) < _DEPTH:
            self.open.append(element)

    def handle_endtag(self, name: str) -> None:
        if name not in _KNOWN and "-" not in name:
            return self.handle_data(f"</{name}>")
        limits = {"table"} if name in _ROWS | _PARTS else {"table", "td", "th"} - {name}
        self._close({name}, set() if name == "table" else limits, nearest=True)

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def _close(self, names: set[str], limits: set[str], nearest: bool = False) -> None:
        """Close the tags of `names` that are open within one of `limits`, or only the nearest."""
        close = len(self.open)
        for depth in range(len(self.open) - 1, 0, -1):
            if (name := self.open[depth].name) in names:
                close = depth
            if name in limits or (nearest and name in names):
                break
        del self.open[close:]
