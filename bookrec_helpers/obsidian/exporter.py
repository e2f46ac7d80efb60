"""The nbconvert exporter `obsidian`: a notebook becomes a note with its attachments."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode, v4
from traitlets import Instance, List, Unicode, default
from traitlets.config import Config

from bookrec_helpers.obsidian.blocks import callout, fence
from bookrec_helpers.obsidian.cells import NoteWriter
from bookrec_helpers.obsidian.course import Course, Lesson
from bookrec_helpers.obsidian.figures import FigureFiles, Figures
from bookrec_helpers.obsidian.markdown import plain_heading, without_fences
from bookrec_helpers.obsidian.places import Places, prose
from bookrec_helpers.obsidian.vault import Vault, sealed


class ObsidianExporter(Exporter):
    """Exports a notebook as an Obsidian note, its pictures as attachments.

    It writes no file itself: the note's text is returned, and the pictures stand in
    `resources["outputs"]`, from where nbconvert's writer or JupyterLab's zip takes them.
    From a file, as nbconvert's command exports, a course's lessons also bring the notes that
    tie them together, and no note that was changed since its last export is overwritten.
    """

    export_from_notebook = "Obsidian note"
    output_mimetype = "text/markdown"

    attachments_folder = Unicode("attachments", help="Folder for pictures, in the vault.").tag(
        config=True
    )
    note_tags = List(["jupyter"], help="Tags of a note whose notebook names none.").tag(config=True)
    course = Unicode("Embedding dimensions", help="Course of a lesson without.").tag(config=True)
    course_tag = Unicode("embeddings", help="Begins the tags of a course's notes.").tag(config=True)
    _vault = Instance(Vault, allow_none=True)  # set while notebooks are exported from files

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".md"

    @property
    def default_config(self) -> Config:
        """nbconvert's own settings, the tags that Jupyter Book and others share, and one more.

        A cell with the tag `remove-note` stays in every other export.
        """
        removed = {
            "cell": "cell",
            "input": "input",
            "all_outputs": "output",
            "single_output": "output",
        }
        remove = {
            f"remove_{what}_tags": {f"remove-{tag}", f"remove_{tag}"}
            for what, tag in removed.items()
        }
        remove["remove_cell_tags"].add("remove-note")
        config = Config(
            {
                "ObsidianExporter": {"optimistic_validation": True},
                "CoalesceStreamsPreprocessor": {"enabled": True},
                "HighlightMagicsPreprocessor": {"enabled": True},
                "TagRemovePreprocessor": {"enabled": True, **remove},
            }
        )
        config.merge(super().default_config)
        return config

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """A note from a file; from one that cannot be read, a note that says so.

        Args:
            filename: of the notebook.
            resources: nbconvert's; its `unique_key`, the name of the note, is set to one
                under which no changed note lies.
            **kw: ignored, as by nbconvert itself.
        """
        resources = {} if resources is None else resources
        if self._vault is None:
            build = self.config.FilesWriter.get("build_directory", "")
            beside = Path(filename).parent if "unique_key" in resources else None
            self._vault = Vault(Path(build) if isinstance(build, str) and build else beside)
        try:
            return super().from_filename(filename, resources, **kw)
        except Exception as error:  # one bad notebook must not end an export of many
            self.log.error("%s could not be exported: %s", filename, error)
            name = Path(filename).name
            reason = callout("failure", f"{name} could not be exported", fence(str(error), "text"))
            resources.update(output_extension=".md", outputs={})
            return sealed(
                {"aliases": [], "tags": self.note_tags, "source": name}, reason
            ), resources

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The note's text, and nbconvert's resources with its pictures.

        Args:
            nb: a notebook of format 4.
            resources: `resources["metadata"]` may tell the notebook's `name`, after
                which the pictures are named, and `path`, the folder it lies in.
            **kw: ignored, as by nbconvert itself.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        origin = resources.get("metadata", {})
        stem = origin.get("name") or "notebook"
        folder = Path(origin["path"]) if "path" in origin else None
        source = "/".join(filter(None, [folder and folder.resolve().name, f"{stem}.ipynb"]))
        name = resources.get("unique_key") or stem
        if self._vault:
            name = resources["unique_key"] = self._free_name(name, source, folder or Path())
        properties = self._properties(notebook, stem)
        course, ties = None, []
        if folder and "course" in properties:
            course = Course(folder, properties["course"])
            ties = course.ties(stem)
        terms = course.notes_of_terms() if course and self._vault else {}
        figures = FigureFiles(name, self.attachments_folder)
        body = NoteWriter(notebook, figures, Places(notebook.cells, folder, terms, stem)).note()
        properties |= {key: f"[[{note}]]" for key, note, _ in ties} | {"source": source}
        # Only a vault is sure to have the map.
        links = [f"[[{note}|{text}]]" for key, note, text in ties if self._vault or key != "up"]
        resources["outputs"] = figures.files
        if course and self._vault:
            resources["outputs"] |= self._course_notes(course)
        return sealed(properties, "\n\n".join(filter(None, [" · ".join(links), body]))), resources

    def copy_cells(self, nb: NotebookNode, figures: Figures, folder: Path | None = None) -> str:
        """The text of cells for the clipboard: no properties, the pictures given to `figures`.

        Args:
            nb: a notebook of format 4 that holds the cells only.
            figures: takes the pictures.
            folder: the notebook's own, None if it is not known.
        """
        notebook, _ = super().from_notebook_node(nb)
        return NoteWriter(notebook, figures, Places(notebook.cells, folder)).note()

    def _free_name(self, wished: str, source: str, folder: Path) -> str:
        origin = str(folder.resolve() / Path(source).name)
        name = self._vault.name_for(wished, source, origin)
        if name != wished:
            reason = "changed since its last export, or another notebook's"
            self.log.warning("%s.md is %s: %s.md is written beside it", wished, reason, name)
        return name

    def _course_notes(self, course: Course) -> dict[str, bytes]:
        """The notes of a course that are no lesson's own, once a course."""
        if course.name in self._vault.has_course_notes:
            return {}
        self._vault.has_course_notes.add(course.name)
        figures = FigureFiles(course.name, self.attachments_folder)
        terms = course.notes_of_terms()

        def convert(lesson: Lesson, source: str) -> str:
            cells = v4.new_notebook(cells=[v4.new_markdown_cell(text) for text in lesson.sources])
            places = Places(
                cells.cells, lesson.file.parent, terms, lesson.file.stem, elsewhere=True
            )
            return NoteWriter(cells, figures, places).markdown(source)

        files = {}
        for path, kind, text in course.notes(convert):
            tag = (
                f"flashcards/{self.course_tag}" if kind == "cards" else f"{self.course_tag}/{kind}"
            )
            title = text.partition("\n")[0].removeprefix("# ")
            text = f"#{tag}\n\n{text}" if kind == "cards" else text
            aliases = [f"{course.name}: {title if kind == 'term' else kind}"]
            up = {} if kind == "map" else {"up": f"[[{course.name}]]"}
            note = sealed(
                {"aliases": aliases, "tags": [tag], "course": course.name, **up}, f"{text}\n"
            )
            if kind == "cards" and self._vault.is_changed(path):
                self.log.warning("%s.md was reviewed or changed: it stays as it is", path)
            else:
                files |= self._vault.beside(path, note)
        return files | figures.files

    def _properties(self, notebook: NotebookNode, stem: str) -> dict[str, Any]:
        """What stands at the top of a note; a header of YAML is taken out of the notebook."""
        metadata, lesson = notebook.metadata, notebook.metadata.get("lesson")
        header = _take_header(notebook)
        named = metadata.get("title"), header.pop("title", None), _first_heading(notebook), stem
        title = str(next(filter(None, named)))
        own = self.note_tags if lesson is None else [f"{self.course_tag}/lesson"]
        tags = metadata.get("tags") or header.pop("tags", None) or own
        tags = re.split(r"[,\s]+", tags) if isinstance(tags, str) else tags
        properties = {"aliases": [title], "tags": [_tag(str(tag)) for tag in tags]}
        if lesson is not None:
            course, number = lesson.get("course", self.course), str(lesson.get("number", ""))
            properties["aliases"] = [f"{course}: {number} {title}"]
            properties |= {"course": course, "lesson": number}
            properties |= {"minutes": lesson.minutes} if "minutes" in lesson else {}
        return {**header, **properties}


def _take_header(notebook: NotebookNode) -> dict:
    """The YAML that a notebook may begin with, taken out of its first cell."""
    cell = notebook.cells[0] if notebook.cells else v4.new_code_cell()
    found = re.match(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", cell.source, re.DOTALL)
    try:
        header = yaml.safe_load(found[1]) if found and cell.cell_type != "code" else None
    except (yaml.YAMLError, ValueError):
        header = None
    if not isinstance(header, dict):
        return {}
    cell.source = cell.source[found.end() :]
    return {str(key): value for key, value in header.items()}


def _first_heading(notebook: NotebookNode) -> str:
    lines = "\n".join(map(without_fences, prose(notebook.cells)))
    found = re.search(r"^#[ \t]+(.+?)[ \t#]*$", lines, re.MULTILINE)
    return re.sub(r"[*`$]", "", plain_heading(found[1])) if found else ""


def _tag(name: str) -> str:
    """A tag that Obsidian knows as one: no blanks, and not of digits only."""
    tag = re.sub(r"[^\w/-]+", "-", name)
    return tag if re.search(r"[^\W\d]", tag) else f"tag-{tag}"
