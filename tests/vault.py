"""Checks an Obsidian vault as Obsidian would read it, for the tests.

`problems(folder)` returns what is wrong in plain sentences, and an empty list for a
clean vault. `formulas(text)` finds the formulas of a note, for MathJax to typeset.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import yaml

# https://help.obsidian.md/callouts lists the types and their aliases.
CALLOUT_TYPES = {
    *("note", "abstract", "summary", "tldr", "info", "todo", "tip", "hint", "important"),
    *("success", "check", "done", "question", "help", "faq", "warning", "caution", "attention"),
    *("failure", "fail", "missing", "danger", "error", "bug", "example", "quote", "cite"),
}
FENCE = re.compile(r"[ >]*(`{3,}|~{3,})(.*)")
WIKILINK = re.compile(r"(!?)\[\[([^\[\]]*?)\]\]")
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
FORMULA = re.compile(
    r"(?<!\\)\$\$(.+?)(?<!\\)\$\$|(?<![\\$])\$(?![\s$])([^$\n]+?)(?<![\s\\])\$(?!\d)", re.DOTALL
)
# A block tag, or any tag that stands alone on its line.
HTML = re.compile(
    r"^[ >]*(<!--|</?(?:article|blockquote|center|details|div|dl|figure|form|h[1-6]|hr|iframe|ol|p"
    r"|pre|script|section|style|summary|table|ul)\b[^>\n]*>?|</?[a-zA-Z][\w-]*(?:\s[^<>\n]*)?>$)",
    re.MULTILINE,
)
TAG = re.compile(r"[\w/-]*[^\W\d][\w/-]*")


def problems(folder: Path) -> list[str]:
    """All that is wrong in the vault, one sentence each, with the note it stands in."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    notes = {path.stem: path.read_text(encoding="utf-8") for path in files if path.suffix == ".md"}
    found = _double_names(files) + _attachments_nobody_embeds(files, notes)
    for stem, text in notes.items():
        checks = (_properties, _callouts, _html, _comments, _fences)
        told = [message for check in checks for message in check(text)]
        told += _links(text, stem, notes, {path.name for path in files})
        found += [f"{stem}.md: {message}" for message in told]
    return found


def formulas(text: str) -> list[tuple[str, bool]]:
    """The formulas of a note, (TeX, whether it stands on lines of its own)."""
    found = FORMULA.finditer(re.sub(r"^[ >]+", "", without_code(text), flags=re.M))
    return [(match[1] or match[2], match[1] is not None) for match in found]


def headings(text: str) -> set[str]:
    """The headings of a note, as a wikilink names them."""
    return set(re.findall(r"^#{1,6} (.+?)\s*$", _without_fences(text), re.MULTILINE))


def without_code(text: str) -> str:
    """The text without properties, fenced code and inline code; lines keep their numbers."""
    text = re.sub(r"\A---\n.*?\n---\n", lambda found: "\n" * found[0].count("\n"), text, flags=re.S)
    return re.sub(r"(?<![\\`])(`+)(?!`).+?(?<!`)\1(?!`)", "", _without_fences(text))


def _without_fences(text: str) -> str:
    lines, fence = [], ""
    for line in text.splitlines():
        mark = FENCE.match(line)
        if fence:
            is_end = mark and mark[1].startswith(fence) and not mark[2].strip()
            fence = "" if is_end else fence
            lines.append("")
        else:
            fence = mark[1] if mark else ""
            lines.append("" if mark else line)
    return "\n".join(lines)


def _double_names(files: list[Path]) -> list[str]:
    counts = Counter(path.name.casefold() for path in files)
    return [f"{name}: {n} files have this base name" for name, n in counts.items() if n > 1]


def _attachments_nobody_embeds(files: list[Path], notes: dict[str, str]) -> list[str]:
    embedded = {target for text in notes.values() for _, target, _ in _wikilinks(text)}
    names = [path.name for path in files if path.suffix != ".md"]
    return [f"{name}: no note embeds this attachment" for name in names if name not in embedded]


def _wikilinks(text: str) -> list[tuple[bool, str, str]]:
    """(is an embed, target, heading) of each."""
    found = []
    for mark, inner in WIKILINK.findall(without_code(text)):
        target, _, heading = re.split(r"\\?\|", inner)[0].partition("#")
        found.append((bool(mark), target, heading))
    return found


def _links(text: str, stem: str, notes: dict[str, str], names: set[str]) -> list[str]:
    found = []
    for is_embed, target, heading in _wikilinks(text):
        if is_embed and target not in names:
            found.append(f"the embed {target!r} is no file of the vault")
        elif not is_embed and (target or stem) not in notes:
            found.append(f"the link to {target!r} finds no note")
        elif heading and heading not in headings(notes[target or stem]):
            found.append(f"the link to {target}#{heading} finds no such heading")
    for target in PICTURE.findall(without_code(text)):
        if not re.match(r"https?:|data:", target) and unquote(target) not in names:
            found.append(f"the picture {target!r} is no file of the vault")
    return found


def _properties(text: str) -> list[str]:
    block = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    if not block:
        return ["there are no properties at the top"]
    try:
        properties = yaml.safe_load(block[1])
    except yaml.YAMLError as error:
        return [f"the properties are not YAML: {error}"]
    found = [
        f"the property {name} is no list of texts"
        for name in ("aliases", "tags")
        if not _is_list_of_texts(properties.get(name))
    ]
    tags = properties.get("tags") or []
    return found + [f"{tag!r} is no tag" for tag in tags if not TAG.fullmatch(str(tag))]


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _callouts(text: str) -> list[str]:
    types = re.findall(r"^[ >]*>[ ]?\[!([^\]]*)\]", _without_fences(text), re.MULTILINE)
    return [f"{name!r} is no callout type" for name in types if name.lower() not in CALLOUT_TYPES]


def _html(text: str) -> list[str]:
    return [f"a raw HTML block begins with {html!r}" for html in HTML.findall(without_code(text))]


def _comments(text: str) -> list[str]:
    return ["a stray %% hides what follows it"] if "%%" in without_code(text) else []


def _fences(text: str) -> list[str]:
    last = text.rstrip().splitlines()[-1:]
    is_open = _without_fences(f"{text}\nend").splitlines()[-1:] != ["end"]
    return [f"a code fence stays open until the end: {last}"] if is_open else []
