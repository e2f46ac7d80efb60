"""Where the links and pictures of a notebook lead, and what a note says in their place."""

import base64
import html
import mimetypes
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from nbformat import v4

from bookrec_helpers.obsidian.blocks import WORDS
from bookrec_helpers.obsidian.figures import EXTENSIONS
from bookrec_helpers.obsidian.formulas import without_fences

# What a click in a note may open; any other scheme could run something.
_FOLLOWED = {"http", "https", "mailto", "ftp", "tel"}
_ID = re.compile("|".join(WORDS["anchors"]["names"]))
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|^\([\w:.-]+\)=\s*$")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]+(.+)")


@dataclass(frozen=True)
class Places:
    """What lies around a notebook.

    Attributes:
        sources: of its Markdown cells.
        folder: the notebook's own. None if it is not known.
        notes: the names of notes that stand for a heading, by (notebook, slug of the anchor).
        stem: of the notebook's file.
        home: the note that holds the headings, if that is not the one to be written.
    """

    sources: tuple[str, ...]
    folder: Path | None = None
    notes: dict[tuple[str, str], str] = field(default_factory=dict)
    stem: str = ""
    home: str = ""

    def link(self, text: str, target: str) -> str:
        """A wikilink, a link, or the text with the place that it named."""
        scheme = _scheme(target)
        if scheme in _FOLLOWED:
            return f"[{text}]({_address(target)})"
        if scheme:
            return text
        path, _, shown = map(unquote, target.partition("#"))
        name, anchor = PurePosixPath(path).stem, slug(shown)
        if note := self.notes.get((name or self.stem, anchor)):
            return _wikilink(text, note)
        heading = self._headings(path).get(anchor, "") if anchor else ""
        if path.endswith(".ipynb"):
            heading = heading or shown.replace("-", " ")
            return _wikilink(text, f"{name}#{heading}" if heading else name)
        if not path:
            return _wikilink(text, f"{self.home}#{heading}") if heading else text
        return text if path in text else f"{text} (`{path}`)"

    def picture(self, target: str, attachments: dict) -> dict[str, str] | str:
        """The picture that Markdown names, {mime: base64}: pasted, in the text, or in a file.

        Empty if there is none; its address if it lies on the web.
        """
        if inline := re.match(r"data:(image/[\w+.-]+);base64,", target):
            return {inline[1]: target[inline.end() :]}
        name = target.removeprefix("attachment:")
        if name != target:
            return attachments.get(name) or attachments.get(unquote(name)) or {}
        if _scheme(target) in ("http", "https"):
            return _address(target)
        file = self._file(target) or self._file(unquote(target))
        mime = mimetypes.guess_type(file.name)[0] if file else None
        return {mime: base64.b64encode(file.read_bytes()).decode()} if mime in EXTENSIONS else {}

    def _headings(self, path: str) -> dict[str, str]:
        """The headings of the notebook at `path` from here; of this one if it is empty."""
        file = self._file(path) if path.endswith(".ipynb") else None
        return anchors(read_notebook(file)[1] if file else () if path else self.sources)

    def _file(self, path: str) -> Path | None:
        """A file below the notebook's folder or the one of the export; a note fetches no other."""
        if self.folder is None or _scheme(path):
            return None
        try:
            file = (self.folder / path).resolve()
            within = any(file.is_relative_to(root.resolve()) for root in (self.folder, Path.cwd()))
            return file if within and file.is_file() else None
        except (OSError, ValueError):  # a name that no file can have
            return None


def read_notebook(file: Path) -> tuple[dict, tuple[str, ...]]:
    """A notebook's metadata and the sources of its Markdown cells; none if it cannot be read."""
    return _read_notebook(file, file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read_notebook(file: Path, changed: int) -> tuple[dict, tuple[str, ...]]:
    try:
        notebook = v4.reads(file.read_text(encoding="utf-8"))
        return dict(notebook.metadata), prose(notebook)
    except (AttributeError, OSError, TypeError, ValueError):
        return {}, ()


def prose(notebook: dict) -> tuple[str, ...]:
    """The sources of a notebook's Markdown cells."""
    return tuple(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def slug(anchor: str) -> str:
    """An anchor such that JupyterLab's way of making it from a heading, and GitHub's, agree."""
    return re.sub(r"\W+", "-", anchor).casefold().strip("-")


@lru_cache(maxsize=256)
def anchors(sources: tuple[str, ...]) -> dict[str, str]:
    """The headings of Markdown cells by the slugs of all that leads to them, HTML ids included.

    An id right above a heading stands for it, any other for the heading that it stands under.
    """
    found: dict[str, str] = {}
    heading, waiting = "", []
    for line in without_fences(*sources).splitlines():
        waiting += ["".join(names) for names in _ID.findall(line)]
        text = _TAG.sub("", line)
        if match := _HEADING.match(text):
            heading = _plain_heading(match[1])
            found.setdefault(slug(heading), heading)
        if text.strip() and heading:
            for name in map(slug, waiting):
                found.setdefault(name, heading)
            waiting = []
    return found


def title_of(sources: tuple[str, ...]) -> str:
    """The first heading of the highest level in plain words; empty if there is none."""
    found = re.search(r"^#[ \t]+(.+)$", without_fences(*sources), re.MULTILINE)
    return re.sub(r"[*`$]", "", _plain_heading(found[1])) if found else ""


def _plain_heading(text: str) -> str:
    """A heading as a wikilink names it: without links, tags and what ends a link's target."""
    text = re.sub(r"\{[#.][^{}]*\}$", "", _TAG.sub("", text).rstrip(" \t#"))
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    return " ".join(re.sub(r"[\[\]|#^]|%%", " ", text).split())


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
    match = re.match(r"([a-zA-Z][\w+.-]*):|//", plain)
    return (match[1] or "https").lower() if match else ""
