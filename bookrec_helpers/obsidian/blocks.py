"""The blocks that a note is made of: text to the letter, fences, callouts, tables."""

import re
import tomllib
from collections.abc import Iterable
from importlib.resources import files
from itertools import zip_longest

WORDS = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
_LANGUAGES = {old: new for new, names in WORDS["languages"].items() for old in names.split()}
KINDS = {name: kind for kind, names in WORDS["kinds"].items() for name in names.split()}
_MARKUP = re.compile("|".join(WORDS["escapes"]["signs"]))
_LINE_START = re.compile(r"(?m)^(?=[>|]|(?:#{1,6}|[-+])(?!\S)|-{3,}|={2,})|^\d+(?=[.)](?!\S))")

_NUMBER = re.compile(r"(?i)[-+−]?((\d[\d,]*(\.\d*)?|\.\d+)(e[-+]?\d+)?\s?%?|inf)|nan|\\<na>")
_RULES = {"left": ":--", "center": ":-:", "right": "--:"}


def escape(text: str) -> str:
    """`text` such that Obsidian shows it to the letter."""
    return _MARKUP.sub(lambda sign: sign["address"] or f"\\{sign[0]}", text)


def paragraph(text: str) -> str:
    """Lines of a paragraph, none of which begins a list, a heading or a quote."""
    lines = "  \n".join(line.strip() for line in text.split("\n") if line.strip())
    return _LINE_START.sub(r"\g<0>\\", lines)


def language(name: str) -> str:
    """The name of a code's language as Obsidian knows it; a fence that a plugin runs is text."""
    name = re.sub(r"[^\w+#.-]", "", name).lower()
    return "text" if name.startswith("run-") else _LANGUAGES.get(name, name)


def fence(text: str, language: str = "") -> str:
    """`text` as fenced code; the fence is longer than any run of backticks in it."""
    ticks = "`" * (1 + max(map(len, re.findall(r"`{3,}", text)), default=2))
    return f"{ticks}{language}\n{text.strip(chr(10)).rstrip()}\n{ticks}"


def code_span(text: str) -> str:
    """Inline code; a space that nobody sees keeps plugins of Obsidian from running it."""
    text = re.sub(r"^(?=\s*\$?=)", "\u200b", text.replace("\n", " "))
    ticks = "`" * (1 + max(map(len, re.findall(r"`+", text)), default=0))
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}" if text.strip() else text


def one_line(tex: str) -> str:
    """A formula of several lines on one, without TeX's comments, which would swallow the rest."""
    return " ".join(re.sub(r"(?<!\\)%.*\n", " ", tex).split())


def stack(blocks: Iterable[str]) -> str:
    """Blocks below each other, without the empty ones."""
    return "\n\n".join(filter(None, blocks))


def callout(kind: str, title: str, body: str = "", fold: str = "") -> str:
    """A callout box; with a `fold` of "-", the reader opens it by a click.

    A formula of several lines is joined to one line: only so does Obsidian show it in a box.
    """
    body = re.sub(r"(?ms)^\$\$\n(.+?)\n\$\$$", lambda tex: f"$${one_line(tex[1])}$$", body)
    lines = [f"[!{kind}]{fold} {title}", *body.splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def pipe_table(header: list[str], rows: list[list[str]], styles: Iterable[str]) -> str:
    """A pipe table of cells that are Markdown; a column of numbers stands flush right.

    `styles` are the columns' in HTML, which may say "left", "center" or "right".
    """
    rule = []
    for x, (_, style) in enumerate(zip_longest(header, styles, fillvalue="")):
        column = [row[x] for row in rows if len(row) > x and row[x]]
        usual = "right" if column and all(map(_NUMBER.fullmatch, column)) else "left"
        rule.append(_RULES[next((side for side in _RULES if side in style), usual)])
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, rule, *rows))
