"""Markdown that JupyterLab understands, turned into Markdown that Obsidian understands.

Where the two differ (links, pictures, bare formulas, HTML) the text is rewritten;
code is never touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from bookrec_helpers.obsidian.blocks import callout
from bookrec_helpers.obsidian.hypertext import html_to_markdown

# What must be read as a whole, in the order in which it is tried at each place.
_WHOLES = re.compile(
    r"(?P<fence>^(?P<lead>[ >]*)(?P<ticks>`{3,}|~{3,}).*?(?:^(?P=lead)(?P=ticks)[`~]*[ \t]*$|\Z))"
    r"|(?P<comment><!--.*?(?:-->|\Z))"
    r"|(?P<details>^<details\b.*?</details>)"
    r"|(?P<html>^[ ]{0,3}</?(?:address|article|blockquote|button|center|div|dl|figure|footer|form"
    r"|h[1-6]|hr|iframe|img|ol|p|pre|script|section|style|svg|table|ul|video)\b.*?(?=\n[ \t]*\n|\Z)"
    r"|^[ ]{0,3}</?[a-zA-Z][\w-]*(?:\s[^<>\n]*)?/?>(?=[ \t]*$)"
    r"|<a\b[^>]*>.*?</a>|<img\b[^>]*>|</?(?:a|center|div|font|span)\b[^>]*>)"
    r"|(?P<code>(?<![`\\])(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`))"
    r"|(?P<display>(?<!\\)\$\$(?P<tex>.+?)(?<!\\)\$\$)"
    r"|(?P<bare>\\\\\[(?P<square>.+?)\\\\\]"
    r"|\\begin\{(?P<name>(?!tabular|table|itemize|enumerate)\w+\*?)\}.*?\\end\{(?P=name)\})"
    r"|(?P<inline>(?<![\\$])\$(?!\$)(?P<math>[^$\n]+?)(?<!\\)\$(?!\$)|\\\\\((?P<round>.+?)\\\\\))"
    r"|(?P<picture>!\[(?P<alt>[^\]]*)\]\(\s*<?(?P<file>[^)\s>]+)>?[^)\n]*\))"
    r"|(?P<link>\[(?P<text>(?:[^\[\]]|\[[^\[\]]*\])+)\]\((?P<target>[^)\s]+)\))",
    re.MULTILINE | re.DOTALL,
)
_DETAILS = re.compile(r"<details[^>]*>\s*(?:<summary[^>]*>(.*?)</summary>)?(.*)</details>", re.S)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t#]*$", re.MULTILINE)
# Signs that are plain text to JupyterLab: a link, a comment, a highlight, a tag to Obsidian.
_SIGNS = re.compile(
    r"\[(?=\[)|(?<=\[)\[|%(?=%)|(?<=%)%|(?<![=\n])=(?==(?!=))|(?<![\w\\/&#])#(?=[^\W\d])"
)


def headings(sources: list[str]) -> dict[str, str]:
    """The headings of Markdown cells, by the anchor that JupyterLab gives them, in lower case."""
    prose = "\n\n".join(_WHOLES.sub(_without_code, source) for source in sources)
    return {
        re.sub(r"[*`]", "", heading).replace(" ", "-").casefold(): heading
        for heading in _HEADING.findall(prose)
    }


def _without_code(match: re.Match) -> str:
    return "" if match.lastgroup in ("fence", "comment") else match[0]


def wikilink(text: str, stem: str, anchor: str, known: dict[str, str]) -> str:
    """A link to a note, or to a heading in it: `[[02_dimension#The rule|the rule]]`.

    `known` holds the headings of the note that is linked to, see `headings`; in an
    anchor that is not among them the dashes become spaces.
    """
    plain = re.sub(r"[*`$]", "", text).replace("|", "/").strip()
    heading = known.get(unquote(anchor).casefold(), unquote(anchor).replace("-", " "))
    target = f"{stem}#{heading}" if anchor else stem
    return f"[[{target}]]" if plain == target else f"[[{target}|{plain}]]"


def display_formula(tex: str) -> str:
    """A formula on lines of its own, without blank lines inside."""
    lines = [line for line in tex.splitlines() if line.strip()]
    return "\n".join(["$$", *lines, "$$"])


def _escape_links(line: str) -> str:
    """In a row of a pipe table, the bar of a wikilink must not end the column."""
    if not re.match(r"[ >]*\|", line):
        return line
    return re.sub(r"\[\[.*?\]\]", lambda link: re.sub(r"(?<!\\)\|", r"\\|", link[0]), line)


class ObsidianMarkdown:
    """Rewrites the Markdown of a notebook for Obsidian.

    Args:
        link: is given the text and the target of a link, returns what stands for it.
        picture: is given the text alternative and the target of a picture, likewise.
    """

    def __init__(self, link: Callable[[str, str], str], picture: Callable[[str, str], str]):
        self._link_for, self._picture_for = link, picture

    def convert(self, source: str) -> str:
        """`source` as Obsidian reads it; code, fenced or inline, stays to the letter."""
        parts, end = [], 0
        for match in _WHOLES.finditer(source):
            rewrite = getattr(self, f"_{match.lastgroup}", lambda match: match[0])
            parts += [_SIGNS.sub(r"\\\g<0>", source[end : match.start()]), rewrite(match)]
            end = match.end()
        parts.append(_SIGNS.sub(r"\\\g<0>", source[end:]))
        lines = "".join(parts).strip().splitlines()
        return "\n".join(map(_escape_links, lines))

    def _comment(self, match: re.Match) -> str:
        return ""

    def _details(self, match: re.Match) -> str:
        summary, body = _DETAILS.match(match[0]).groups()
        title = re.sub(r"<[^>]*>", "", summary or "Details").strip()
        return callout("question", title, self.convert(body), folded=True)

    def _html(self, match: re.Match) -> str:
        return self.convert(html_to_markdown(match[0], lambda text: text.replace("<", "&lt;")))

    def _display(self, match: re.Match) -> str:
        """No blank line inside; inside a quote, all on one line."""
        if re.search(r"\n[ ]*>", match["tex"]):
            return f"$${' '.join(re.sub(r'^[ >]+', '', match['tex'], flags=re.M).split())}$$"
        return "$$" + re.sub(r"\n[ \t]*(?=\n)", "", match["tex"]) + "$$"

    def _bare(self, match: re.Match) -> str:
        return display_formula(match["square"] or match[0])

    def _inline(self, match: re.Match) -> str:
        return f"${(match['math'] or match['round']).strip()}$"

    def _picture(self, match: re.Match) -> str:
        return self._picture_for(match["alt"], match["file"])

    def _link(self, match: re.Match) -> str:
        return self._link_for(match["text"], match["target"]) or match[0]
