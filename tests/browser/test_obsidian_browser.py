"""Notes for Obsidian as a learner takes them: by the menu, by one key, and callouts as boxes."""

import base64
import io
import json
import re
import shutil
import urllib.error
import urllib.request
import zipfile

import pytest
from jupyter_page import dismiss_notifications, run_all, run_command
from nbformat import v4

FIGURE_AND_TABLE = """\
import pandas as pd
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(2, 1), dpi=50)
axes.plot([1, 2])
plt.close()
display(pd.DataFrame({"BookID": ["Ink", "Owl"], "dimension": [3, 50]}))
display(figure)"""

LIVE_LAB = """\
import ipywidgets
from IPython.display import display

PICTURES = {1: b"\\x89PNG one", 2: b"\\x89PNG two"}
slider = ipywidgets.IntSlider(1, 1, 2, description="n")
display(slider)
shown = display({"image/png": PICTURES[1], "text/plain": "n is 1"}, raw=True, display_id=True)

def draw(change):
    bundle = {"image/png": PICTURES[slider.value], "text/plain": f"n is {slider.value}"}
    shown.update(bundle, raw=True)

slider.observe(draw, "value")"""

CALLOUTS = """\
> [!tip] A tip with *emphasis*
> The rule is $x + 1$.

> [!success]- The answer
> It is **fifty**.
>
> - because

> A plain quote stays one."""


@pytest.fixture
def attachments_folder(window, jupyter, tmp_path):
    """The vault's attachments folder, set as in JupyterLab's Settings; unset afterwards."""
    address = "lab/api/settings/bookrec-helpers:copy"
    raw = json.dumps({"attachmentsFolder": str(tmp_path)})
    jupyter.request(address, "PUT", {"raw": raw})
    window.close()  # settings are read when the window loads
    yield tmp_path
    jupyter.request(address, "PUT", {"raw": "{}"})
    window.close()


def copy_cell(page, cell: int) -> str:
    """Press the copy key on a cell, and paste what is on the clipboard into another page."""
    dismiss_notifications(page)  # of another cell
    page.locator(".jp-Notebook .jp-Cell").nth(cell).locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Alt+c")
    page.get_by_text("Copied one cell for Obsidian").wait_for()
    return pasted(page)


def pasted(page) -> str:
    other = page.context.new_page()
    other.set_content("<textarea autofocus></textarea>")
    other.locator("textarea").focus()
    other.keyboard.press("Control+v")
    other.wait_for_function("document.querySelector('textarea').value !== ''")
    text = other.locator("textarea").input_value()
    other.close()
    return text


def test_the_key_copies_code_table_and_figure(show):
    page = show([v4.new_code_cell(FIGURE_AND_TABLE)])
    run_all(page)
    text = copy_cell(page, 0)
    assert text.startswith(f"```python\n{FIGURE_AND_TABLE}\n```\n\n|  | BookID | dimension |\n")
    assert "\n| 0 | Ink | 3 |\n| 1 | Owl | 50 |\n" in text
    data = re.search(r"!\[figure\]\(data:image/png;base64,([^)]+)\)", text)[1]
    assert base64.b64decode(data).startswith(b"\x89PNG\r\n")


def test_a_vault_folder_gets_the_figure_and_one_that_is_not_there_is_told(show, attachments_folder):
    page = show([v4.new_code_cell(FIGURE_AND_TABLE), v4.new_markdown_cell("Only *text*")])
    run_all(page)
    name = re.search(r"!\[\[(shown-[0-9a-f]{12}\.png)\]\]", copy_cell(page, 0))[1]
    assert [file.name for file in attachments_folder.iterdir()] == [name]
    assert (attachments_folder / name).read_bytes().startswith(b"\x89PNG\r\n")

    shutil.rmtree(attachments_folder)
    assert copy_cell(page, 1) == "Only *text*\n"
    page.locator(".jp-Notebook .jp-Cell").nth(0).locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Alt+c")
    told = page.locator(".jp-Dialog").inner_text()
    assert f"The attachments folder '{attachments_folder}' is not there." in told
    assert "Settings > Copy for Obsidian, or leave it empty." in told
    page.keyboard.press("Escape")
    assert pasted(page) == "Only *text*\n"


@pytest.mark.parametrize("nothing", [v4.new_raw_cell("raw"), v4.new_code_cell("")])
def test_where_there_is_nothing_to_copy_the_clipboard_stays(show, nothing):
    cells = [v4.new_markdown_cell("Before"), nothing]
    page = show(cells)
    assert copy_cell(page, 0) == "Before\n"
    page.locator(".jp-Notebook .jp-Cell").nth(1).locator(".jp-InputPrompt").click()
    page.keyboard.press("Control+Alt+c")
    page.get_by_text("There is nothing to copy in this cell").wait_for()
    page.keyboard.press("Escape")
    assert pasted(page) == "Before\n"


def test_the_picture_on_screen_of_a_live_lab_is_copied(show):
    page = show([v4.new_code_cell(LIVE_LAB)])
    run_all(page)
    page.locator(".widget-slider .noUi-handle").focus()
    page.keyboard.press("ArrowRight")
    second = base64.b64encode(b"\x89PNG two").decode()
    page.locator(f"img[src$='{second}']").wait_for(state="attached")
    assert f"![n is 2](data:image/png;base64,{second})" in copy_cell(page, 0)


def test_menu_and_palette_offer_the_command(show):
    cells = [v4.new_markdown_cell("One\n"), v4.new_markdown_cell("Two, see [on](03_model.ipynb)")]
    page = show(cells)
    page.locator(".jp-Cell").nth(1).click(button="right")
    page.locator(".lm-Menu").get_by_text("Copy for Obsidian").click()
    page.get_by_text("Copied one cell for Obsidian").wait_for()
    assert pasted(page) == "Two, see [[03_model|on]]\n"
    run_command(page, "notebook:select-all")
    run_command(page, "apputils:activate-command-palette")
    page.locator(".lm-CommandPalette-input").fill("Copy for Obsidian")
    page.locator(".lm-CommandPalette-item").first.click()
    page.get_by_text("Copied 2 cells for Obsidian").wait_for()
    assert pasted(page) == "One\n\nTwo, see [[03_model|on]]\n"


def test_the_file_menu_downloads_a_note_with_its_pictures(show):
    page = show([v4.new_markdown_cell("# A title"), v4.new_code_cell(FIGURE_AND_TABLE)])
    run_all(page)
    page.get_by_role("menuitem", name="File").click()
    page.get_by_text("Save and Export Notebook As").hover()
    with page.expect_download() as download:
        page.locator(".lm-Menu").get_by_text("Obsidian", exact=True).click()
    archive = zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes()))
    assert download.value.suggested_filename == "shown.zip"
    assert archive.namelist() == ["shown.md", "shown-01.png"]
    note = archive.read("shown.md").decode()
    assert note.startswith("---\naliases:\n- A title\n")
    assert "\n![[shown-01.png]]\n" in note


def test_callouts_are_boxes_and_a_folded_one_unfolds(show):
    page = show([v4.new_markdown_cell(CALLOUTS)])
    tip = page.locator(".bookrec-tip")
    assert tip.locator(".bookrec-callout-title em").inner_text() == "emphasis"
    assert "[!" not in page.locator(".jp-MarkdownOutput").inner_text()
    tip.locator("mjx-container").wait_for()
    fold = page.locator("details.bookrec-success")
    answer = fold.locator("strong")
    assert not answer.is_visible()
    fold.locator("summary").click()
    assert answer.is_visible()
    assert page.locator("blockquote").inner_text() == "A plain quote stays one."


def test_a_folded_callout_unfolds_by_keyboard_and_the_cell_stays_rendered(show):
    page = show([v4.new_markdown_cell(CALLOUTS)])
    page.locator(".jp-InputPrompt").click()
    page.keyboard.press("Tab")  # the cell's toolbar comes first
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "The answer"
    answer = page.locator("details strong")
    for key, visible in (("Enter", True), ("Space", False), ("Space", True)):
        page.keyboard.press(key)
        assert answer.is_visible() is visible
    page.wait_for_timeout(500)  # whatever JupyterLab itself does with these keys
    assert answer.is_visible()
    assert page.locator(".jp-MarkdownCell.jp-mod-rendered").count() == 1


def test_the_button_of_the_magic_copies_the_cell(show):
    sources = ["%load_ext bookrec_helpers.obsidian", "%%note\nprint('it <is> 42')"]
    cells = [v4.new_code_cell(source) for source in sources]
    page = show(cells)
    run_all(page)
    page.get_by_role("button", name="Copy for Obsidian").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert pasted(page) == "```python\nprint('it <is> 42')\n```\n\n```text\nit <is> 42\n```\n"


def test_the_server_copies_for_nobody_who_is_not_signed_in(jupyter):
    request = urllib.request.Request(
        jupyter.url + "bookrec/obsidian/copy", b"{}", {"Authorization": "token guessed"}
    )
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request, timeout=30)
