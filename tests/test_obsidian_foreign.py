"""Notebooks that this project did not write: each exports, and its note is clean."""

import base64
import json

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbformat import v4

from bookrec_helpers.obsidian.exporter import ObsidianExporter
from tests.mathjax_node import typesetting_errors
from tests.vault import formulas, problems

PNG = base64.b64encode(b"\x89PNG picture").decode()


def shown(data, **metadata):
    return v4.new_output("display_data", data, metadata=metadata)


def frame(table, **options):
    return shown({"text/html": table.to_html(**options), "text/plain": str(table)})


def cells(*outputs, source="code()"):
    return v4.new_notebook(cells=[v4.new_code_cell(source, outputs=list(outputs))])


def wide_table():
    return cells(frame(pd.DataFrame(np.arange(120).reshape(2, 60)), max_cols=20))


def styled_table():
    styler = pd.DataFrame({"a": [1.0, None]}, index=["x", "y"]).style.highlight_null()
    return cells(shown({"text/html": styler.to_html(), "text/plain": "<Styler>"}))


def multi_index():
    index = pd.MultiIndex.from_product([["a", "b"], ["<x>", "y|z"]], names=["k", None])
    columns = pd.MultiIndex.from_product([[2023, 2024], ["mean", "std"]], names=["year", "of"])
    return cells(frame(pd.DataFrame(np.eye(4), index, columns)))


def odd_tables():
    nested = "<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>"
    ragged = "<table><tr><th>a<th>b<tr><td rowspan=99999>1<td colspan=0>2<tr><td>3<td>4</table>"
    return cells(*(shown({"text/html": html}) for html in (nested, ragged, "<table></table>")))


def latex_output():
    sources = [
        r"$\displaystyle \frac{x^{2}}{2}$",
        "$$\n\\begin{bmatrix}1 & 2\\\\\n\n3 & 4\\end{bmatrix}\n$$",
        "\\begin{align*}\na &= b\\\\\nc &= d\n\\end{align*}",
        "\\begin{tabular}{ll}\na & b\\\\\n\\end{tabular}",
        r"\textbf{text} only",
        "A rule, $ x + 1 $, in words.",
    ]
    return cells(*(shown({"text/latex": source, "text/plain": "?"}) for source in sources))


def long_text():
    text = "\n".join(f"{n}: ```{'x' * 500}``` <div> %% [[y]] $" for n in range(3000))
    return cells(v4.new_output("stream", text=text), shown({"text/plain": text}))


def control_signs():
    text = "\x1b[38;5;208mcolor\x1b[0m \x07bell\x08 \x1b]8;;url\x1b\\link\n10%\r20%\rdone\n"
    return cells(v4.new_output("stream", text=text), v4.new_output("stream", text=""))


def error():
    lines = ["\x1b[31mTraceback\x1b[0m", "```", "> [!x]"]
    return cells(v4.new_output("error", ename="Bad|Error", evalue="```\n%%", traceback=lines))


def attachments():
    source = "![a](attachment:a%20b.png) ![b](attachment:gone.png) ![c](c.png) ![d](http://x.y/d)"
    cell = v4.new_markdown_cell(source, attachments={"a b.png": {"image/png": [PNG]}})
    return v4.new_notebook(cells=[cell])


def rich_html():
    sources = [
        '<iframe src="https://a.org/v" width="400"></iframe>',
        '<div id="plot"></div>\n\n<script>draw("</div>")</script>',
        "<ul><li>one</li><li><b>two</b></li></ul><pre>a\n  b</pre><h2>Title</h2><!-- c -->",
        "<svg><path d=''/></svg>",
        "unclosed <b>bold <p>and & so <on",
    ]
    return cells(*(shown({"text/html": html, "text/plain": "<X object>"}) for html in sources))


def html_markdown():
    source = """\
<h1 align="center">A title</h1>
<p align="center"><a href="https://a.org"><img src="https://a.org/b.svg"></a>
text with `code <div>` and $x$</p>

<a name="toc"></a>
## Contents <a class="anchor" id="x"></a>
* [One](#One)
* [Gone](#gone)

<details>
<summary><b>More</b></summary>

```python
x = 1
```
</details>

<table><tr><td>a</td></tr></table>

  <div class="alert alert-info">

**Note** that <font color=red>this</font> is %%odd%% [[wiki]]
</div>

# One
"""
    return v4.new_notebook(cells=[v4.new_markdown_cell(source)])


def math_markdown():
    source = """\
Inline $ a + b $, \\\\(c\\\\), \\\\[ d \\\\] and

\\begin{equation}
e = m

\\end{equation}

then $$ f $$ and

> $$
> g
> $$

1. item

    $$
    h

    $$

\\begin{eqnarray}
i &=& j
\\end{eqnarray}
"""
    return v4.new_notebook(cells=[v4.new_markdown_cell(source)])


def widgets():
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}}
    return cells(
        shown({**widget, "text/plain": "interactive(children=(IntSlider(value=1),))"}),
        shown({**widget, "text/plain": "  0%|          | 0/10 [00:00<?, ?it/s]"}),
        shown({"application/vnd.plotly.v1+json": {"data": []}, "text/html": "<div></div>"}),
        shown({"application/json": {"a": 1}, "text/plain": "<IPython.core.display.JSON object>"}),
        shown({}),
    )


def other_kernels():
    notebook = cells(shown({"text/markdown": "A data.frame: 1 × 1\n\n| n |\n|---|\n| 1 |\n"}))
    notebook.metadata.kernelspec = {"name": "ir", "display_name": "R", "language": "R"}
    return notebook


def raw_and_empty_cells():
    raw = v4.new_raw_cell("---\ntitle: x\n---")
    return v4.new_notebook(cells=[raw, v4.new_markdown_cell(""), v4.new_code_cell("")])


def no_cells():
    return v4.new_notebook()


FOREIGN = [
    wide_table,
    styled_table,
    multi_index,
    odd_tables,
    latex_output,
    long_text,
    control_signs,
    error,
    attachments,
    rich_html,
    html_markdown,
    math_markdown,
    widgets,
    other_kernels,
    raw_and_empty_cells,
    no_cells,
]


def write_note(notebook, folder):
    """The note of a notebook as a vault of its own."""
    place = {"metadata": {"name": "foreign"}}
    note, resources = ObsidianExporter().from_notebook_node(notebook, place)
    (folder / "foreign.md").write_text(note)
    (folder / "attachments").mkdir()
    for name, data in resources["outputs"].items():
        (folder / name).write_bytes(data)
    return note


@pytest.mark.parametrize("build", FOREIGN, ids=lambda build: build.__name__)
def test_a_foreign_notebook_becomes_a_clean_note(build, tmp_path):
    note = write_note(build(), tmp_path)
    assert problems(tmp_path) == []
    assert "\x1b" not in note
    assert "\x07" not in note


def test_the_formulas_of_foreign_notebooks_are_typeset(tmp_path):
    found = []
    for build in FOREIGN:
        (tmp_path / build.__name__).mkdir()
        found += formulas(write_note(build(), tmp_path / build.__name__))
    assert len(found) > 10
    assert typesetting_errors(found) == []


@pytest.mark.parametrize(
    "lacking",
    [
        {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 0},
        {
            "worksheets": [{"cells": [{"cell_type": "heading", "level": 1, "source": ["Old"]}]}],
            "metadata": {"name": ""},
            "nbformat": 3,
            "nbformat_minor": 0,
        },
    ],
    ids=["empty", "format 3"],
)
def test_a_notebook_that_lacks_metadata_becomes_a_clean_note(lacking, tmp_path):
    (tmp_path / "lacking.ipynb").write_text(json.dumps(lacking))
    write_note(nbformat.read(tmp_path / "lacking.ipynb", as_version=4), tmp_path)
    (tmp_path / "lacking.ipynb").unlink()
    assert problems(tmp_path) == []


def test_a_damaged_picture_and_an_unknown_output_do_not_end_the_export(tmp_path):
    damaged = shown({"image/png": "iVBOR", "text/plain": "A line."})
    notebook = cells(damaged, shown({"text/plain": "after"}))
    notebook.cells[0].outputs.insert(0, nbformat.from_dict({"output_type": "future"}))
    notebook.nbformat_minor = 99  # of a format to come, which may hold other kinds of output
    note = write_note(notebook, tmp_path)
    assert problems(tmp_path) == []
    assert "*(damaged picture: A line.)*\n\n```text\nafter\n```\n" in note
