"""Markdown as JupyterLab reads it, turned into HTML; and the anchors that its links name."""

import html
import re
from functools import cache, lru_cache

from markdown_it import MarkdownIt
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin

from bookrec_helpers.obsidian.blocks import KINDS, WORDS, callout
from bookrec_helpers.obsidian.formulas import Wholes, without_fences

_NESTING, _BOXES, _BRACKETS = 100, 8, 4000
# What opens a box: MyST's `{note} Title`, Quarto's `{.callout-note title="Title"}`, `note Title`.
_DIRECTIVE = re.compile(r"\s*(?:\{\.?(?:callout-)?([\w:-]+)([^}]*)\}|([\w-]+))[ \t]*(.*)")
# What may stand first in a box: MyST's options, or the heading that Quarto takes for its title.
_FIRST = re.compile(r"((?:[ \t]*:[\w-]+:.*\n)*)(?:\s*#{1,6}[ \t]+(.+)\n?)?")
# The first line of a callout, which is its title: a line break is to follow.
_TITLE = re.compile(r"^[\s>*+-]*>[ ]?\[![^\]\n]+\].*", re.MULTILINE)
_ID = re.compile("|".join(WORDS["anchors"]["names"]))
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|^\([\w:.-]+\)=\s*$")
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
    info, content = tokens[at].info, tokens[at].content
    is_code = tokens[at].type == "fence"
    if not (is_code and info.lstrip()[:1] != "{") and (box := _box(info, content, environment)):
        return box
    if is_code:
        return f"<pre data-fence>\n{html.escape(info)}\n{html.escape(content)}</pre>\n"
    words = html.escape(re.sub(r"\{[^{}]*\}", "", info))
    return f"<div><p>{words}</p>{_inner(content, environment)}</div>\n"


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


def slug(anchor: str) -> str:
    """An anchor such that JupyterLab's way of making it from a heading, and GitHub's, agree."""
    return re.sub(r"\W+", "-", anchor).casefold().strip("-")


@lru_cache(maxsize=256)
def anchors(sources: tuple[str, ...]) -> dict[str, str]:
    """The headings of Markdown cells by the slugs of all that leads to them, HTML ids included.

    An id right above a heading stands for it, any other for the heading that it stands under.
    """
    found: dict[str, str] = {}
    heading, waiting = "", []
    for line in "\n".join(map(without_fences, sources)).splitlines():
        waiting += ["".join(names) for names in _ID.findall(line)]
        text = _TAG.sub("", line)
        if match := _HEADING.match(text):
            heading = _plain_heading(match[1])
            found.setdefault(slug(heading), heading)
        if text.strip() and heading:
            for name in map(slug, waiting):
                found.setdefault(name, heading)
            waiting = []
    return found


def title_of(sources: tuple[str, ...]) -> str:
    """The first heading of the highest level in plain words; empty if there is none."""
    found = re.search(r"^#[ \t]+(.+)$", "\n".join(map(without_fences, sources)), re.MULTILINE)
    return re.sub(r"[*`$]", "", _plain_heading(found[1])) if found else ""


def _plain_heading(text: str) -> str:
    """A heading as a wikilink names it: without links, tags and what ends a link's target."""
    text = re.sub(r"\{[#.][^{}]*\}$", "", _TAG.sub("", text).rstrip(" \t#"))
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    return " ".join(re.sub(r"[\[\]|#^]|%%", " ", text).split())
