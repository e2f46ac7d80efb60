"""A notebook becomes a note: what each kind of cell, output, link and tag turns into."""

import base64
import io
import subprocess
import sys
import textwrap

import nbformat
import numpy as np
import pandas as pd
import pytest
import yaml
from matplotlib.figure import Figure
from nbconvert.exporters import get_exporter
from nbformat import v4

from bookrec_helpers.obsidian.exporter import ObsidianExporter
from tests.vault import problems

WIDGET = "application/vnd.jupyter.widget-view+json"


def picture() -> bytes:
    buffer = io.BytesIO()
    Figure(figsize=(1, 1), dpi=20).savefig(buffer)
    return buffer.getvalue()


PNG = base64.b64encode(picture()).decode()


def markdown(source, **fields):
    return v4.new_markdown_cell(textwrap.dedent(source), **fields)


def code(source="1", *outputs, tags=(), **metadata):
    metadata["tags"] = list(tags)
    return v4.new_code_cell(source, outputs=list(outputs), metadata=metadata)


def shown(data, **metadata):
    return v4.new_output("display_data", data, metadata=metadata)


def export(*cells, name="02_dimension", folder="", **metadata):
    """(the note without its properties, the attachments)."""
    notebook = v4.new_notebook(cells=list(cells), metadata=metadata)
    place = {"metadata": {"name": name, "path": str(folder)}}
    note, resources = ObsidianExporter().from_notebook_node(notebook, place)
    return note.split("---\n\n", 1)[1], resources["outputs"]


def body(*cells, **kwargs):
    return export(*cells, **kwargs)[0]


def table_lines(table: pd.DataFrame) -> list[str]:
    output = shown({"text/html": table._repr_html_(), "text/plain": str(table)})
    return body(code("table", output)).split("\n\n")[1].splitlines()


# The whole


def test_nbconvert_finds_the_exporter_by_its_name():
    assert get_exporter("obsidian") is ObsidianExporter


def test_the_command_makes_a_clean_vault(tmp_path):
    cells = [
        markdown("# How many numbers?\n\nSee [the model](03_model.ipynb#One-hot-and-more)."),
        code("plot()", shown({"image/png": PNG, "text/plain": "A line falls."})),
    ]
    nbformat.write(v4.new_notebook(cells=cells), tmp_path / "02_dimension.ipynb")
    model = v4.new_notebook(cells=[markdown("# The model\n\n## One-hot and more")])
    nbformat.write(model, tmp_path / "03_model.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "obsidian", "--output-dir", "vault"]
    subprocess.run(
        [*command, "02_dimension.ipynb", "03_model.ipynb"], cwd=tmp_path, check=True, timeout=60
    )
    vault = tmp_path / "vault"
    assert problems(vault) == []
    note = (vault / "02_dimension.md").read_text()
    assert "See [[03_model#One-hot and more|the model]]." in note
    assert "![[02_dimension-01.png|A line falls.]]" in note
    assert (vault / "attachments/02_dimension-01.png").read_bytes() == picture()


def test_properties_name_the_lesson():
    notebook = v4.new_notebook(
        cells=[markdown('# Why "50": a rule')],
        metadata={"lesson": {"number": "02", "minutes": 25}, "tags": ["deep learning", "a/b"]},
    )
    note, _ = ObsidianExporter().from_notebook_node(notebook, {"metadata": {"name": "02_rule"}})
    properties = yaml.safe_load(note.split("---\n")[1])
    assert properties.pop("fingerprint").startswith("sha256-")
    assert properties == {
        "aliases": ['Embedding dimensions: 02 Why "50": a rule'],
        "tags": ["deep-learning", "a/b"],
        "source": "02_rule.ipynb",
        "course": "Embedding dimensions",
        "lesson": "02",
        "minutes": 25,
    }


def test_a_title_in_the_metadata_goes_before_the_heading():
    notebook = v4.new_notebook(cells=[markdown("# Heading")], metadata={"title": "Title"})
    note, _ = ObsidianExporter().from_notebook_node(notebook)
    assert yaml.safe_load(note.split("---\n")[1])["aliases"] == ["Title"]


# Code and its outputs


@pytest.mark.parametrize(
    ("metadata", "source", "language"),
    [
        ({}, "x", "python"),
        ({"language_info": {"name": "R"}}, "x", "r"),
        ({"kernelspec": {"name": "j", "display_name": "J", "language": "Julia"}}, "x", "julia"),
        ({}, "%%bash\nls", "bash"),
    ],
)
def test_a_code_fence_names_its_language(metadata, source, language):
    assert body(code(source), **metadata) == f"```{language}\n{source}\n```\n"


def test_a_fence_outlasts_the_backticks_in_it():
    assert body(code('"""\n```\n"""')).startswith("````python\n")


def test_text_is_a_fence_without_colors_and_overwritten_lines():
    printed = [
        v4.new_output("stream", name="stdout", text="step 1\rstep 2\n"),
        v4.new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m\n"),
    ]
    result = v4.new_output("execute_result", {"text/plain": "\x1b[1m42\x1b[0m"})
    expected = "```python\n1\n```\n\n```text\nstep 2\nred\n```\n\n```text\n42\n```\n"
    assert body(code("1", *printed, result)) == expected


def test_messages_and_errors_are_folded_boxes():
    warning = v4.new_output("stream", name="stderr", text="UserWarning")
    lines = ["\x1b[0mline 3, in g", "KeyError: 'Genre'"]
    error = v4.new_output("error", ename="KeyError", evalue="'Genre'", traceback=lines)
    assert body(code("1", warning, error)).split("\n\n")[1:] == [
        "> [!warning]- Messages\n> ```text\n> UserWarning\n> ```",
        "> [!failure]- KeyError\n> ```text\n> line 3, in g\n> KeyError: 'Genre'\n> ```\n",
    ]


def test_a_data_frame_is_a_pipe_table_with_numbers_flush_right():
    table = pd.DataFrame({"Book|ID": ["*Ink*", "$5 #a [[b]]"], "mean": [0.5, -12.25]})
    assert table_lines(table) == [
        "|  | Book\\|ID | mean |",
        "| --: | :-- | --: |",
        "| 0 | \\*Ink\\* | 0.50 |",
        "| 1 | \\$5 \\#a \\[\\[b]] | -12.25 |",
    ]


def test_a_table_of_many_levels_repeats_what_spans():
    index = pd.MultiIndex.from_product([["cat", "dog"], [1, 2]], names=["kind", "age"])
    columns = pd.MultiIndex.from_tuples([("size", "min"), ("size", "max")])
    table = pd.DataFrame(np.arange(8).reshape(4, 2), index, columns)
    lines = table_lines(table)
    assert lines[0] == "| kind | age | size / min | size / max |"
    assert lines[2:4] == ["| cat | 1 | 0 | 1 |", "| cat | 2 | 2 | 3 |"]


def test_an_empty_column_is_no_column_of_numbers():
    assert table_lines(pd.DataFrame({"n": [""]}))[1] == "| --: | :-- |"


def test_cells_left_open_and_tables_inside_keep_their_places():
    html = "<table><tr><th>a<th>b<tr><td>1<td><table><tr><td>in</table><tr><td>3<td>4</table>"
    note = body(code("table", shown({"text/html": html})))
    assert note.endswith("\n\n| a | b |\n| --: | :-- |\n| 1 | in |\n| 3 | 4 |\n")


def test_the_name_of_an_index_heads_its_column():
    table = pd.DataFrame({"n": [1]}, index=pd.Index(["Ink"], name="BookID"))
    assert table_lines(table) == ["| BookID | n |", "| :-- | --: |", "| Ink | 1 |"]


@pytest.mark.parametrize(
    ("metadata", "plain", "embed"),
    [
        ({"width": 960, "height": 420}, "A line.", "![[02_dimension-01.png|A line.|960]]"),
        ({}, "A [b] | c\nd", "![[02_dimension-01.png|A b c d]]"),
        ({"width": 300}, "<Figure size 640x480 with 1 Axes>", "![[02_dimension-01.png|300]]"),
        ({"width": "1|x]]"}, "", "![[02_dimension-01.png]]"),
    ],
)
def test_a_figure_is_an_attachment_with_its_text_and_width(metadata, plain, embed):
    output = shown({"image/png": PNG, "text/plain": plain}, **{"image/png": metadata})
    note, files = export(code("plot()", output))
    assert note == f"```python\nplot()\n```\n\n{embed}\n"
    assert files == {"attachments/02_dimension-01.png": picture()}


def test_an_svg_is_an_attachment_too():
    note, files = export(code("plot()", shown({"image/svg+xml": ["<svg>\n", "</svg>"]})))
    assert "![[02_dimension-01.svg]]" in note
    assert files == {"attachments/02_dimension-01.svg": b"<svg>\n</svg>"}


@pytest.mark.parametrize(
    "data",
    [
        {WIDGET: {"model_id": "x"}, "text/plain": "[sliders]"},
        {"text/plain": "Sliders (n, cap): open this notebook to move them."},
    ],
    ids=["live", "saved without widgets"],
)
def test_sliders_leave_their_still_picture_and_one_line(data):
    sliders = shown(data)
    still = shown({"image/png": PNG, "text/plain": "A line."})
    assert body(code("lab()", sliders, still)).split("\n\n")[1:] == [
        "![[02_dimension-01.png|A line.]]",
        "> [!info] A still picture: in the notebook, the sliders move it\n",
    ]


def test_a_widget_without_a_picture_leaves_its_own_words():
    widget = shown({WIDGET: {"model_id": "x"}, "text/plain": "A quiz of 3 questions"})
    expected = "> [!info] This moves in the notebook only\n> A quiz of 3 questions\n"
    assert body(code("quiz()", widget)).split("\n\n")[1] == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"text/markdown": "**Right**", "text/plain": "Right"}, "**Right**"),
        ({"text/html": "<b>Right</b>", "text/plain": "Right"}, "```text\nRight\n```"),
        (
            {"text/html": "<b>a_b</b>", "text/plain": "<IPython.core.display.HTML object>"},
            "**a_b**",
        ),
        ({"text/latex": r"$\displaystyle x + 1$", "text/plain": "x + 1"}, "$$\nx + 1\n$$"),
        ({"text/latex": r"A rule, $ x $."}, "A rule, $x$."),
        ({"text/plain": "<Axes: >"}, ""),
        ({"text/plain": "[<matplotlib.lines.Line2D at 0x7f2a10>]"}, ""),
        ({"text/plain": "<__main__.Book object at 0x7f2a10>"}, ""),
        ({"text/plain": "<Axes: xlabel='d'>"}, "```text\n<Axes: xlabel='d'>\n```"),
        ({"text/plain": "<Genre.FABLE: 3>"}, "```text\n<Genre.FABLE: 3>\n```"),
    ],
)
def test_the_form_that_a_note_can_hold_is_taken(data, expected):
    assert body(code("1", shown(data))).removeprefix("```python\n1\n```").strip() == expected


# Tags


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("remove-cell", ""),
        ("remove_cell", ""),
        ("remove-input", "```text\n42\n```"),
        ("remove-output", "```python\n6 * 7\n```"),
        (
            "hide-input",
            "> [!example]- Code\n> ```python\n> 6 * 7\n> ```\n\n```text\n42\n```",
        ),
        (
            "hide-output",
            "```python\n6 * 7\n```\n\n> [!example]- Output\n> ```text\n> 42\n> ```",
        ),
        (
            "solution",
            "> [!success]- Solution\n> ```python\n> 6 * 7\n> ```\n>\n> ```text\n> 42\n> ```",
        ),
    ],
)
def test_tags_are_honored(tag, expected):
    result = v4.new_output("execute_result", {"text/plain": "42"})
    assert body(code("6 * 7", result, tags=[tag])).strip() == expected


def test_an_output_that_is_tagged_is_left_out():
    button = shown({"text/html": "<button>Copy</button>"}, tags=["remove-output"])
    assert body(code("1", button)) == "```python\n1\n```\n"


def test_an_input_that_jupyterlab_hides_is_folded():
    assert body(code("1", jupyter={"source_hidden": True})).startswith("> [!example]- Code\n")


def test_a_formula_in_a_solution_stands_on_one_line():
    cell = markdown("It is\n\n$$\nx\n+ 1\n$$", metadata={"tags": ["solution"]})
    assert body(cell) == "> [!success]- Solution\n> It is\n>\n> $$x + 1$$\n"


# Markdown


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("> [!note] Look\n> here", "> [!note] Look\n> here"),
        ("[on](03_model.ipynb)", "[[03_model|on]]"),
        ("[on](./03_model.ipynb#Three-parts)", "[[03_model#Three parts|on]]"),
        ("[**on** `it`](03_model.ipynb)", "[[03_model|on it]]"),
        ("[03_model](03_model.ipynb)", "[[03_model]]"),
        ("| a |\n| - |\n| [on](03_model.ipynb) |", "| a |\n| :-- |\n| [[03_model\\|on]] |"),
        ("# One-hot or not\n\n[up](#One-hot-or-not)", "# One-hot or not\n\n[[#One-hot or not|up]]"),
        ("[nowhere](#gone)", "nowhere"),
        ("[site](https://a.org/b.ipynb#c)", "[site](https://a.org/b.ipynb#c)"),
        ("[file](data.csv)", "file (`data.csv`)"),
        ("$ x $ and \\\\(y\\\\)", "$x$ and $y$"),
        (
            "\\begin{align}\na\n\n&= b\n\\end{align}",
            "$$\n\\begin{align}\na\n&= b\n\\end{align}\n$$",
        ),
        ("\\\\[ x \\\\]", "$$\n x \n$$"),
        ("$$\nx\n\n+ 1\n$$", "$$\nx\n+ 1\n$$"),
        ("> $$\n> x\n> $$", "> $$x$$"),
        ("a[[1, 2]] %% #tag a == b", "a\\[\\[1, 2]] \\%\\% \\#tag a \\== b"),
        ("a<!-- hidden -->b", "ab"),
        ("<div class='alert'>Mind <b>this</b></div>", "> [!note] Note\n> Mind **this**"),
        ("<center>\n\n**bold**\n\n</center>", "**bold**"),
        ("<table><tr><th>n</th></tr><tr><td>1</td></tr></table>", "| n |\n| --: |\n| 1 |"),
        ("see <a href='03_model.ipynb'>on</a>", "see [[03_model|on]]"),
        (
            "<details><summary>Why?</summary>\n\nOne.\n\n* two\n\n</details>",
            "> [!question]- Why?\n> One.\n>\n> - two",
        ),
    ],
)
def test_markdown_is_put_in_obsidians_words(source, expected):
    assert body(markdown(source)) == f"{expected}\n"


@pytest.mark.parametrize(
    "source",
    [
        "`[[x]] $ a $ %%` and ``b ` [c](d.ipynb)``",
        "```python\n# [[x]] %% [on](03_model.ipynb) <div> $ a $\n```",
        "> ```text\n> <div> %%\n> ```",
        "## Heading\n\n- [ ] task\n- [x] done\n\n```mermaid\ngraph TD\n```",
        "# Title\n\nx^2, a_b, 1 < 2 & 3, #1, C#",
    ],
)
def test_code_and_plain_markdown_stay_to_the_letter(source):
    assert body(markdown(source)) == f"{source}\n"


def test_a_pasted_image_is_kept():
    pasted = {"image.png": {"image/png": PNG}}
    note, files = export(markdown("Look: ![a map](attachment:image.png)", attachments=pasted))
    assert note == "Look: ![[02_dimension-01.png|a map]]\n"
    assert files == {"attachments/02_dimension-01.png": picture()}


def test_an_image_beside_the_notebook_is_kept_and_others_are_not_fetched(tmp_path):
    (tmp_path / "lessons/img").mkdir(parents=True)
    for place in ("lessons/img/a b.png", "secret.png"):
        (tmp_path / place).write_bytes(picture())
    (tmp_path / "lessons/key.txt").write_text("secret")
    source = f"![a](img/a%20b.png) ![b](../secret.png) ![c]({tmp_path}/secret.png) ![d](key.txt)"
    note, files = export(markdown(source), folder=tmp_path / "lessons")
    missing = [f"*(picture not found beside the notebook: {name})*" for name in "bcd"]
    assert note == f"![[02_dimension-01.png|a]] {' '.join(missing)}\n"
    assert list(files.values()) == [picture()]


def test_an_html_image_and_a_data_uri_become_attachments():
    note, files = export(markdown(f"<img src='data:image/png;base64,{PNG}' alt='a' width=80>"))
    assert note == "![[02_dimension-01.png|a|80]]\n"
    assert list(files.values()) == [picture()]


def test_no_name_leads_an_attachment_out_of_its_folder():
    output = shown({"image/png": PNG})
    _, files = export(code("1", output), name="../../etc/x|y")
    assert list(files) == ["attachments/-..-etc-x-y-01.png"]
