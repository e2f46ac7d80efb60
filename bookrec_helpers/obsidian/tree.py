"""HTML as the tree that a browser makes of it, never deeper than a note can use."""

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from bookrec_helpers.obsidian.blocks import WORDS

_DEPTH = 100
_BLOCKS, _INLINE = (set(WORDS["tags"][key].split()) for key in ("block", "inline"))
_KNOWN = _BLOCKS | _INLINE
_TAG = re.compile(r"<(?=/?([a-zA-Z][^\s/<>]*))")


class Element:
    """A tag with what stands in it: other elements, and text.

    Attributes:
        name, attributes, classes: as in HTML.
        children: the elements and texts in it; of what is nested too deep, the text alone.
        elements: the elements among them.
        is_block: whether it, or anything in it, stands on lines of its own.
    """

    def __init__(self, node: LexborNode, depth: int = 0):
        self.name, self._node = node.tag, node
        self.attributes = {key: value or "" for key, value in node.attributes.items()}
        self.classes = self.attributes.get("class", "").split()
        self.children: list[Element | str] = []
        for child in node.iter(include_text=True):
            is_element = child.is_element_node and depth < _DEPTH
            self.children.append(Element(child, depth + 1) if is_element else child.text())
        self.elements = [child for child in self.children if isinstance(child, Element)]
        self.is_block = self.name in _BLOCKS or any(child.is_block for child in self.elements)

    def text(self) -> str:
        """All text in it, to the letter."""
        return self._node.text()


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
