"""What the reader sees: a box in JupyterLab, a callout in a note, words in a terminal."""

import html
import re

KINDS = {"correct": "success", "incorrect": "failure", "not attempted": "question"}
COLORS = {"success": "#009E73", "failure": "#D55E00", "question": "#E69F00", "tip": "#0072B2"}
STYLE = "border-left: 4px solid {}; padding: 0.3em 1em; margin: 0.3em 0"


class Box:
    """A title and a text, shown as rich as the place allows.

    The HTML needs no extension of JupyterLab; a note for Obsidian gets the Markdown.

    Args:
        kind: One of Obsidian's callout types in `COLORS`.
        title: One line.
        text: A paragraph of Markdown, or lines of Python.
        folded: Whether only the title shows until the reader clicks it.
        code: Whether the text is Python.
    """

    def __init__(self, kind, title, text, folded=False, code=False):
        self.kind, self.title, self.text = kind, title, text
        self.folded, self.code = folded, code

    def __repr__(self):
        return f"{self.title}\n{self.text}"

    def _repr_markdown_(self):
        text = f"```python\n{self.text}\n```" if self.code else self.text
        lines = [f"[!{self.kind}]{'-' * self.folded} {self.title}", "", *text.splitlines()]
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _repr_html_(self):
        text = html.escape(self.text, quote=False)
        code = re.sub(r"`([^`]+)`", r"<code>\1</code>", text)
        text = f"<pre>{text}</pre>" if self.code else f"<div>{code}</div>"
        outer, inner = ("details", "summary") if self.folded else ("div", "div")
        title = f"<{inner}><b>{html.escape(self.title)}</b></{inner}>"
        return f'<{outer} style="{STYLE.format(COLORS[self.kind])}">{title}{text}</{outer}>'


class Feedback(Box):
    """What `check` says of an answer.

    Attributes:
        status: "correct", "incorrect" or "not attempted".
        reason: Why, in words that teach.
    """

    def __init__(self, number, status, reason):
        super().__init__(KINDS[status], f"Exercise {number}: {status}", reason)
        self.status, self.reason = status, reason
