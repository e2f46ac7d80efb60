"""The nbconvert exporter `obsidian`: a notebook becomes a note with its attachments."""

import re
from contextlib import suppress
from pathlib import Path

import yaml
from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode, v4
from traitlets import Bool, Instance, List, Unicode
from traitlets.config import Config

from bookrec_helpers.obsidian.blocks import WORDS, callout, fence, stack
from bookrec_helpers.obsidian.cells import NoteWriter
from bookrec_helpers.obsidian.course import Course
from bookrec_helpers.obsidian.figures import FigureFiles
from bookrec_helpers.obsidian.places import Places, prose, title_of
from bookrec_helpers.obsidian.vault import Vault, sealed, source

_HEADER = re.compile(r"\s*---[ \t]*\n(.*?)\n---[ \t]*(?:\n|\Z)", re.DOTALL)


class ObsidianExporter(Exporter):
    """Exports a notebook as an Obsidian note, its pictures as attachments.

    It writes no file itself: the note's text is returned, and the pictures stand in
    `resources["outputs"]`, from where nbconvert's writer or JupyterLab's zip takes them.
    From a file, as nbconvert's command exports, a course's lessons also bring the notes that
    tie them together, and no note that was changed since its last export is overwritten.
    """

    export_from_notebook = "Obsidian note"
    output_mimetype = "text/markdown"
    optimistic_validation = Bool(True)
    file_extension = Unicode(".md").tag(config=True)
    attachments_folder = Unicode("attachments", help="A vault's pictures.").tag(config=True)
    note_tags = List(["jupyter"], help="Tags of a note whose notebook names none.").tag(config=True)
    course = Unicode("Embedding dimensions", help="Course of a lesson without.").tag(config=True)
    course_tag = Unicode("embeddings", help="Begins the tags of a course's notes.").tag(config=True)
    _vault = Instance(Vault, allow_none=True)  # set while notebooks are exported from files

    @property
    def default_config(self) -> Config:
        """nbconvert's own settings, the tags that Jupyter Book and others share, and one more.

        A cell with the tag `remove-note` stays in every other export.
        """
        return Config(WORDS["nbconvert"])

    def from_filename(self, filename: str, resources=None, **kw) -> tuple[str, dict]:
        """A note from a file; from one that cannot be read, a note that says so.

        Args:
            filename: of the notebook.
            resources: nbconvert's; its `unique_key`, the name of the note, is set to one
                under which no changed note lies.
            **kw: ignored, as by nbconvert itself.
        """
        try:
            return super().from_filename(filename, resources, **kw)
        except Exception as error:  # one bad notebook must not end an export of many
            self.log.error("%s could not be exported: %s", filename, error)
            file, reason = Path(filename), fence(str(error), "text")
            box = callout("failure", f"{file.name} could not be exported", reason)
            notebook = v4.new_notebook(cells=[v4.new_markdown_cell(box)])
            place = {"metadata": {"name": file.stem, "path": str(file.parent)}}
            return self.from_notebook_node(notebook, {**(resources or {}), **place})

    def from_notebook_node(self, nb: NotebookNode, resources=None, **kw) -> tuple[str, dict]:
        """The note's text, and nbconvert's resources with its pictures.

        Args:
            nb: a notebook of format 4.
            resources: `resources["metadata"]` may tell the notebook's `name`, after
                which the pictures are named, and `path`, the folder it lies in.
            **kw: ignored, as by nbconvert itself.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kw)
        notebook = v4.to_notebook_json(notebook)
        origin = resources.get("metadata", {})
        stem = origin.get("name") or "notebook"
        folder = Path(origin["path"]) if "path" in origin else None
        file, vault = (folder or Path("/")) / f"{stem}.ipynb", None
        if wished := resources.get("unique_key"):
            build = self.config.FilesWriter.get("build_directory", "")
            vault = self._vault = self._vault or Vault(Path(build) if build else file.parent)
            name = resources["unique_key"] = vault.name_for(wished, file)
            if name != wished:
                told = "%s.md is changed or another notebook's: %s.md is written beside it"
                self.log.warning(told, wished, name)
        properties = self._properties(notebook, stem)
        course = Course(folder, properties.get("course"))
        figures = FigureFiles(resources.get("unique_key") or stem, self.attachments_folder)
        places = Places(prose(notebook), folder, course.names if vault else {}, stem)
        body = NoteWriter(notebook, figures.embed, places).note()
        ties = course.ties(stem)
        properties |= {key: f"[[{note}]]" for key, note, _ in ties} | {"source": source(file)}
        # Only a vault is sure to have the map.
        links = [f"[[{note}|{text}]]" for key, note, text in ties if vault or key != "up"]
        resources["outputs"] = figures.files | (self._course_notes(course, vault) if vault else {})
        return sealed(properties, stack([" · ".join(links), body])), resources

    def copy_cells(self, nb: NotebookNode, embed, folder: Path | None = None) -> str:
        """The text of cells for the clipboard: no properties, the pictures given to `embed`.

        Args:
            nb: a notebook of format 4 that holds the cells only.
            embed: keeps a picture, as for `NoteWriter`.
            folder: the notebook's own, None if it is not known.
        """
        notebook = v4.to_notebook_json(super().from_notebook_node(nb)[0])
        return NoteWriter(notebook, embed, Places(prose(notebook), folder)).note()

    def _course_notes(self, course: Course, vault: Vault) -> dict[str, bytes]:
        """The notes of a course that are no lesson's own, once a course."""
        if not course.lessons or course.name in vault.courses:
            return {}
        vault.courses.add(course.name)
        figures, files = FigureFiles(course.name, self.attachments_folder), {}
        for path, tag, title, text in course.notes(figures.embed, self.course_tag):
            properties = {"aliases": [f"{course.name}: {title}"], "tags": [tag]}
            properties |= {} if path == course.name else {"up": f"[[{course.name}]]"}
            note = sealed({**properties, "course": course.name}, f"{text}\n")
            if path == course.cards and vault.is_changed(path):
                self.log.warning("%s.md was reviewed or changed: it stays as it is", path)
            else:
                files |= vault.beside(path, note)
        return files | figures.files

    def _properties(self, notebook: NotebookNode, stem: str) -> dict:
        """What stands at the top of a note; a header of YAML is taken out of the notebook."""
        metadata, lesson = notebook.metadata, notebook.metadata.get("lesson")
        header = _take_header(notebook)
        named = metadata.get("title"), header.pop("title", None), title_of(prose(notebook)), stem
        title = str(next(filter(None, named)))
        own = self.note_tags if lesson is None else [f"{self.course_tag}/lesson"]
        tags = metadata.get("tags") or header.pop("tags", None) or own
        tags = tags if isinstance(tags, list) else re.split(r"[,\s]+", str(tags))
        properties = {"aliases": [title], "tags": [_tag(str(tag)) for tag in tags]}
        if lesson is not None:
            course, number = lesson.get("course", self.course), str(lesson.get("number", ""))
            properties["aliases"] = [f"{course}: {number} {title}"]
            properties |= {"course": course, "lesson": number}
            properties |= {"minutes": lesson.minutes} if "minutes" in lesson else {}
        return {**header, **properties}


def _take_header(notebook: NotebookNode) -> dict:
    """The YAML that a notebook may begin with, taken out of its first cell."""
    for cell in notebook.cells[:1]:
        found = _HEADER.match(cell.source) if cell.cell_type != "code" else None
        with suppress(yaml.YAMLError, ValueError, RecursionError):
            header = yaml.safe_load(found[1]) if found else None
            if isinstance(header, dict):
                cell.source = cell.source[found.end() :]
                return {str(key): value for key, value in header.items() if key != "fingerprint"}
    return {}


def _tag(name: str) -> str:
    """A tag that Obsidian knows as one: no blanks, and not of digits only."""
    tag = re.sub(r"[^\w/-]+", "-", name)
    return tag if re.search(r"[^\W\d]", tag) else f"tag-{tag}"
