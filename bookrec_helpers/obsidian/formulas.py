"""Formulas, found as JupyterLab finds them: before Markdown or HTML is read at all.

A formula is hidden behind a sign that neither language knows, and comes back when all
else is converted, so that no underscore, `<` or bar in it is ever taken for markup.
"""

import re

from bookrec_helpers.obsidian.blocks import WORDS, one_line

# Two code points that Unicode sets aside for a program's own use.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
# Whether it starts a line, is in a table, its number, whether it ends a line, a digit after it.
_HIDDEN = re.compile(rf"(?m)(^)?{_OPEN}(t?)(\d+){_CLOSE}($)?(?=(\d?))")
_SIGN = re.compile("|".join(WORDS["formulas"]["signs"]))
_MONEY = re.compile("|".join(WORDS["formulas"]["amounts"]))
_ENDS = {"$": "$", "$$": "$$", r"\\(": r"\\)", r"\\[": r"\\]"}
# LaTeX's own environments for text, which no formula may hold.
_TEXT = re.compile(r"\\begin\{(?:tabular|table|itemize|enumerate|figure|document|center)\*?\}")
# A displayed formula with a blank line in it, which JupyterLab alone would mind.
_GAP = re.compile(WORDS["formulas"]["gap"])
_INLINE_CODE = re.compile(r"(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
# Fenced code, which ends with its cell at the latest.
_FENCED = re.compile(r"(?m)^[ \t>]*(`{3,}|~{3,})[^`\n]*(?:\n.*)*?(?:\n[ \t>]*\1[`~]*[ \t]*$|\Z)")


class Wholes:
    """Keeps what must pass through the conversion of a notebook's cells untouched."""

    def __init__(self):
        self._kept: list[tuple[str, str]] = []  # the source, and as Obsidian reads it
        self._labels: set[str] = set()

    def hide(self, source: str) -> str:
        """`source` with each formula and footnote replaced by a sign; code stays as it is.

        A footnote's label that an earlier source has defined, too, gets a number.
        """
        source = re.sub(f"[{_OPEN}{_CLOSE}]", "", source)
        defined = set(re.findall(r"^(\[\^[^\]\s]+)\]:", source, re.MULTILINE))
        twice, number = defined & self._labels, len(self._labels)
        self._labels |= defined
        for start, stop, opening in reversed(list(_spans(_without_code(source)))):
            whole, before = source[start:stop], ""
            if opening.startswith("[^"):
                text = f"{whole[:-1]}-{number}]" if whole[:-1] in twice else whole
                is_definition = source[start - 1 : start] == "\n" and source[stop : stop + 1] == ":"
                before = "\n" * is_definition
            else:
                is_quoted = source[source.rfind("\n", 0, start) + 1 : start].lstrip()[:1] == ">"
                tex = re.sub(r"\n[ ]*(?:>[ ]?)+", "\n", whole) if is_quoted else whole
                text = r"\$" if opening == r"\\$" else _formula(tex, opening)
            source = f"{source[:start]}{before}{_OPEN}{len(self._kept)}{_CLOSE}{source[stop:]}"
            self._kept.append((whole, text))
        return source

    def raw(self, text: str) -> str:
        """`text` with the source of what was hidden in it, for code and addresses."""
        return _HIDDEN.sub(lambda sign: self._kept[int(sign[3])][0], text)

    def restore(self, note: str) -> str:
        """The finished note; a displayed formula that stands alone keeps lines of its own."""
        return _HIDDEN.sub(self._restored, note)

    def _restored(self, sign: re.Match) -> str:
        starts, is_in_table, number, ends, digit = sign.groups()
        text = self._kept[int(number)][1]
        if text.startswith("$$") and None in (starts, ends):
            text = f"$${one_line(text.strip('$'))}$$"
        elif digit and text.startswith("$"):
            text += "\u200b"  # before a digit, Obsidian takes a dollar sign for an amount's
        bar = {"|": r"\vert ", r"\|": r"\Vert "}
        return re.sub(r"\\?\|", lambda match: bar[match[0]], text) if is_in_table else text


def in_table(text: str) -> str:
    """`text` for a cell of a pipe table: no bar in it ends the column."""
    return _HIDDEN.sub(rf"{_OPEN}t\3{_CLOSE}", re.sub(r"(?<!\\)\|", r"\\|", text))


def display(tex: str) -> str:
    """A formula on lines of its own, without blank lines inside."""
    return "\n".join(["$$", *(line for line in tex.splitlines() if line.strip()), "$$"])


def without_fences(*sources: str) -> str:
    """The sources of cells without their fenced code, which ends with its cell."""
    return "\n".join(_FENCED.sub("", source) for source in sources)


def _without_code(source: str) -> str:
    """`source` with code blanked out, character by character."""
    for code in (_FENCED, _INLINE_CODE):
        source = code.sub(lambda found: re.sub(r"[^\n]", "x", found[0]), source)
    return source


def _formula(source: str, opening: str) -> str:
    tex = source[len(opening) : -len(opening)] if opening in _ENDS else source
    return f"${one_line(tex)}$" if opening in ("$", r"\\(") else display(tex)


def _spans(text: str):
    """Where each formula, dollar sign and footnote begins and ends, and how it opens."""
    text = _GAP.sub(lambda gap: re.sub(r"\n(?=[^\S\n]*\n)", "x", gap[0]), text)
    at = 0
    while opening := _SIGN.search(text, at):
        start, at = opening.span()
        if opening[0].startswith(("[^", r"\\$")):
            yield start, at, opening[0]
        elif end := _end(opening[0]):
            closing, seen = _closing(text, at, end)
            inside = text[at : closing.start()] if closing else ""
            if inside.strip() and not _MONEY.fullmatch(text, at, closing.end() + 1):
                at = closing.end()
                yield start, at, opening[0]
            elif "$" not in end:
                at = seen


def _closing(text: str, start: int, end: str) -> tuple[re.Match | None, int]:
    """The sign that closes a formula, if any does, and how far was looked.

    It is the next `end` outside of braces, or before a blank line the last one within.
    """
    last, depth = None, 0
    for sign in _SIGN.finditer(text, start):
        if "\n" in sign[0] or (sign[0] == end and not depth):
            return (last if "\n" in sign[0] else sign), sign.end()
        last = sign if sign[0] == end else last
        depth = max(depth + {"{": 1, "}": -1}.get(sign[0], 0), 0)
    return last, len(text)


def _end(sign: str) -> str | None:
    is_environment = sign.startswith(r"\begin") and not _TEXT.match(sign)
    return sign.replace("begin", "end") if is_environment else _ENDS.get(sign)
