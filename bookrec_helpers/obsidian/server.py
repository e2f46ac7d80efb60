"""What JupyterLab's "Copy for Obsidian" asks the server: cells in, Markdown out.

It has an address of its own because it may write: pictures go to the folder that the
reader chose in JupyterLab's settings, which arrives beside the notebook and never in
it. A notebook that is merely exported has no way to name a folder.
"""

import os
from pathlib import Path

from anyio.to_thread import run_sync
from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from nbformat import from_dict
from tornado import web
from traitlets.config import Config

from bookrec_helpers.obsidian.blocks import WORDS
from bookrec_helpers.obsidian.exporter import ObsidianExporter
from bookrec_helpers.obsidian.figures import FigureFiles, embed_inline

ADDRESS = "bookrec/obsidian/copy"


def copy_for_obsidian(notebook: dict, name: str, folder=None, attachments="") -> str:
    """Cells as Markdown for the clipboard, empty if there is nothing to copy.

    Args:
        notebook: the cells to copy and the notebook's metadata, as JSON.
        name: of the notebook; the pictures' files are named after it.
        folder: in which the notebook lies, None if unknown.
        attachments: the vault's attachments folder, to which pictures are written. If
            empty, they stand in the text as data URIs.

    Raises:
        ValueError: there are figures, and `attachments` is not a folder, or not named from
            the root or the home.
    """
    figures = FigureFiles(name, by_content=True)
    embed = figures.embed if attachments else embed_inline
    # Whoever selects a cell wants it, even one that a whole note leaves out; a raw cell has
    # nothing for a note but its source, which Ctrl + C copies.
    exporter = ObsidianExporter(config=Config({"TagRemovePreprocessor": {"remove_cell_tags": []}}))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] != "raw"]
    markdown = exporter.copy_cells(from_dict({**notebook, "cells": cells}), embed, folder)
    vault = Path(os.path.expanduser(attachments))
    if figures.files and not (vault.is_absolute() and vault.is_dir()):
        raise ValueError(WORDS["copy"]["no_folder"].format(folder=attachments))
    for file, data in figures.files.items():
        (vault / file).write_bytes(data)
    return markdown if markdown.strip() else ""


class CopyHandler(APIHandler):
    """Answers a signed-in reader's POST; an empty answer means that there was nothing to copy."""

    auth_resource = "contents"

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """`{"notebook", "path", "attachments"}` in, `{"markdown"}` out; 400 if it cannot be."""
        asked = self.get_json_body() or {}
        # On this computer; unknown if notebooks are kept elsewhere.
        local = getattr(self.contents_manager, "_get_os_path", None)
        try:
            path, folder = Path(asked["path"]), asked.get("attachments", "")
            place = Path(local(asked["path"])).parent if local else None
            answer = await run_sync(copy_for_obsidian, asked["notebook"], path.stem, place, folder)
        except (KeyError, OSError, ValueError) as error:
            raise web.HTTPError(400, str(error)) from error
        self.finish({"markdown": answer})


def _load_jupyter_server_extension(app) -> None:
    address = app.web_app.settings["base_url"] + ADDRESS  # which ends with a slash
    app.web_app.add_handlers(".*$", [(address, CopyHandler)])
