"""HTML as Markdown for Obsidian: what a data frame, a web-minded cell or Markdown itself gives."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from itertools import groupby

from bookrec_helpers.obsidian import blocks
from bookrec_helpers.obsidian.blocks import KINDS, WORDS, callout, escape
from bookrec_helpers.obsidian.formulas import Wholes, in_table
from bookrec_helpers.obsidian.tree import Element, parse

LIVE_ONLY = "in the notebook only"
Nodes = Sequence[Element | str]

_DROPPED = set(WORDS["tags"]["dropped"].split())
_ROLE = re.compile(r"\{(?:ref|numref|doc|eq|term)\}$|:(?:ref|numref|doc|eqref|cite):$")
_ATTRIBUTE_LIST = re.compile(r"\{(?:[#.:]|\w+=)[^{}\n]*\}")
_CALLOUT = re.compile(r"\s*\[!([^\]\n]+)\]([+-]?)[ \t]*")
# So many characters a table may repeat for cells that span rows or columns.
_MOST_REPEATED = 200_000


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
        return self._text(parse(_with_pictures(html)).children)

    # Blocks

    def _text(self, nodes: Nodes) -> str:
        return "\n\n".join(self._blocks(nodes))

    def _line(self, nodes: Nodes) -> str:
        return " ".join(self._text(nodes).split())

    def _blocks(self, nodes: Nodes) -> list[str]:
        found = []
        for is_block, group in groupby(
            nodes, lambda node: not isinstance(node, str) and node.is_block
        ):
            if is_block:
                found += [block for tag in group for block in self._block(tag)]
            else:
                text = self._inline(list(group))
                found.append(text.strip() if self._in_cell else blocks.paragraph(text))
        return [block for block in found if block]

    def _block(self, tag: Element) -> list[str]:
        name = "animation" if "animation" in tag.classes else tag.name
        if name in _DROPPED:
            return []
        if name in WORDS["live"]:
            return [self._live(tag, WORDS["live"][name])]
        if re.fullmatch("h[1-6]", name):
            text = re.sub(r"\s*\{\\?[#.][^{}]*\}$", "", self._line(tag.children))
            return [f"{'#' * int(name[1])} {text}" if text and not self._in_cell else text]
        write = getattr(self, f"_{name}", None)
        return write(tag) if write else self._blocks(tag.children)

    def _live(self, tag: Element, what: str) -> str:
        places = [
            e.attributes.get(key, "") for e in (tag, *tag.elements) for key in ("src", "data")
        ]
        target = self._raw(next((place for place in places if place), ""))
        is_frame, is_inside = tag.name == "iframe", target.startswith("data:")
        body = blocks.code_span(target) if is_frame else self._note.link(escape(target), target)
        body = "" if is_inside or not target else body
        if self._in_cell:
            return f"*({what}: {LIVE_ONLY})* {body}".strip()
        poster = tag.attributes.get("poster")
        still = [self._note.picture("", poster, "")] if poster else []
        return "\n\n".join([*still, callout("info", f"{what}: {LIVE_ONLY}", body)])

    def _hr(self, tag: Element) -> list[str]:
        return ["---"]

    def _dt(self, tag: Element) -> list[str]:
        return [_mark(self._line(tag.children), "**")]

    def _pre(self, tag: Element) -> list[str]:
        text, info = self._raw(tag.text()), tag.attributes.get("data-info", "")
        if self._in_cell:
            lines = [self._raw(info) if " " in info else "", *text.split("\n")]
            return [blocks.code_span(line) for line in lines if line.strip()]
        for name in [*tag.classes, *(name for e in tag.elements for name in e.classes)]:
            info = name.removeprefix("language-") if name.startswith("language-") else info
        name, _, rest = re.sub(r"[{}`.]", "", self._raw(info)).strip().partition(" ")
        info = f"{blocks.language(name)} {rest}".strip()
        return [blocks.fence(text, info)] if text.strip() or info else []

    def _ul(self, tag: Element) -> list[str]:
        items, start = [], tag.attributes.get("start", "")
        number = int(start) if start.isdecimal() else 1
        is_loose = any(e.name == "p" for item in tag.elements for e in item.elements)
        for node in tag.children:
            found = self._blocks(node.children if _is(node, "li") else [node])
            mark = f"{number + len(items)}. " if tag.name == "ol" else "- "
            text = "\n\n".join(found)
            if not is_loose:  # lists inside follow at once
                text = re.sub(r"\n\n(?=- |\d+\. )", "\n", text)
            items += [mark + re.sub(r"\n(?=[^\n])", "\n" + " " * len(mark), text)] if found else []
        return ["\n\n".join(items) if is_loose else "\n".join(items)]

    _ol = _menu = _ul

    def _blockquote(self, tag: Element) -> list[str]:
        nodes = [node for node in tag.children if not isinstance(node, str) or node.strip()]
        first = nodes[0].children if nodes and isinstance(nodes[0], Element) else []
        mark = _CALLOUT.match(first[0]) if first and isinstance(first[0], str) else None
        if not mark or self._in_cell:
            return ["\n".join(f"> {line}".rstrip() for line in self._text(nodes).split("\n"))]
        title, body = _at_line_end([first[0][mark.end() :], *first[1:]])
        title = self._line(title) or mark[1].split("|")[0].capitalize()
        box = callout(mark[1], title, "\n\n".join(self._blocks(body) + self._blocks(nodes[1:])))
        return [box.replace("] ", f"]{mark[2]} ", 1)]

    def _details(self, tag: Element) -> list[str]:
        summary = next((e for e in tag.elements if e.name == "summary"), None)
        title = self._line(summary.children).replace("**", "") if summary else ""
        body = self._text([node for node in tag.children if node is not summary])
        return [callout("question", title or "Details", body, folded=True)]

    def _div(self, tag: Element) -> list[str]:
        if not {"alert", "admonition"} & set(tag.classes):
            return self._blocks(tag.children)
        names = [name.removeprefix("alert-") for name in tag.classes]
        name = next((name for name in reversed(names) if name in KINDS), "note")
        head = next((e for e in tag.elements if "admonition-title" in e.classes), None)
        title = self._line(head.children) if head else name.capitalize()
        body = self._text([node for node in tag.children if node is not head])
        return [callout(KINDS[name], title, body, "data-folded" in tag.attributes)]

    # Tables

    def _table(self, table: Element) -> list[str]:
        """A cell that spans rows or columns repeats its text in each, so that a row reads alone."""
        rows, stray = _rows(table)
        before = self._blocks(stray)
        if not rows:
            return before
        if self._in_cell:
            return [*before, *(self._line(row) for row in rows)]
        grid = _grid([[(self._cell(cell), *_spans(cell)) for cell in row] for row in rows])
        depth = [*(any(cell.name == "td" for cell in row) for row in rows), True].index(True)
        width = max(map(len, grid))
        names = [[row[x] for row in grid[:depth] if x < len(row)] for x in range(width)]
        header = [" / ".join(dict.fromkeys(filter(None, parts))) for parts in names]
        if self._has_head and width == 2 and not any(header):
            lines = [" ".join(filter(None, row)).replace(r"\|", "|") for row in grid[depth:]]
            return [*before, callout("abstract", "This lesson", "\n\n".join(lines))]
        sides = [_side(cell) for cell in rows[0]] if depth else []
        sides = (sides + [""] * width)[:width]
        return [*before, blocks.pipe_table(header, grid[depth:], sides)]

    def _cell(self, cell: Element) -> str:
        self._in_cell = True
        lines = "\n".join(self._blocks(cell.children)).split("\n")
        self._in_cell = False
        return in_table("<br>".join(filter(None, map(str.strip, lines))))

    # Text

    def _inline(self, nodes: Nodes) -> str:
        """Text with its marks; a line break is the only line end in it."""
        text, before = "", None
        for node in nodes:
            if isinstance(node, str):
                follows = isinstance(before, Element) and before.name in ("img", "a")
                listed = _ATTRIBUTE_LIST.match(node) if follows else None
                piece = self._words(node[listed.end() :] if listed else node)
            elif node.name == "code" and isinstance(before, str) and (role := _ROLE.search(before)):
                text, target = text[: text.rfind(role[0][:1], 0, -1)], node.text()
                target = f"{target}.ipynb" if "doc" in role[0] else f"#{target}"
                piece = self._note.link(escape(node.text()), target)
            else:
                piece = self._marked(node)
            # A mark before a link would make it a picture.
            text = re.sub(r"!$", r"\\!", text) + piece if piece[:1] == "[" else text + piece
            before = node
        return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))

    def _words(self, text: str) -> str:
        if self._finds_formulas and ("$" in text or "\\" in text):
            text = self._wholes.hide(text)
        return escape(re.sub(r"\s+", " ", text))

    def _marked(self, tag: Element) -> str:
        name = tag.name
        if name in _DROPPED:
            return ""
        if name == "br":
            return "\n"
        if name == "img":
            alt, source, width = (tag.attributes.get(key, "") for key in ("alt", "src", "width"))
            size = re.fullmatch(r"(\d+)(?:px)?", width)
            picture = self._note.picture(self._raw(alt), self._raw(source), size[1] if size else "")
            return picture if source else ""
        if name in ("code", "kbd", "samp", "tt"):
            return blocks.code_span(self._raw(tag.text()))
        text = self._inline(tag.children)
        if name == "a" and tag.attributes.get("href"):
            return self._anchor(" ".join(text.split()), self._raw(tag.attributes["href"]))
        if name in ("sub", "sup") and text.strip():
            return f"<{name}>{text.strip()}</{name}>"
        return _mark(text, WORDS["marks"].get(name, ""))

    def _anchor(self, text: str, target: str) -> str:
        if "![[" in text or "*(" in text:  # no link can hold the embed of a file
            return f"{text} {self._note.link(escape(target), target)}"
        if text.count("[") != text.count("]"):
            text = re.sub(r"(?<!\\)[\[\]]", r"\\\g<0>", text)
        return self._note.link(text or escape(target), target)


def _with_pictures(html: str) -> str:
    """Each drawing in `html` as a picture."""
    parts, end = [], 0
    while (start := html.find("<svg", end)) >= 0 and (stop := html.find("</svg>", start)) >= 0:
        drawing = html[start : stop + len("</svg>")]
        if "xmlns=" not in drawing:
            drawing = drawing.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
        data = base64.b64encode(drawing.encode()).decode()
        parts += [html[end:start], f'<img src="data:image/svg+xml;base64,{data}">']
        end = stop + len("</svg>")
    return "".join(parts) + html[end:]


def _is(node: Element | str, name: str) -> bool:
    return isinstance(node, Element) and node.name == name


def _at_line_end(nodes: Nodes) -> tuple[Nodes, Nodes]:
    """Nodes before and after the first line end of their source."""
    for at, node in enumerate(nodes):
        if isinstance(node, str) and "\n" in node:
            head, _, tail = node.partition("\n")
            return [*nodes[:at], head], [tail, *nodes[at + 1 :]]
    return nodes, []


def _mark(text: str, mark: str) -> str:
    """`text` between marks, which touch the first and last word of each line."""
    return re.sub(r"\S[^\n]*(?<=\S)", rf"{mark}\g<0>{mark}", text) if mark else text


def _rows(table: Element) -> tuple[list[list[Element]], Nodes]:
    """The rows of a table that have cells, and what stands in the table outside of cells."""
    rows, stray = [], []
    for node in table.children:
        if isinstance(node, Element) and node.name in ("thead", "tbody", "tfoot"):
            inner = _rows(node)
            rows, stray = rows + inner[0], stray + inner[1]
        elif _is(node, "tr"):
            cells = [cell for cell in node.elements if cell.name in ("td", "th")]
            rows += [cells] if cells else []
            stray += [
                child
                for child in node.children
                if isinstance(child, str) or child.name not in ("td", "th")
            ]
        else:
            stray.append(node)
    return rows, stray


def _grid(rows: list[list[tuple[str, int, int]]]) -> list[list[str]]:
    """The texts of a table's rows, each as often as it spans; once if that would be too much."""
    spanned = sum(
        (len(text) + 8) * (min(down, len(rows) - y) * right - 1)
        for y, row in enumerate(rows)
        for text, down, right in row
    )
    taken: list[dict[int, str]] = [{} for _ in rows]
    for y, row in enumerate(rows):
        x = 0
        for text, *spans in row:
            down, right = spans if spanned <= _MOST_REPEATED else (1, 1)
            while x in taken[y]:
                x += 1
            for line in taken[y : y + down]:
                line.update(dict.fromkeys(range(x, x + right), text))
    return [[line.get(x, "") for x in range(max(line) + 1)] for line in taken]


def _spans(cell: Element) -> list[int]:
    values = (cell.attributes.get(name, "") for name in ("rowspan", "colspan"))
    return [min(max(int(value), 1), 1000) if value.isdecimal() else 1 for value in values]


def _side(cell: Element) -> str:
    style = cell.attributes.get("style", "") + cell.attributes.get("align", "")
    return next((side for side in ("center", "right", "left") if side in style), "")
