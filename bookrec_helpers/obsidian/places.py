"""Where the links and pictures of a notebook lead, and what a note says in their place."""

from __future__ import annotations

import base64
import html
import json
import mimetypes
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from bookrec_helpers.obsidian.figures import EXTENSIONS
from bookrec_helpers.obsidian.markdown import anchors, slug

# What a click in a note may open; any other scheme could run something.
_FOLLOWED = {"http", "https", "mailto", "ftp", "tel"}


class Places:
    """What lies around a notebook.

    Args:
        cells: the notebook's own.
        folder: the notebook's own. None if it is not known.
        notes: the names of notes that stand for a heading, by (notebook, slug of the anchor).
        stem: of the notebook's file.
        elsewhere: whether the text goes to another note than the notebook's own.
    """

    def __init__(
        self,
        cells: list[dict],
        folder: Path | None = None,
        notes: Mapping[tuple[str, str], str] | None = None,
        stem: str = "",
        elsewhere: bool = False,
    ):
        self._cells, self._folder, self._notes = cells, folder, notes or {}
        self._stem, self._elsewhere = stem, elsewhere
        self._own: dict[str, str] | None = None

    def link(self, text: str, target: str) -> str:
        """A wikilink, a link, or the text with the place that it named."""
        path, _, anchor = target.partition("#")
        scheme = _scheme(target)
        if scheme in _FOLLOWED or target.startswith("//"):
            return f"[{text}]({_address(target)})"
        if scheme:
            return text
        path, anchor = unquote(path), slug(unquote(anchor))
        name = PurePosixPath(path).stem
        if note := self._notes.get((name or self._stem, anchor)):
            return _wikilink(text, note)
        if path.endswith(".ipynb"):
            shown = unquote(target.partition("#")[2]).replace("-", " ")
            heading = self._headings(path).get(anchor, shown) if anchor else ""
            return _wikilink(text, f"{name}#{heading}" if heading else name)
        if not path:
            heading = self._headings("").get(anchor)
            note = self._stem if self._elsewhere else ""
            return _wikilink(text, f"{note}#{heading}") if heading else text
        return text if path in text else f"{text} (`{path}`)"

    def picture(self, target: str, attachments: Mapping) -> dict[str, str] | None:
        """The picture that Markdown names, {mime: base64}: pasted, in the text, or in a file.

        Empty if there is none; None if it lies on the web.
        """
        if inline := re.match(r"data:(image/[\w+.-]+);base64,", target):
            return {inline[1]: target[inline.end() :]}
        name = target.removeprefix("attachment:")
        if name != target:
            return attachments.get(name) or attachments.get(unquote(name)) or {}
        if _scheme(target) in ("http", "https") or target.startswith("//"):
            return None
        return _read_picture(self._file(target) or self._file(unquote(target)))

    def _headings(self, path: str) -> dict[str, str]:
        """The headings of the notebook at `path` from here; of this one if it is empty."""
        if path:
            file = self._file(path)
            return _anchors_of(file, file.stat().st_mtime_ns) if file else {}
        if self._own is None:
            self._own = anchors(prose(self._cells))
        return self._own

    def _file(self, path: str) -> Path | None:
        """A file below the notebook's folder or the one of the export; a note fetches no other."""
        if self._folder is None or _scheme(path):
            return None
        try:
            file = (self._folder / path).resolve()
            within = any(file.is_relative_to(root.resolve()) for root in (self._folder, Path.cwd()))
            return file if within and file.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None


def read_notebook(file: Path) -> dict:
    """A notebook's metadata and cells, without outputs; without cells if it cannot be read."""
    return _read_notebook(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read_notebook(file: Path, changed: int) -> dict:
    try:
        notebook = json.loads(file.read_text(encoding="utf-8"))
        cells = [{**cell, "outputs": []} for cell in notebook["cells"]]
        return {"metadata": dict(notebook["metadata"]), "cells": cells}
    except (KeyError, OSError, TypeError, ValueError):
        return {"metadata": {}, "cells": []}


@lru_cache(maxsize=256)
def _anchors_of(file: Path, changed: int) -> dict[str, str]:
    return anchors(prose(read_notebook(file)["cells"]))


def prose(cells: list[dict]) -> list[str]:
    """The sources of Markdown cells."""
    return [joined(cell["source"]) for cell in cells if cell.get("cell_type") == "markdown"]


def joined(data: object) -> object:
    """A text that notebooks may keep as a list of lines."""
    return "".join(data) if isinstance(data, list) else data


def remote(alt: str, target: str, width: str) -> str:
    """A picture on the web, with its width in pixels."""
    return f"![{'|'.join(filter(None, [alt, width]))}]({_address(target)})"


def _wikilink(text: str, target: str) -> str:
    """A link to a note, or to a heading in it: `[[02_dimension#The rule|the rule]]`."""
    plain = re.sub(r"[*`$]|<[^>]*>", "", text).replace("|", "/").replace("\\", "")
    plain = " ".join(re.sub(r"\[\[|\]\]", " ", plain).split())
    return f"[[{target}]]" if plain in ("", target) else f"[[{target}|{plain}]]"


def _address(target: str) -> str:
    target = f"https:{target}" if target.startswith("//") else target
    target = re.sub(r"[\s<>]", lambda sign: f"%{ord(sign[0]):02X}", target)
    return f"<{target}>" if re.search(r"[()]", target) else target


def _scheme(target: str) -> str:
    """The scheme of an address, however it is disguised; empty for a path."""
    plain = re.sub(r"[\x00-\x20\x7f]", "", html.unescape(target))
    match = re.match(r"([a-zA-Z][\w+.-]*):", plain)
    return match[1].lower() if match else ""


def _read_picture(file: Path | None) -> dict[str, str]:
    mime = mimetypes.guess_type(file.name)[0] if file else None
    return {mime: base64.b64encode(file.read_bytes()).decode()} if mime in EXTENSIONS else {}
