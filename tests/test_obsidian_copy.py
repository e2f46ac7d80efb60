"""What the server makes of cells that JupyterLab sends, and where it may write."""

import base64
import json

import pytest
from nbformat import v4

from bookrec_helpers.obsidian.exporter import ObsidianExporter
from bookrec_helpers.obsidian.server import copy_for_obsidian

PICTURE = b"\x89PNG picture"


def cell_with_figure(picture=PICTURE, **metadata):
    data = {"image/png": base64.b64encode(picture).decode(), "text/plain": "A line."}
    output = v4.new_output("display_data", data, metadata={"image/png": {"width": 300}})
    return v4.new_code_cell("plot()", outputs=[output], metadata=metadata)


def sent(*cells, **metadata):
    """A notebook as it comes out of JSON."""
    return json.loads(json.dumps(v4.new_notebook(cells=list(cells), metadata=metadata)))


def test_without_a_folder_the_figure_is_in_the_text():
    text = copy_for_obsidian(sent(cell_with_figure()), "02_dimension")
    data = base64.b64encode(PICTURE).decode()
    assert text == f"```python\nplot()\n```\n\n![A line.|300](data:image/png;base64,{data})\n"


def test_with_a_folder_the_figure_is_one_file_however_often_it_is_copied(tmp_path):
    for _ in range(2):
        text = copy_for_obsidian(
            sent(cell_with_figure()), "02_dimension", attachments=str(tmp_path)
        )
    (file,) = tmp_path.iterdir()
    assert text.endswith(f"![[{file.name}|A line.|300]]\n")
    assert file.name.startswith("02_dimension-")
    assert file.read_bytes() == PICTURE


def test_another_figure_of_the_notebook_is_another_file(tmp_path):
    for picture in (PICTURE, b"\x89PNG other"):
        copy_for_obsidian(sent(cell_with_figure(picture)), "a", attachments=str(tmp_path))
    assert {file.read_bytes() for file in tmp_path.iterdir()} == {PICTURE, b"\x89PNG other"}


def test_a_folder_under_the_home_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "vault").mkdir()
    copy_for_obsidian(sent(cell_with_figure()), "a", attachments="~/vault")
    assert len(list((tmp_path / "vault").iterdir())) == 1


@pytest.mark.parametrize("folder", ["vault", "/no/such/folder", "~nobody/vault"])
def test_a_folder_that_is_not_there_is_an_error_that_says_so(folder, tmp_path, monkeypatch):
    (tmp_path / "vault").mkdir()  # is there, but named from the server's own folder
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=f"The attachments folder '{folder}' is not there. Give"):
        copy_for_obsidian(sent(cell_with_figure()), "a", attachments=folder)


def test_a_folder_that_is_not_there_does_not_stop_a_cell_without_figures():
    text = copy_for_obsidian(sent(v4.new_markdown_cell("Text")), "a", attachments="/no/such")
    assert text == "Text\n"


@pytest.mark.parametrize("cell", [v4.new_raw_cell("raw"), v4.new_code_cell(""), None])
def test_where_there_is_nothing_to_copy_the_answer_is_empty(cell):
    assert copy_for_obsidian(sent(*filter(None, [cell])), "a") == ""


def test_a_raw_cell_among_others_is_left_out_and_deep_html_gives_its_words():
    deep = v4.new_markdown_cell("<div>" * 2000 + "words" + "</div>" * 2000)
    assert copy_for_obsidian(sent(v4.new_raw_cell("raw"), deep), "a") == "words\n"


def test_no_name_leads_out_of_the_folder(tmp_path):
    (tmp_path / "vault").mkdir()
    copy_for_obsidian(sent(cell_with_figure()), "../x/y", attachments=str(tmp_path / "vault"))
    assert [path.name for path in tmp_path.iterdir()] == ["vault"]
    assert len(list((tmp_path / "vault").iterdir())) == 1


def test_a_cell_that_a_note_leaves_out_can_still_be_copied():
    cell = v4.new_code_cell("setup()", metadata={"tags": ["remove-cell"]})
    assert copy_for_obsidian(sent(cell), "a") == "```python\nsetup()\n```\n"


def test_a_notebook_cannot_make_the_export_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = ("attachments", "attachments_folder", "attachmentsFolder", "clip_dir", "folder")
    hostile = {name: str(tmp_path) for name in names}
    cell = cell_with_figure(**hostile, obsidian=hostile)
    notebook = v4.new_notebook(cells=[cell], metadata={**hostile, "obsidian": hostile})
    place = {"metadata": {"name": "a", "path": str(tmp_path)}}
    _, resources = ObsidianExporter().from_notebook_node(notebook, place)
    assert list(resources["outputs"]) == ["attachments/a-01.png"]
    copy_for_obsidian(sent(cell, **hostile, obsidian=hostile), "a")
    assert list(tmp_path.iterdir()) == []
