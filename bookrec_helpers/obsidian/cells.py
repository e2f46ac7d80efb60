"""From the cells of a notebook to the text of a note."""

import base64
import json
import re
from contextlib import suppress

from nbconvert.filters import strip_ansi
from nbformat import NotebookNode

from bookrec_helpers.obsidian import figures, formulas, hypertext, markdown
from bookrec_helpers.obsidian.blocks import WORDS, callout, escape, fence, language, stack
from bookrec_helpers.obsidian.places import Places

WIDGET = "application/vnd.jupyter.widget-view+json"
_REPR = re.compile("|".join(WORDS["reprs"]["shown"]), re.DOTALL)
_BARE = re.compile("|".join(WORDS["reprs"]["bare"]), re.DOTALL)
# The words of sliders in a notebook that was saved without its widgets.
_SAVED_SLIDERS = re.compile(r"Sliders \([^)]*\): ")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# A cell that only asks for an exercise's hint or solution is that box in a note.
_ASKS = re.compile(r"\s*(?:hint|solution)\([^()]*\)\s*")
_NOT_ATTEMPTED = re.compile(r"(?:Exercise [\w.]+: n|N)ot attempted")
_QUIET = re.compile(r"text/(?:plain|html|latex)|.*bokehjs_load.*|.*jupyterlab-plotly.*")
# What folds a part of a code cell: a tag of it, or JupyterLab's own note.
_HIDES = {"Code": ("hide-input", "source_hidden"), "Output": ("hide-output", "outputs_hidden")}
_FIRST_FRAME = re.compile(r"""["'](data:image/[\w+.-]+;base64,[^"'<>]+)["']""")


class NoteWriter:
    """Writes the cells of one notebook as Markdown for Obsidian.

    Args:
        notebook: already preprocessed by nbconvert.
        embed: keeps a picture, given as (content, form, alternative text, width), and returns
            what shows it.
        places: what lies around the notebook.
    """

    def __init__(self, notebook: NotebookNode, embed, places: Places):
        self._notebook, self._embed, self._places = notebook, embed, places
        self.link, self._wholes, self._attachments = places.link, formulas.Wholes(), {}
        info, kernel = (notebook.metadata.get(key, {}) for key in ("language_info", "kernelspec"))
        self._language = info.get("name") or kernel.get("language") or "python"

    def note(self) -> str:
        """The text of all cells."""
        return stack(map(self.cell, self._notebook.cells)) + "\n"

    def cell(self, cell: NotebookNode) -> str:
        """The text of one cell: empty if it has nothing for a note.

        A cell that cannot be converted is a box with its source: no cell ends an export.
        """
        tags = set(cell.metadata.get("tags", []))
        self._attachments = cell.get("attachments", {})
        text = _safely("cell", cell.source, getattr(self, f"_{cell.cell_type}"), cell, tags)
        is_answer = text and tags & {"solution", "answer"}
        return callout("success", min(is_answer).capitalize(), text, "-") if is_answer else text

    def markdown(self, source: str, **how: bool) -> str:
        """Markdown as Obsidian reads it; `how` as for `Hypertext`."""
        source = self._wholes.hide(source.replace("\r\n", "\n"))
        return self._hypertext(markdown.to_html(source, self._wholes), **how)

    def _hypertext(self, html: str, **how: bool) -> str:
        return self._wholes.restore(hypertext.Hypertext(self, self._wholes, **how).convert(html))

    # Cells, by their type

    def _markdown(self, cell: NotebookNode, tags: set[str]) -> str:
        is_head = "lesson" in self._notebook.metadata and cell is self._notebook.cells[0]
        return self.markdown(cell.source, has_head=is_head)

    def _raw(self, cell: NotebookNode, tags: set[str]) -> str:
        form = (cell.metadata.get("raw_mimetype") or "text").rpartition("/")[2]
        body = self.markdown(cell.source) if form == "markdown" else fence(cell.source, form)
        return callout("quote", "Raw cell", body, "-") if cell.source.strip() else ""

    def _code(self, cell: NotebookNode, tags: set[str]) -> str:
        outputs, view = cell.get("outputs", []), cell.metadata.get("jupyter", {})
        if any(_NOT_ATTEMPTED.match(_plain(output)) for output in outputs):
            return ""
        source = re.sub(r"\A%%note\b.*\n?", "", cell.source)
        name = language(cell.metadata.get("magics_language", self._language))
        is_removed = cell.metadata.get("transient", {}).get("remove_source")
        is_empty = is_removed or not source.strip() or (outputs and _ASKS.fullmatch(source))
        texts = {"Code": "" if is_empty else fence(source, name), "Output": self._outputs(outputs)}
        for title, (tag, key) in _HIDES.items():
            if texts[title] and (view.get(key) or tags & {tag, "hide-cell"}):
                texts[title] = callout("example", title, texts[title], "-")
        return stack(texts.values())

    # Outputs

    def _outputs(self, outputs: list[NotebookNode]) -> str:
        """The outputs of a cell; a line below says it if a widget moves them in the notebook."""
        words = [said for output in outputs if (said := _take_widget(output)) is not None]
        texts = [_safely("output", _plain(output), self._output, output) for output in outputs]
        box = callout("info", "This moves in the notebook only", "\n".join(filter(None, words)))
        if any(figures.EXTENSIONS.keys() & output.get("data", {}).keys() for output in outputs):
            box = callout("info", "A still picture: in the notebook, the sliders move it")
        return stack([*texts, words and box])

    def _output(self, output: NotebookNode) -> str:
        if output.output_type == "stream":
            text, is_message = _text(output.text), output.name == "stderr"
            return callout("warning", "Messages", text, "-") if text and is_message else text
        if output.output_type == "error":
            lines = strip_ansi("\n".join(output.get("traceback", [])))
            told = lines if output.evalue in lines else f"{lines}\n{output.evalue}"
            return callout("failure", escape(output.ename), _text(told), "-")
        return self._shown(output.get("data", {}), output.get("metadata", {}))

    def _shown(self, data: dict[str, str], metadata: dict) -> str:
        """The richest of an output's forms that a note can hold."""
        plain, html = data.get("text/plain", ""), data.get("text/html", "")
        is_repr = not plain or _REPR.fullmatch(plain)
        if mime := next((mime for mime in figures.EXTENSIONS if mime in data), None):
            width = str(metadata.get(mime, {}).get("width"))
            is_source = mime == "image/svg+xml" and data[mime].lstrip().startswith("<")
            picture = base64.b64encode(data[mime].encode()).decode() if is_source else data[mime]
            return self.picture("" if is_repr else plain, f"data:{mime};base64,{picture}", width)
        if "text/markdown" in data:
            return self.markdown(data["text/markdown"])
        live = [mime for mime in data if not _QUIET.fullmatch(mime)]
        text = "" if (_REPR if live else _BARE).fullmatch(plain) else _text(plain)
        if "<table" in html or (html and is_repr and not live):
            return self._html(html) or text
        if "text/latex" in data:
            return self._latex(data["text/latex"])
        return stack([*(_live(mime, data[mime]) for mime in live), text])

    def _html(self, html: str) -> str:
        text = self._hypertext(html, finds_formulas=True)
        frame = _FIRST_FRAME.search(html) if "animation" in html and "![" not in text else None
        still = self.picture("", re.sub(r"\\?\s", "", frame[1]), "") if frame else ""
        live = callout("info", f"A live figure: {hypertext.LIVE_ONLY}") if "<script" in html else ""
        return stack([still, text or live])

    def _latex(self, latex: str) -> str:
        if formula := re.fullmatch(r"\s*\$\$?(?:\\displaystyle)?([^$]+)\$\$?\s*", latex):
            return formulas.display(formula[1].strip())
        text = self.markdown(latex)
        return text if "$" in text else fence(latex, "latex")

    def picture(self, alt: str, target: str, width: str) -> str:
        """The embed of a picture that Markdown names."""
        size = re.search(r"\|(\d+)$", alt) or re.match(r"(\d+)(?:\.\d+)?(?:px)?$", width)
        alt, width = re.sub(r"\|\d+$", "", alt), size[1] if size else ""
        bundle = self._places.picture(target, self._attachments)
        if isinstance(bundle, str):
            return f"![{figures.label('', alt, width)}]({bundle})"
        mime = next((mime for mime in figures.EXTENSIONS if mime in bundle), None)
        with suppress(ValueError):
            if mime:
                return self._embed(base64.b64decode(bundle[mime]), mime, alt, width)
        fault = "damaged picture" if mime else "picture not found beside the notebook"
        return f"*({fault}: {escape(' '.join(alt.split())) or 'no description'})*"


def _safely(what: str, source: str, write, *args: object) -> str:
    """What `write` makes of a part, or a box with its source."""
    try:
        return write(*args)
    except Exception as error:
        title = f"This {what} could not be converted: {type(error).__name__}"
        return callout("warning", title, fence(source, "text"))


def _plain(output: NotebookNode) -> str:
    return str(output.get("data", {}).get("text/plain", ""))


def _take_widget(output: NotebookNode) -> str | None:
    """What a widget says where it cannot run, taken out of its output; None if it is no widget."""
    data = output.get("data", {})
    if data.pop(WIDGET, None) is None and not _SAVED_SLIDERS.match(_plain(output)):
        return None
    plain = data.pop("text/plain", "")
    return "" if _REPR.fullmatch(plain) else escape(plain.strip())


def _live(mime: str, data: object) -> str:
    """A box for what only a notebook can show, or what it is made of if that can be read."""
    if mime.startswith("text/"):
        return fence(str(data), language(mime.rpartition("/")[2].removeprefix("x-")))
    if mime == "application/json":
        return fence(json.dumps(data, indent=2, ensure_ascii=False), "json")
    what = next((words for part, words in WORDS["live"].items() if part in mime), escape(mime))
    title = data if isinstance(data, dict) else {}
    for key in ("layout", "title", "text"):
        title = title.get(key, title) if isinstance(title, dict) else title
    said = escape(figures.caption(title)) if isinstance(title, str) else ""
    return callout("info", f"{what}: {hypertext.LIVE_ONLY}", said)


def _text(text: str) -> str:
    """Printed text as a fence, without colors and control signs."""
    clean = _CONTROLS.sub("", strip_ansi(text))
    return fence(clean, "text") if clean.strip() else ""
