"""From the cells of a notebook to the text of a note."""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from bookrec_helpers.obsidian.blocks import callout, escape, fence
from bookrec_helpers.obsidian.figures import EXTENSIONS, Figures
from bookrec_helpers.obsidian.hypertext import html_to_markdown
from bookrec_helpers.obsidian.markdown import (
    ObsidianMarkdown,
    display_formula,
    headings,
    wikilink,
)

WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = "A still picture: in the notebook, the sliders move it"
LIVE_ONLY = "This moves in the notebook only"
# Folded boxes for the cells that carry a tag.
FOLDED = {"solution": ("success", "Solution"), "answer": ("success", "Answer")}
# What `repr` says of an object that shows itself otherwise, such as `<Figure size 960x420>`.
_REPR = re.compile(r"\s*<[^<>]*>\s*|(?:HBox|VBox|Box|Output|interactive)\(.*", re.DOTALL)
# The words of sliders in a notebook that was saved without its widgets.
_SAVED_SLIDERS = re.compile(r"Sliders \([^)]*\): ")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class NoteWriter:
    """Writes the cells of one notebook as Markdown for Obsidian.

    Args:
        notebook: already preprocessed by nbconvert.
        figures: takes the pictures.
        folder: the notebook's own; pictures and lessons beside it are looked up there.
            None if it is not known.
    """

    def __init__(
        self,
        notebook: NotebookNode,
        figures: Figures,
        folder: Path | None = None,
    ):
        self._notebook, self._figures, self._folder = notebook, figures, folder
        self._headings: dict[str, dict[str, str]] = {}
        self._language = _language(notebook.metadata)

    def note(self) -> str:
        """The text of all cells."""
        return "\n\n".join(filter(None, map(self.cell, self._notebook.cells))) + "\n"

    def cell(self, cell: NotebookNode) -> str:
        """The text of one cell: empty if it has nothing for a note."""
        tags = set(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            text = self._markdown(cell.source, cell.get("attachments", {}))
        elif cell.cell_type == "code":
            text = self._code(cell, tags)
        else:
            text = ""
        for tag in FOLDED.keys() & tags:
            text = text and callout(*FOLDED[tag], text, folded=True)
        return text

    def _code(self, cell: NotebookNode, tags: set[str]) -> str:
        shown, view = [], cell.metadata.get("jupyter", {})
        source = re.sub(r"\A%%note\b.*\n?", "", cell.source)
        if source.strip() and not cell.metadata.get("transient", {}).get("remove_source"):
            code = fence(source, cell.metadata.get("magics_language", self._language))
            hidden = tags & {"hide-input", "hide-cell"} or view.get("source_hidden")
            shown.append(callout("example", "Code", code, folded=True) if hidden else code)
        outputs = "\n\n".join(filter(None, self._outputs(cell.get("outputs", []))))
        hidden = tags & {"hide-output", "hide-cell"} or view.get("outputs_hidden")
        shown.append(callout("example", "Output", outputs, folded=True) if hidden else outputs)
        return "\n\n".join(filter(None, shown))

    def _outputs(self, outputs: list[NotebookNode]) -> list[str]:
        """The outputs of a cell; a line below says it if a widget moves them in the notebook."""
        texts = [self._output(output) for output in outputs]
        words = [said for output in outputs if (said := _words_of_widget(output)) is not None]
        if not words:
            return texts
        if any(EXTENSIONS.keys() & output.get("data", {}).keys() for output in outputs):
            return [*texts, callout("info", STILL)]
        return [*texts, callout("info", LIVE_ONLY, "\n".join(filter(None, words)))]

    def _output(self, output: NotebookNode) -> str:
        if output.output_type == "stream":
            return "" if output.name == "stderr" else _text(output.text)
        if output.output_type == "error":
            return callout("failure", output.ename, _text(output.evalue))
        data = {mime: _joined(data) for mime, data in output.get("data", {}).items()}
        if _words_of_widget(output) is not None:
            data.pop("text/plain", None)
        return self._shown(data, output.get("metadata", {}))

    def _shown(self, data: dict[str, str], metadata: dict) -> str:
        """The richest of an output's forms that a note can hold."""
        plain, html = data.get("text/plain", ""), data.get("text/html", "")
        if mime := next((mime for mime in EXTENSIONS if mime in data), None):
            size = metadata.get(mime)
            width = size.get("width", "") if isinstance(size, dict) else ""
            return self._picture(data[mime], mime, plain, width)
        if "text/markdown" in data:
            return self._markdown(data["text/markdown"])
        if "<table" in html or (html and (not plain or _REPR.fullmatch(plain))):
            return self._markdown(html_to_markdown(html))
        if "text/latex" in data:
            return self._latex(data["text/latex"])
        return "" if _REPR.fullmatch(plain) else _text(plain)

    def _picture(self, data: str, mime: str, plain: str, width: object) -> str:
        alt = "" if _REPR.fullmatch(plain) else plain
        size = str(int(width)) if isinstance(width, int | float) else ""
        return self._embed(data, mime, alt, size)

    def _embed(self, data: str, mime: str, alt: str, width: str) -> str:
        try:
            return self._figures.embed(_decoded(data, mime), mime, alt, width)
        except binascii.Error:
            return f"*(damaged picture: {escape(alt) or 'no description'})*"

    def _latex(self, latex: str) -> str:
        latex = latex.strip()
        if formula := re.fullmatch(r"\$\$?(?:\\displaystyle)?([^$]+)\$\$?", latex):
            return display_formula(formula[1].strip())
        text = self._markdown(latex)
        return text if "$" in text else fence(latex, "latex")

    def _markdown(self, source: str, attachments: dict | None = None) -> str:
        def picture(alt: str, target: str) -> str:
            return self._linked_picture(alt, unquote(target), attachments or {})

        return ObsidianMarkdown(self._link, picture).convert(source)

    def _linked_picture(self, alt: str, target: str, attachments: dict) -> str:
        """The embed of a picture that Markdown names: pasted, in the text, or beside it."""
        alt, _, width = alt.rpartition("|") if re.search(r"\|\d+$", alt) else (alt, "", "")
        if inline := re.match(r"data:([\w/+.-]+);base64,", target):
            bundle = {inline[1]: target[inline.end() :]}
        elif target.startswith("attachment:"):
            bundle = attachments.get(target.removeprefix("attachment:"), {})
        elif _has_scheme(target):
            return f"![{alt}]({target})"
        else:
            bundle = _read_picture(self._beside(target))
        mime = next((mime for mime in EXTENSIONS if mime in bundle), None)
        if mime is None:
            return f"*(picture not found beside the notebook: {escape(alt) or 'no description'})*"
        return self._embed(_joined(bundle[mime]), mime, alt, width)

    def _link(self, text: str, target: str) -> str:
        """A wikilink for a link to a notebook or to a heading, else nothing."""
        path, _, anchor = target.partition("#")
        if _has_scheme(path) or (path and not path.endswith(".ipynb")):
            return ""
        known = self._headings_of(unquote(path)) if anchor else {}
        if not path and unquote(anchor).casefold() not in known:
            return text
        return wikilink(text, PurePosixPath(unquote(path)).stem, anchor, known)

    def _headings_of(self, path: str) -> dict[str, str]:
        """The headings of the notebook at `path` beside this one; of this one if it is empty."""
        if path not in self._headings:
            cells = self._notebook.cells if not path else _read_cells(self._beside(path))
            sources = [_joined(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
            self._headings[path] = headings(sources)
        return self._headings[path]

    def _beside(self, path: str) -> Path | None:
        """A file in the notebook's folder or below; a notebook must not fetch any other."""
        if self._folder is None:
            return None
        file = (self._folder / path).resolve()
        return file if file.is_relative_to(self._folder.resolve()) and file.is_file() else None


def _words_of_widget(output: NotebookNode) -> str | None:
    """What a widget says where it cannot run, perhaps nothing; None if it is no widget."""
    data = output.get("data", {})
    plain = _joined(data.get("text/plain", ""))
    if WIDGET not in data and not _SAVED_SLIDERS.match(plain):
        return None
    return "" if _REPR.fullmatch(plain) else escape(plain.strip())


def _read_cells(file: Path | None) -> list[dict]:
    return json.loads(file.read_text(encoding="utf-8")).get("cells", []) if file else []


def _read_picture(file: Path | None) -> dict[str, str]:
    if file is None:
        return {}
    mime = mimetypes.guess_type(file.name)[0]
    if mime == "image/svg+xml":
        return {mime: file.read_text(encoding="utf-8")}
    return {mime: base64.b64encode(file.read_bytes()).decode()} if mime in EXTENSIONS else {}


def _decoded(data: str, mime: str) -> bytes:
    if mime == "image/svg+xml" and data.lstrip().startswith("<"):
        return data.encode()
    return base64.b64decode(data)


def _joined(data: object) -> object:
    return "".join(data) if isinstance(data, list) else data


def _has_scheme(target: str) -> bool:
    return bool(re.match(r"[a-zA-Z][\w+.-]*:", target))


def _text(text: str) -> str:
    """Printed text as a fence, without colors and control signs."""
    clean = _CONTROLS.sub("", strip_ansi(text))
    return fence(clean, "text") if clean.strip() else ""


def _language(metadata: dict) -> str:
    names = (metadata.get("language_info", {}).get("name"), metadata.get("kernelspec", {}))
    language = names[0] or names[1].get("language") or "python"
    return re.sub(r"[^\w+#.-]", "", language).lower()
