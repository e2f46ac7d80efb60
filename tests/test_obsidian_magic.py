"""`%%note` in a real kernel: normal output, then a button that holds the cell as Markdown."""

import html
import re

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert.filters import strip_ansi
from nbformat import v4

from bookrec_helpers.obsidian.exporter import ObsidianExporter

SHOWS_ALL = """\
%%note
import pandas as pd
from IPython.display import Markdown, display
print("it is", "</textarea>")
display(Markdown("**so**"))
pd.DataFrame({"n": [10]})"""


CLEARS = """\
%%note
from IPython.display import clear_output, display
print("old")
display({"text/plain": "older"}, raw=True)
clear_output()
print("new")"""


@pytest.fixture(scope="module")
def executed():
    """The outputs of cells that use the magic, as a kernel made them."""
    sources = [
        "%load_ext bookrec_helpers.obsidian",
        SHOWS_ALL,
        "%%note\nn = 10\nn / 0",
        "%%note\nn = 11",
        "n",
        "%%note\nn + 1;  # quiet",
        CLEARS,
    ]
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])
    NotebookClient(notebook, allow_errors=True, timeout=60).execute()
    return notebook


def copied(output) -> str:
    """What the button of an output puts on the clipboard."""
    area = re.search(r"<textarea[^>]*>(.*?)</textarea>", output.data["text/html"], re.DOTALL)
    return html.unescape(area[1])


def test_the_cell_shows_what_it_shows_without_the_magic(executed):
    stream, bold, table, _ = executed.cells[1].outputs
    assert stream.text == "it is </textarea>\n"
    assert bold.data["text/markdown"] == "**so**"
    assert "<table" in table.data["text/html"]


def test_the_button_holds_the_cell_as_markdown(executed):
    code = SHOWS_ALL.removeprefix("%%note\n")
    assert copied(executed.cells[1].outputs[-1]) == (
        f"```python\n{code}\n```\n\n```text\nit is </textarea>\n```\n\n**so**\n\n"
        "|  | n |\n| --: | --: |\n| 0 | 10 |\n"
    )


def test_names_stay_and_a_silent_cell_can_be_copied(executed):
    assert executed.cells[4].outputs[0].data["text/plain"] == "11"
    assert copied(executed.cells[3].outputs[-1]) == "```python\nn = 11\n```\n"


def test_a_semicolon_at_the_end_hides_the_value(executed):
    (button,) = executed.cells[5].outputs
    assert copied(button) == "```python\nn + 1;  # quiet\n```\n"


def test_what_was_cleared_is_neither_shown_nor_copied(executed):
    stream, button = executed.cells[6].outputs
    assert stream.text == "new\n"
    assert copied(button).endswith("\n```\n\n```text\nnew\n```\n")


def test_an_error_is_shown_once_as_without_the_magic_and_stops_the_run(executed):
    (error,) = executed.cells[2].outputs
    assert error.ename == "ZeroDivisionError"
    assert strip_ansi("\n".join(error.traceback)).count("n / 0") == 1
    assert "magic.py" not in "".join(error.traceback)
    notebook = v4.new_notebook(cells=executed.cells[:3])
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        NotebookClient(notebook, timeout=60).execute()


def test_an_exported_note_holds_neither_the_button_nor_the_magic(executed):
    note, _ = ObsidianExporter().from_notebook_node(executed)
    assert "Copy for Obsidian" not in note
    assert note.count("pd.DataFrame") == 1
    assert "%%note" not in note
