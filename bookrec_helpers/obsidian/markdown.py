"""Markdown as JupyterLab reads it, turned into HTML."""

import html
import re
from functools import cache

from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin

from bookrec_helpers.obsidian.blocks import KINDS, callout
from bookrec_helpers.obsidian.formulas import Wholes

_NESTING, _BOXES, _BRACKETS = 100, 8, 4000
# What opens a box: MyST's `{note} Title`, Quarto's `{.callout-note title="T"}`, `:::note Title`.
_DIRECTIVE = re.compile(r"(?:[`~:]+ +\{\.?(?:callout-)?([\w:-]+)([^}]*)\}|:+ +([\w-]+))\s*(.*)")
# What may stand first in a box: MyST's options, or the heading that Quarto takes for its title.
_FIRST = re.compile(r"((?:[ \t]*:[\w-]+:.*\n)*)(?:\s*#{1,6}[ \t]+(.+)\n?)?")
# The first line of a callout, which is its title: a line break is to follow.
_TITLE = re.compile(r"^[\s>*+-]*>[ ]?\[![^\]\n]+\].*", re.MULTILINE)


def to_html(source: str, wholes: Wholes, depth: int = 0) -> str:
    """The HTML of a Markdown source whose formulas `wholes` has hidden.

    `depth` counts the boxes that the source stands in.

    Raises:
        ValueError: it nests deeper, or links more, than a reader could follow.
    """
    if source.count("[") > _BRACKETS:
        raise ValueError("too many brackets")
    environment = {"wholes": wholes, "depth": depth}
    tokens = _parser().parse(_TITLE.sub(r"\g<0>  ", source), environment)
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
    parser.add_render_rule("colon_fence", _fence)
    return parser


def _fence(renderer, tokens, at, options, environment) -> str:
    token = tokens[at]
    if box := _box(f"{token.markup} {token.info}", token.content, environment):
        return box
    info, content = html.escape(token.info), html.escape(token.content)
    if token.type == "fence":
        return f"<pre data-fence>\n{info}\n{content}</pre>\n"
    words = re.sub(r"\{[^{}]*\}", "", info)
    return f"<div><p>{words}</p>{_inner(token.content, environment)}</div>\n"


def _inner(content: str, environment: dict) -> str:
    wholes = environment["wholes"]
    return to_html(wholes.hide(wholes.raw(content)), wholes, environment["depth"] + 1)


def _box(info: str, content: str, environment: dict) -> str:
    """The admonition of a MyST or Quarto directive, as HTML; empty if it is another directive."""
    said = _DIRECTIVE.match(info)
    name = ((said[1] or said[3]) if said else "").lower()
    if name == "math":
        return f"<p>{environment['wholes'].hide('$$' + content.strip() + '$$')}</p>\n"
    if name not in KINDS:
        return ""
    first = _FIRST.match(content)
    options = f"{said[2]}{first[1]}"
    quoted = re.search(r'title="([^"]*)"', options)
    title = said[4] or first[2] or (quoted and quoted[1]) or name.capitalize()
    fold = "-" if re.search(r"dropdown|collapse=\W?true", options) else ""
    body = environment["wholes"].raw(content[first.end() :])
    return _inner(callout(KINDS[name], title, body, fold), environment)
