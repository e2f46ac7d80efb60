"""Which note an export may write: never one that was changed since its last export."""

import hashlib
import re
from itertools import count
from pathlib import Path

import yaml

_PRINT = re.compile(r"^fingerprint: (\S+)\n", re.MULTILINE)
_SOURCE = re.compile(r"^source: (.+)$", re.MULTILINE)


class _Dumper(yaml.SafeDumper):
    """Quotes digits, such as 08, that newer readers of YAML would take for a number."""


_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"\d+\Z"), None)


def sealed(properties: dict, body: str) -> str:
    """A note, its properties at the top, with a fingerprint that tells whether it is changed."""
    head = yaml.dump(properties, None, _Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    mark = _fingerprint(f"---\n{head}---\n\n{body}")
    return f"---\n{head}fingerprint: {mark}\n---\n\n{body}"


def _fingerprint(text: str) -> str:
    return f"sha256-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def source(notebook: Path) -> str:
    """A notebook's name and its folder's, which stay the same on another computer."""
    return f"{notebook.resolve().parent.name}/{notebook.name}".lstrip("/")


class Vault:
    """The notes of a folder, as far as one run of exports touches them.

    Args:
        folder: to which the notes are written.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._written: dict[str, Path] = {}
        self.courses: set[str] = set()  # whose notes are written

    def name_for(self, wished: str, notebook: Path) -> str:
        """The name of a notebook's note, as wished for if that is free or holds its last export."""
        others = f"{wished} ({source(notebook).rpartition('/')[0] or '2'})"
        base = others if self._is_anothers(wished, notebook) else wished
        free = (name for name in _numbered(base) if not self._is_anothers(name, notebook))
        name = next(name for name in free if not self.is_changed(name))
        self._written[name.casefold()] = notebook.resolve()
        return name

    def beside(self, path: str, note: str) -> dict[str, bytes]:
        """The file for a note of the course, none if one that was changed already says as much."""
        if self.is_changed(path) and _PRINT.search(note)[0] in self._note(path):
            return {}
        free = next(name for name in _numbered(path) if not self.is_changed(name))
        return {f"{free}.md": note.encode()}

    def is_changed(self, name: str) -> bool:
        """Whether someone has changed, or written, the note of this name."""
        note = self._note(name)
        mark = _PRINT.search(note)
        return bool(note) and not (mark and _fingerprint(_PRINT.sub("", note, count=1)) == mark[1])

    def _is_anothers(self, name: str, notebook: Path) -> bool:
        """Whether the note came from another notebook, or from none."""
        if written := self._written.get(name.casefold()):
            return written != notebook.resolve()
        note = self._note(name)
        return bool(note) and _SOURCE.findall(note)[:1] != [source(notebook)]

    def _note(self, name: str) -> str:
        file = self._folder / f"{name}.md"
        return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _numbered(name: str):
    yield name
    yield from (f"{name} {number}" for number in count(2))
