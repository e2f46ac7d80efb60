"""Where a note's pictures go: into files beside the notes, or into the text itself."""

import base64
import hashlib
import posixpath
import re
from textwrap import shorten

_KINDS = "png jpeg gif webp svg+xml bmp avif".split()
EXTENSIONS = {f"image/{kind}": f".{kind.removesuffix('+xml')}" for kind in _KINDS}
_LONGEST_CAPTION = 120


class FigureFiles:
    """Pictures as files; nothing is written, `files` holds {file name: content}.

    Args:
        stem: begins each name, so that names stay unique in a vault.
        folder: stands before each name in `files`; an embed needs the name alone.
        by_content: name a picture by a hash of its content and not by its number, so
            that the same picture copied twice is one file.
    """

    def __init__(self, stem: str, folder: str = "", by_content: bool = False):
        self.files: dict[str, bytes] = {}
        self._stem = re.sub(r"[^\w. ()-]+", "-", stem).strip(" .") or "figure"
        self._folder, self._by_content = folder, by_content

    def embed(self, data: bytes, mime: str, alt: str = "", width: str = "") -> str:
        """Keep a picture and return the embed of its file, with its width in pixels."""
        number = f"{len(self.files) + 1:02d}"
        mark = hashlib.sha256(data).hexdigest()[:12] if self._by_content else number
        name = f"{self._stem}-{mark}{EXTENSIONS[mime]}"
        self.files[posixpath.join(self._folder, name)] = data
        return f"![[{label(name, alt, width)}]]"


def embed_inline(data: bytes, mime: str, alt: str = "", width: str = "") -> str:
    """A picture as Markdown that holds it: the text alone is enough, at the price of its length."""
    address = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    return f"![{label(caption(alt) or 'figure', '', width)}]({address})"


def label(name: str, alt: str, width: str) -> str:
    """What Obsidian is told of a picture, its text alternative and its width among it."""
    return "|".join(filter(None, [name, caption(alt), width]))


def caption(alt: str) -> str:
    """A text alternative on one line, of 120 characters at most; a longer one ends at a pause."""
    words = " ".join(re.sub(r"[|\[\]]+", " ", alt).split())
    pause = re.match(rf".{{40,{_LONGEST_CAPTION - 1}}}(?=[.;,:] )", words)
    is_cut = pause and len(words) > _LONGEST_CAPTION
    return f"{pause[0]}…" if is_cut else shorten(words, _LONGEST_CAPTION, placeholder="…")
