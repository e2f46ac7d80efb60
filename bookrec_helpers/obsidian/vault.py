"""Which note an export may write: never one that was changed since its last export."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import yaml

_PRINT = re.compile(r"^fingerprint: (\S+)\n", re.MULTILINE)
_SOURCE = re.compile(r"^source: (.+)$", re.MULTILINE)


def sealed(properties: dict, body: str) -> str:
    """A note, its properties at the top, with a fingerprint that tells whether it is changed."""
    head = yaml.safe_dump(properties, sort_keys=False, allow_unicode=True, width=10_000)
    mark = _fingerprint(f"---\n{head}---\n\n{body}")
    return f"---\n{head}fingerprint: {mark}\n---\n\n{body}"


def _fingerprint(text: str) -> str:
    return f"sha256-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class Vault:
    """The notes of a folder, as far as one run of exports touches them.

    Args:
        folder: to which the notes are written. None if it is not known.
    """

    def __init__(self, folder: Path | None):
        self._folder = folder
        self._written: dict[str, str] = {}
        self.has_course_notes: set[str] = set()

    def name_for(self, stem: str, source: str, origin: str) -> str:
        """The name of a notebook's note: `stem`, if it is free or holds this one's last export.

        Args:
            stem: the name that is wished for.
            source: the notebook's folder and name, as the note's property names it.
            origin: the notebook's full path.
        """
        place = source.rpartition("/")[0] or "2"
        base = f"{stem} ({place})" if self._is_anothers(stem, source, origin) else stem
        free = (name for name in _numbered(base) if not self._is_anothers(name, source, origin))
        name = next(name for name in free if not self.is_changed(name))
        self._written[name.casefold()] = origin
        return name

    def beside(self, path: str, note: str) -> dict[str, bytes]:
        """The file for a note of the course, none if one that was changed already says as much."""
        marks = (_PRINT.findall(note)[:1], _PRINT.findall(self._note(path))[:1])
        if self.is_changed(path) and marks[0] == marks[1]:
            return {}
        free = next(name for name in _numbered(path) if not self.is_changed(name))
        return {f"{free}.md": note.encode()}

    def is_changed(self, name: str) -> bool:
        """Whether someone has changed, or written, the note of this name."""
        note = self._note(name)
        mark = _PRINT.search(note)
        return bool(note) and not (mark and _fingerprint(_PRINT.sub("", note, count=1)) == mark[1])

    def _is_anothers(self, name: str, source: str, origin: str) -> bool:
        """Whether the note came from another notebook, or from none."""
        if written := self._written.get(name.casefold()):
            return written != origin
        note = self._note(name)
        return bool(note) and _SOURCE.findall(note)[:1] != [source]

    def _note(self, name: str) -> str:
        file = self._folder / f"{name}.md" if self._folder is not None else None
        return file.read_text(encoding="utf-8", errors="replace") if file and file.is_file() else ""


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} {number}" for number in count(2))
