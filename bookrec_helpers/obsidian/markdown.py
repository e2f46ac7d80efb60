"""Markdown as JupyterLab reads it, turned into HTML; and the anchors that its links name."""

from __future__ import annotations

import html
import re
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin

from bookrec_helpers.obsidian.blocks import KINDS
from bookrec_helpers.obsidian.formulas import Wholes, blank_code

_NESTING, _BOXES, _BRACKETS = 100, 8, 4000
_DIRECTIVE = re.compile(
    r"\s*(?:\{(?P<myst>[\w:-]+)\}[ \t]*(?P<named>.*)"
    r"|\{[^}]*?\.(?:callout-)?(?P<quarto>[\w-]+)(?P<options>[^}]*)\}"
    r"|(?P<plain>[\w-]+)[ \t]*(?P<title>.*))"
)
_ID = re.compile(r"""<\w+\s[^>]{0,300}?\b(?:id|name)\s*=\s*["']?([^"'\s>]+)|\{#([\w:.-]+)""")
_LABEL = re.compile(r"\(([\w:.-]+)\)=\s*$")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.+)")


def to_html(source: str, wholes: Wholes, depth: int = 0) -> str:
    """The HTML of a Markdown source whose formulas `wholes` has hidden.

    `depth` counts the boxes that the source stands in.

    Raises:
        ValueError: it nests deeper, or links more, than a reader could follow.
    """
    if source.count("[") > _BRACKETS:
        raise ValueError("too many brackets")
    environment = {"wholes": wholes, "depth": depth}
    tokens = _parser().parse(source, environment)
    if depth > _BOXES or any(token.level >= _NESTING - 1 for token in tokens):
        raise ValueError("nested too deep")
    return _parser().renderer.render(tokens, _parser().options, environment)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING})
    parser.enable(["table", "strikethrough"]).use(colon_fence_plugin).use(admon_plugin)
    # Addresses stay as they are written; which may be followed is decided where links are made.
    parser.normalizeLink = parser.normalizeLinkText = lambda address: address
    parser.validateLink = lambda address: True
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("colon_fence", _colon_fence)
    return parser


def _fence(renderer, tokens, at, options, environment) -> str:
    info, content = tokens[at].info, tokens[at].content
    if info.lstrip().startswith("{") and (box := _box(info, content, environment)):
        return box
    return f'<pre data-info="{html.escape(info)}">{html.escape(content)}</pre>\n'


def _colon_fence(renderer, tokens, at, options, environment) -> str:
    info, content = tokens[at].info, tokens[at].content
    if box := _box(info, content, environment):
        return box
    words = html.escape(re.sub(r"\{[^{}]*\}", "", info).strip())
    return f"<div><p>{words}</p>{_inner(content, environment)}</div>\n"


def _inner(content: str, environment: dict) -> str:
    wholes = environment["wholes"]
    return to_html(wholes.hide(wholes.raw(content)), wholes, environment["depth"] + 1)


def _box(info: str, content: str, environment: dict) -> str | None:
    """The admonition of a MyST or Quarto directive, as HTML; None if it is another directive."""
    said = _DIRECTIVE.match(info)
    name = said and (said["myst"] or said["quarto"] or said["plain"])
    if name == "math":
        return f"<p>{environment['wholes'].hide('$$' + content.strip() + '$$')}</p>\n"
    if not name or name.lower() not in KINDS:
        return None
    options, content = re.match(r"((?:[ \t]*:[\w-]+:[^\n]*\n)*)(.*)", content, re.DOTALL).groups()
    options += said["options"] or ""
    quoted = re.search(r'title="([^"]*)"', options)
    heading = re.match(r"\s*#{1,6}[ \t]+(.+)\n?", content) if said["quarto"] else None
    if heading:
        content = content[heading.end() :]
    title = said["named"] or said["title"] or (quoted or heading or {1: ""})[1]
    folded = " data-folded" if re.search(r"dropdown|collapse=\W?true", options) else ""
    head = _parser().renderInline(title, environment) or html.escape(name.capitalize())
    return (
        f'<div class="admonition {name.lower()}"{folded}><p class="admonition-title">{head}</p>\n'
        f"{_inner(content, environment)}</div>\n"
    )


def slug(anchor: str) -> str:
    """An anchor such that JupyterLab's way of making it from a heading, and GitHub's, agree."""
    return re.sub(r"\W+", "-", anchor).casefold().strip("-")


def anchors(sources: list[str]) -> dict[str, str]:
    """The headings of Markdown cells by the slugs of all that leads to them, HTML ids included.

    An id right above a heading stands for it, any other for the heading that it stands under.
    """
    found: dict[str, str] = {}
    heading, waiting = "", []
    for line in "\n".join(map(without_fences, sources)).splitlines():
        ids = [slug(one or other) for one, other in _ID.findall(line)]
        if label := _LABEL.match(line):
            ids.append(slug(label[1]))
        text = _TAG.sub("", line).strip()
        if match := _HEADING.match(_TAG.sub("", line)):
            heading = plain_heading(match[1])
            found.setdefault(slug(heading), heading)
            ids, waiting = waiting + ids, []
        elif not text or label:
            ids, waiting = [], waiting + ids
        if text and not label and heading:
            found.update((name, heading) for name in waiting + ids if name not in found)
            waiting = []
    return found


def without_fences(source: str) -> str:
    """A source without the lines of its fenced code."""
    pairs = zip(source.split("\n"), blank_code(source).split("\n"), strict=True)
    return "\n".join(line for line, clean in pairs if line == clean or clean.strip("x"))


def plain_heading(text: str) -> str:
    """A heading as a wikilink names it: without links, tags and what ends a link's target."""
    text = re.sub(r"\{[#.][^{}]*\}$", "", _TAG.sub("", text).rstrip(" \t#"))
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    return " ".join(re.sub(r"[\[\]|#^]|%%", " ", text).split())
