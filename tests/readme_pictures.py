"""Draws the README's pictures of copying a cell and of a slide, from a real JupyterLab.

python -m tests.readme_pictures
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from tests.refresh import ROOT
from tests.slides import mark

sys.path.insert(0, str(ROOT / "tests" / "browser"))  # where the browser tests keep their server
from conftest import CHROMIUM_FLAGS, system_chromium
from jupyter_page import JupyterServer, open_notebook, run_all, run_command

NOTEBOOKS = ROOT / "notebooks"
LESSON = NOTEBOOKS / "02_dimension.ipynb"
CELL = "min(50, (n + 1) // 2)"


def draw_copying(server: JupyterServer, page, path: Path) -> None:
    """Writes a screenshot of a lesson's cell with the menu that copies it."""
    page.set_viewport_size({"width": 1280, "height": 760})
    open_notebook(page, server.put(LESSON.name, LESSON))
    cell = page.locator(".jp-CodeCell", has_text=CELL).first
    cell.scroll_into_view_if_needed()
    cell.click(button="right")
    page.get_by_role("menuitem", name="Copy for Obsidian").hover()
    page.screenshot(path=path)


def draw_slide(server: JupyterServer, page, path: Path) -> None:
    """Writes a screenshot of lesson 07's lab with its question, as it stands on the wall."""
    page.set_viewport_size({"width": 1280, "height": 720})
    lesson = nbformat.read(NOTEBOOKS / "07_the_dial.ipynb", as_version=4)
    lab = next(i for i, cell in enumerate(lesson.cells) if "\ndial_lab()" in cell.source)
    lesson.cells = [*lesson.cells[lab - 1 : lab + 1], nbformat.v4.new_markdown_cell("# End")]
    mark(lesson)
    server.root.joinpath("slide.ipynb").write_text(nbformat.writes(lesson), encoding="utf-8")
    open_notebook(page, "slide.ipynb")
    run_all(page)
    run_command(page, "deck:start")
    handle = page.locator(".jp-deck-mod-visible .bookrec-lab .noUi-handle").first
    handle.wait_for()
    page.wait_for_timeout(2000)  # until the picture is drawn sharp
    page.screenshot(path=path)
    run_command(page, "deck:stop")


def main() -> None:
    server = JupyterServer(Path(tempfile.mkdtemp()))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=system_chromium(), args=CHROMIUM_FLAGS
            )
            page = browser.new_page(base_url=server.url)
            page.goto(f"lab?token={server.token}")
            page.wait_for_function("window.jupyterapp?.commands.hasCommand('docmanager:open')")
            page.evaluate("window.jupyterapp.restored")
            draw_slide(server, page, NOTEBOOKS / "classroom.png")
            draw_copying(server, page, NOTEBOOKS / "notes.png")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
