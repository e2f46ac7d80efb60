"""The nbconvert exporter `obsidian`: a notebook becomes a note with its attachments."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import List, Unicode, default
from traitlets.config import Config

from bookrec_helpers.obsidian.cells import NoteWriter
from bookrec_helpers.obsidian.figures import FigureFiles, Figures

# What a notebook's metadata may say under "lesson", and the properties that it becomes.
_LESSON = {"number": "lesson", "minutes": "minutes"}


class ObsidianExporter(Exporter):
    """Exports a notebook as an Obsidian note, its pictures as attachments.

    It writes no file itself: the note's text is returned, and the pictures stand in
    `resources["outputs"]`, from where nbconvert's writer or JupyterLab's zip takes them.
    """

    export_from_notebook = "Obsidian note"
    output_mimetype = "text/markdown"

    attachments_folder = Unicode("attachments", help="Folder for pictures, in the vault.").tag(
        config=True
    )
    note_tags = List(
        Unicode(), ["jupyter"], help="Tags of a note whose notebook names none itself."
    ).tag(config=True)

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return ".md"

    @property
    def default_config(self) -> Config:
        """nbconvert's own settings, and the tags that Jupyter Book and others share."""
        remove = {
            f"remove_{what}_tags": {f"remove-{tag}", f"remove_{tag}"}
            for what, tag in (
                ("cell", "cell"),
                ("input", "input"),
                ("all_outputs", "output"),
                ("single_output", "output"),
            )
        }
        config = Config(
            {
                "CoalesceStreamsPreprocessor": {"enabled": True},
                "HighlightMagicsPreprocessor": {"enabled": True},
                "TagRemovePreprocessor": {"enabled": True, **remove},
            }
        )
        config.merge(super().default_config)
        return config

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
        name = origin.get("name") or "notebook"
        figures = FigureFiles(name, self.attachments_folder)
        folder = Path(origin["path"]) if "path" in origin else None
        body = NoteWriter(notebook, figures, folder).note()
        resources["outputs"] = figures.files
        return self._properties(notebook, name) + body, resources

    def copy_cells(self, nb: NotebookNode, figures: Figures, folder: Path | None = None) -> str:
        """The text of cells for the clipboard: no properties, the pictures given to `figures`.

        Args:
            nb: a notebook of format 4 that holds the cells only.
            figures: takes the pictures.
            folder: the notebook's own, None if it is not known.
        """
        notebook, _ = super().from_notebook_node(nb)
        return NoteWriter(notebook, figures, folder).note()

    def _properties(self, notebook: NotebookNode, name: str) -> str:
        metadata, lesson = notebook.metadata, notebook.metadata.get("lesson", {})
        tags = [re.sub(r"[^\w/-]+", "-", str(tag)) for tag in metadata.get("tags", self.note_tags)]
        lines = [
            "---",
            "aliases:",
            f"  - {_yaml(metadata.get('title') or _first_heading(notebook) or name)}",
            "tags:",
            *(f"  - {_yaml(tag)}" for tag in tags),
            f"source: {_yaml(f'{name}.ipynb')}",
            *(f"{field}: {_yaml(lesson[key])}" for key, field in _LESSON.items() if key in lesson),
            "---",
        ]
        return "\n".join(lines) + "\n\n"


def _first_heading(notebook: NotebookNode) -> str | None:
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = (re.search(r"^# +(.+)$", source, re.MULTILINE) for source in sources)
    return next((match[1].strip() for match in found if match), None)


def _yaml(value: object) -> str:
    """A scalar as YAML, of which JSON is a part."""
    return json.dumps(value if isinstance(value, int) else str(value), ensure_ascii=False)
