"""Draws the README's picture of copying a cell for Obsidian, from a real JupyterLab.

python -m tests.notes_picture
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.refresh import ROOT

sys.path.insert(0, str(ROOT / "tests" / "browser"))  # where the browser tests keep their server
from conftest import CHROMIUM_FLAGS, system_chromium
from jupyter_page import JupyterServer, open_notebook

LESSON = ROOT / "notebooks" / "02_dimension.ipynb"
CELL = "min(50, (n + 1) // 2)"


def draw(path: Path) -> None:
    """Writes a screenshot of a lesson's cell with the menu that copies it."""
    server = JupyterServer(Path(tempfile.mkdtemp()))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=system_chromium(), args=CHROMIUM_FLAGS
            )
            page = browser.new_page(base_url=server.url, viewport={"width": 1280, "height": 760})
            page.goto(f"lab?token={server.token}")
            open_notebook(page, server.put(LESSON.name, LESSON))
            cell = page.locator(".jp-CodeCell", has_text=CELL).first
            cell.scroll_into_view_if_needed()
            cell.click(button="right")
            page.get_by_role("menuitem", name="Copy for Obsidian").hover()
            page.screenshot(path=path)
    finally:
        server.stop()


if __name__ == "__main__":
    draw(ROOT / "notebooks" / "notes.png")
