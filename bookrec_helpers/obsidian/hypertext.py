"""HTML as Markdown for Obsidian: what a data frame, a web-minded cell or Markdown itself gives."""

import base64
import re
from itertools import groupby, pairwise

from bookrec_helpers.obsidian import blocks
from bookrec_helpers.obsidian.blocks import KINDS, WORDS, callout, code_span, escape, stack
from bookrec_helpers.obsidian.formulas import Wholes, in_table
from bookrec_helpers.obsidian.tree import Element, parse, spread

LIVE_ONLY = "in the notebook only"

_DRAWING = re.compile(r"<svg\b([^<]*(?:<(?!/?svg\b)[^<]*)*)</svg>")
_CALLOUT = re.compile(r"\[!([^\]\n]+)\]([+-]?) *([^\n]*?) *(?:\n|\Z)(.*)", re.DOTALL)
# MyST's reference, or code, in which there is none.
_ROLE = re.compile(r"(``+).*?\1|(?:\{(?:ref|numref|eq|term)\}|:(?:num|eq)?ref:)`([\w:.-]+)`")
_ATTRIBUTES = re.compile(r"\A\{(?:[#.:]|\w+=)[^{}\n]*\}")


class Hypertext:
    """Writes HTML as Markdown.

    Args:
        note: its `link(text, target)` and `picture(alt, target, width)` give what stands for them.
        wholes: keeps the formulas.
        finds_formulas: whether formulas are yet to be found in the text, as in an output.
        has_head: whether a table without a header is the head of a lesson, to be shown as a box.
    """

    def __init__(self, note, wholes: Wholes, finds_formulas: bool = False, has_head: bool = False):
        self._note, self._wholes, self._raw = note, wholes, wholes.raw
        self._finds_formulas, self._has_head, self._in_cell = finds_formulas, has_head, False

    def convert(self, html: str) -> str:
        """The Markdown of `html`, formulas still hidden; what only styles is dropped."""
        return self._text(parse(_DRAWING.sub(_picture, html)).children)

    # Blocks

    def _text(self, nodes) -> str:
        found = []
        for is_block, group in groupby(nodes, lambda node: getattr(node, "is_block", False)):
            if is_block:
                found += map(self._block, group)
            else:
                text = self._inline(group)
                found.append(text.strip() if self._in_cell else blocks.paragraph(text))
        return stack(found)

    def _line(self, nodes) -> str:
        return " ".join(self._text(nodes).split())

    def _block(self, tag: Element) -> str:
        name = "animation" if "animation" in tag.classes else tag.name
        if name in WORDS["live"]:
            return self._live(tag, f"{WORDS['live'][name]}: {LIVE_ONLY}")
        write = getattr(self, f"_{name}", None)
        return write(tag) if write else self._text(tag.children)

    def _live(self, tag: Element, what: str) -> str:
        places = [e.attributes.get(key) for e in (tag, *tag.elements) for key in ("src", "data")]
        target = self._raw(next(filter(None, places), ""))
        target = "" if target.startswith("data:") else target
        is_frame = tag.name == "iframe" or not target
        where = code_span(target) if is_frame else self._note.link(escape(target), target)
        if self._in_cell:
            return f"*({what})* {where}".strip()
        poster = tag.attributes.get("poster")
        return stack([poster and self._note.picture("", poster, ""), callout("info", what, where)])

    def _heading(self, tag: Element) -> str:
        text = re.sub(r"\s*\{\\?[#.][^{}]*\}$", "", self._line(tag.children))
        return f"{'#' * int(tag.name[1])} {text}" if text and not self._in_cell else text

    _h1 = _h2 = _h3 = _h4 = _h5 = _h6 = _heading

    def _hr(self, tag: Element) -> str:
        return "---"

    def _dt(self, tag: Element) -> str:
        return _mark(self._line(tag.children), "**")

    def _pre(self, tag: Element) -> str:
        names = " ".join(name for e in (tag, *tag.elements) for name in e.classes)
        named = re.search(r"(?<!\S)language-(\S+)", names)
        text, info = self._raw(tag.text()), named[1] if named else ""
        if "data-fence" in tag.attributes:  # Markdown's, with the line that opens it
            info, text = text.split("\n", 1)
        if self._in_cell:
            lines = f"{info if ' ' in info else ''}\n{text}".split("\n")
            return "\n".join(code_span(line) for line in lines if line.strip())
        name, _, rest = re.sub(r"[{}`.]", "", info).strip().partition(" ")
        info = f"{blocks.language(name)} {rest}".strip()
        return blocks.fence(text, info) if text.strip() or info else ""

    def _ul(self, tag: Element) -> str:
        items, start = [], tag.attributes.get("start", "")
        number = int(start) if start.isdecimal() else 1
        is_loose = any(e.name == "p" for item in tag.elements for e in item.elements)
        for node in tag.children:
            text = self._text(node.children if getattr(node, "name", "") == "li" else [node])
            mark = f"{number + len(items)}. " if tag.name == "ol" else "- "
            if not is_loose:  # lists inside follow at once
                text = re.sub(r"\n\n(?=- |\d+\. )", "\n", text)
            items += [mark + re.sub(r"\n(?=[^\n])", "\n" + " " * len(mark), text)] if text else []
        return ("\n\n" if is_loose else "\n").join(items)

    _ol = _menu = _ul

    def _blockquote(self, tag: Element) -> str:
        text = self._text(tag.children)
        mark = None if self._in_cell else _CALLOUT.match(text)
        if not mark:
            return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
        kind, fold, title, body = mark.groups()
        return callout(kind, title or kind.split("|")[0].capitalize(), body.strip("\n"), fold)

    def _div(self, tag: Element) -> str:
        is_details = tag.name == "details"
        if not is_details and not {"alert", "admonition"} & set(tag.classes):
            return self._text(tag.children)
        names = [tag.name, *(name.removeprefix("alert-") for name in tag.classes)]
        name = next((name for name in reversed(names) if name in KINDS), "note")
        heads = [e for e in tag.elements if e.name == "summary" or "admonition-title" in e.classes]
        title = "".join(self._line(head.children) for head in heads[:1]).replace("**", "")
        body = self._text([node for node in tag.children if node not in heads[:1]])
        return callout(KINDS[name], title or name.capitalize(), body, "-" * is_details)

    _details = _div

    # Tables

    def _table(self, tag: Element) -> str:
        caption = self._text([part for part in tag.elements if part.name == "caption"])
        found = [row.elements for part in tag.elements for row in part.elements if row.name == "tr"]
        return stack([caption, self._rows(list(filter(None, found)))])

    def _rows(self, rows: list[list[Element]]) -> str:
        if self._in_cell or not rows:
            return "\n".join(map(self._line, rows))
        header, lines = spread(rows, [list(map(self._cell, row)) for row in rows])
        if self._has_head and len(header) == 2 and not any(header):
            words = [" ".join(filter(None, line)).replace(r"\|", "|") for line in lines]
            return callout("abstract", "This lesson", stack(words))
        return blocks.pipe_table(header, lines, [cell.style for cell in rows[0]])

    def _cell(self, cell: Element) -> str:
        self._in_cell = True
        lines = self._text(cell.children).split("\n")
        self._in_cell = False
        return in_table("<br>".join(filter(None, map(str.strip, lines))))

    # Text

    def _inline(self, nodes) -> str:
        """Text with its marks; a line break is the only line end in it."""
        text = ""
        for before, node in pairwise(["", *nodes]):
            if isinstance(node, str):
                is_beside = getattr(before, "name", "") == "img"
                piece = self._words(_ATTRIBUTES.sub("", node) if is_beside else node)
            else:
                piece = self._marked(node)
            # A mark before a link would make it a picture.
            text = re.sub(r"!$", r"\\!", text) + piece if piece[:1] == "[" else text + piece
        text = _ROLE.sub(lambda m: self._note.link(m[2], f"#{m[2]}") if m[2] else m[0], text)
        return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))

    def _words(self, text: str) -> str:
        if self._finds_formulas and re.search(r"[$\\]", text):
            text = self._wholes.hide(text)
        return escape(re.sub(r"\s+", " ", text))

    def _marked(self, tag: Element) -> str:
        name = tag.name
        if name == "br":
            return "\n"
        if name == "img":
            said = [self._raw(tag.attributes.get(key, "")) for key in ("alt", "src", "width")]
            return self._note.picture(*said) if said[1] else ""
        if name in ("code", "kbd", "samp", "tt"):
            return code_span(self._raw(tag.text()))
        text = self._inline(tag.children)
        if name == "a" and tag.attributes.get("href") and not text.isspace():
            return self._anchor(" ".join(text.split()), self._raw(tag.attributes["href"]))
        return _mark(text, WORDS["marks"].get(name, ""))

    def _anchor(self, text: str, target: str) -> str:
        if "![[" in text or "*(" in text:  # no link can hold the embed of a file
            return f"{text} {self._note.link(escape(target), target)}"
        if text.count("[") != text.count("]"):
            text = re.sub(r"(?<!\\)[\[\]]", r"\\\g<0>", text)
        return self._note.link(text or escape(target), target)


def _picture(drawing: re.Match) -> str:
    """A drawing as a picture."""
    space = "" if "xmlns=" in drawing[1] else ' xmlns="http://www.w3.org/2000/svg"'
    data = base64.b64encode(f"<svg{space}{drawing[1]}</svg>".encode()).decode()
    return f'<img src="data:image/svg+xml;base64,{data}">'


def _mark(text: str, mark: str) -> str:
    """`text` between marks, which touch the first and last word of each line."""
    return re.sub(r"\S[^\n]*(?<=\S)", rf"{mark}\g<0>{mark.replace('<', '</')}", text)
