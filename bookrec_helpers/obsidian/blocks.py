"""The blocks that a note is made of: fences, callouts, pipe tables."""

from __future__ import annotations

import re

# Characters that Obsidian would read as markup where plain text is meant.
_MARKUP = re.compile(
    r"[\\|$*`<]|(?<!\w)_|_(?!\w)|\[(?=\[)|(?<=\[)\[|(?<==)=|(?<=%)%|(?<=~)~|(?<![\w/&])#(?=\w)"
    r"|&(?=#?\w+;)"
)
_NUMBER = re.compile(
    r"[-+−]?(\d[\d,]*\.?\d*|\.\d+)(e[-+]?\d+)?\s?%?|nan|<na>|[-+−]?inf", re.IGNORECASE
)


def fence(text: str, language: str = "") -> str:
    """`text` as fenced code; the fence is longer than any run of backticks in it."""
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{text.strip(chr(10)).rstrip()}\n{ticks}"


def callout(kind: str, title: str, body: str = "", folded: bool = False) -> str:
    """A callout box; the reader opens a folded one by a click.

    A formula of several lines is joined to one line: only so does Obsidian show it in a box.
    """
    body = re.sub(
        r"^\$\$\n(.+?)\n\$\$$",
        lambda formula: f"$${' '.join(formula[1].split())}$$",
        body,
        flags=re.MULTILINE | re.DOTALL,
    )
    lines = [f"[!{kind}]{'-' if folded else ''} {title}", *body.splitlines()]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def escape(text: str) -> str:
    """`text` such that Obsidian shows it to the letter."""
    return _MARKUP.sub(r"\\\g<0>", text)


def pipe_table(header: list[str], rows: list[list[str]]) -> str:
    """A pipe table of plain texts; a column of numbers stands flush right."""
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    marks = ["--:" if _is_numeric(column) else ":--" for column in columns]
    lines = [[escape(cell) for cell in line] for line in (header, *rows)]
    lines.insert(1, marks)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _is_numeric(column: tuple[str, ...]) -> bool:
    filled = [cell for cell in column if cell]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)
