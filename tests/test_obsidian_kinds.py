"""Kinds of cells, found in public notebooks, of which a note used to lose something."""

import base64

import nbformat
import pytest
import yaml
from nbformat import v4

from bookrec_helpers.obsidian.exporter import ObsidianExporter
from tests.vault import problems

PNG = base64.b64encode(b"\x89PNG picture").decode()
SVG = '<svg width="4"><circle r="2"/></svg>'


def export(*cells, folder=None, **metadata):
    """(the note without its properties, the names of its attachments)."""
    notebook = v4.new_notebook(cells=list(cells), metadata=metadata)
    place = {"name": "kinds"} | ({"path": str(folder)} if folder else {})
    note, resources = ObsidianExporter().from_notebook_node(notebook, {"metadata": place})
    return note.split("---\n\n", 1)[1].rstrip("\n"), list(resources["outputs"])


def prose(*sources, **kwargs):
    return export(*map(v4.new_markdown_cell, sources), **kwargs)[0]


def shown(html="", plain="<X object>", **more):
    """What a note shows of an output."""
    data = {key: value for key, value in {"text/html": html, "text/plain": plain}.items() if value}
    output = v4.new_output("display_data", data | more)
    return export(v4.new_code_cell("x", outputs=[output]))[0].removeprefix("```python\nx\n```\n\n")


def box(kind, title, body=""):
    return "\n".join([f"> [!{kind}] {title}", *(f"> {line}" for line in body.splitlines())])


# Formulas


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Let $a\n+ b$ be ($c$), and $d$.", "Let $a + b$ be ($c$), and $d$."),
        ("So $ a\n= b $.", "So $a = b$."),
        (
            "$=\\begin{bmatrix}\n1 \\\\ 2\n\\end{bmatrix}$ and $c$",
            "$=\\begin{bmatrix} 1 \\\\ 2 \\end{bmatrix}$ and $c$",
        ),
        ("$\\text{for $n$ rows}$, $b$", "$\\text{for $n$ rows}$, $b$"),
        ("A ring is \\\\$30 or \\\\$40.", "A ring is \\$30 or \\$40."),
        ("A ring is \\$30 or \\$40.", "A ring is \\$30 or \\$40."),
        (
            "From $3 to $5, say $1,500 (or $ 9) each.",
            "From \\$3 to \\$5, say \\$1,500 (or \\$ 9) each.",
        ),
        ("Only $7 for $x$?", "Only \\$7 for $x$?"),
        ("$2$ and $3x$ stay", "$2$ and $3x$ stay"),
        ("<i>If</i> $x<y$ and $y>z$", "*If* $x<y$ and $y>z$"),
        ("<p>If $x < y$ stop</p>", "If $x < y$ stop"),
        ("*a $x_1$ b $x_2$*", "*a $x_1$ b $x_2$*"),
        ("| $|x|$ |\n|---|\n| 1 |", "| $\\vert x\\vert $ |\n| --: |\n| 1 |"),
        ("Here $$ a\n% words\n+ b $$ and", "Here $$a + b$$ and"),
        ("$$\na\n\n+ b\n$$", "$$\na\n+ b\n$$"),
        ("Open $$ a\n\n# Part\n\nand $$ b $$", "Open \\$\\$ a\n\n# Part\n\nand $$b$$"),
        ("`$a` and `$b`, $c$", "`$a` and `$b`, $c$"),
        ("    cost = '$a' + '$b'", "```\ncost = '$a' + '$b'\n```"),
        ("$x$2", "$x$\u200b2"),
    ],
)
def test_formulas_are_those_that_jupyterlab_finds(source, expected):
    assert prose(source) == expected


def test_formulas_in_html_tables_are_formulas():
    html = "<table><tr><th>$k$</th></tr><tr><td>$|a| < \\beta$</td></tr></table>"
    expected = "| $k$ |\n| :-- |\n| $\\vert a\\vert  < \\beta$ |"
    assert prose(html) == expected
    assert shown(html.replace("<  ", "&lt;").replace("< \\", "&lt; \\")) == expected


# A cell ends with its cell


@pytest.mark.parametrize(
    "unclosed",
    [
        "```python\nx = 1",
        "~~~~\nx",
        "$$ a",
        "<div>a",
        "<!-- a",
        "<b>a",
        "<table><tr><td>a",
        "<a href='b'>c",
        ":::{tip}\na",
        "<details><summary>a",
        "<script>",
        "[a](",
        "**a",
        "`a",
        "$a",
        "\\begin{align} a",
    ],
)
def test_nothing_open_swallows_the_next_cell(unclosed):
    assert prose(unclosed, "## Next\n\n$a$ [b](c.ipynb)").endswith("## Next\n\n$a$ [[c|b]]")


def test_an_open_comment_is_shown():
    assert prose("a <!-- b") == "a \\<!-- b"


# Prose


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "One paragraph, wrapped\nby its author\nat a column.",
            "One paragraph, wrapped by its author at a column.",
        ),
        ("- one item\n  wrapped\n- two", "- one item wrapped\n- two"),
        ("> a quote\n> wrapped", "> a quote wrapped"),
        ("a  \nb", "a  \nb"),
        (
            "Text:\n\n    indented <code> *x*\n      more",
            "Text:\n\n```\nindented <code> *x*\n  more\n```",
        ),
        (
            "<div><pre>\n\n```python title words\nx\n```\n\n</pre></div>",
            "```\npython title words\nx\n```",
        ),
        ("<ol start='3'><li>a<ul><li>b<li>c</ul><li>d</ol>", "3. a\n   - b\n   - c\n4. d"),
        ("Rows:\n| a |\n|--:|\n| 1 |", "Rows:\n\n| a |\n| --: |\n| 1 |"),
        ("A `vector<int>` or a map<str, int>", "A `vector<int>` or a map\\<str, int>"),
        ("H<sub>2</sub>O, <u>so</u>, <mark>here</mark>", "H<sub>2</sub>O, so, ==here=="),
        ("1986\\. A year", "1986\\. A year"),
        ("![a](https://a.org/b.png){width=50%} and", "![a](https://a.org/b.png) and"),
        ("## Part {#sec-part}\n\n{ref}`sec-part`", "## Part\n\n[[#Part|sec-part]]"),
        ("Look![x](y.ipynb)", "Look*(picture not found beside the notebook: x)*"),
        ("Look\\![x](y.ipynb)", "Look\\![[y|x]]"),
        ("\\[a](b) and \\[c]: d", "[a\\](b) and [c\\]: d"),
    ],
)
def test_prose_reads_in_obsidian_as_in_jupyterlab(source, expected):
    assert prose(source) == expected


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("python3", "python"),
        ("ipython", "python"),
        ("c#", "csharp"),
        ("C++", "cpp"),
        ("{r, echo=FALSE}", "r"),
        ("julia", "julia"),
        ("dataviewjs", "text"),
        ("dataview", "text"),
        ("run-python", "text"),
    ],
)
def test_fences_name_a_language_that_obsidian_colors_and_no_plugin_runs(info, name):
    assert prose(f"```{info}\nx\n```").startswith(f"```{name}")
    code = export(v4.new_code_cell("x"), language_info={"name": info.strip("{}").split(",")[0]})[0]
    assert code == f"```{name}\nx\n```"


@pytest.mark.parametrize("code", ["`$= dv.pages()`", "`= this.file.name`", "`` = `a` ``"])
def test_inline_code_that_a_plugin_would_run_is_inert(code):
    words = prose(f"See {code}.").split("`")
    assert not any(word.strip().startswith(("=", "$=")) for word in words)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            '<div class="alert alert-block alert-danger"><b>No</b> way\n</div>',
            box("danger", "Danger", "**No** way"),
        ),
        ("```{warning} Hot *tea*\nMind $x$.\n```", box("warning", "Hot *tea*", "Mind $x$.")),
        (":::{seealso}\nThis.\n:::", box("info", "Seealso", "This.")),
        ('!!! tip "So"\n\n    Try **it**.', box("tip", "So", "Try **it**.")),
        ('::: {.callout-note title="T"}\n- a\n- b\n:::', box("note", "T", "- a\n- b")),
        (":::note Title\nText\n:::", box("note", "Title", "Text")),
        ("```{note}\n:class: dropdown\nIn\n```", "> [!note]- Note\n> In"),
        ("::::{note}\n:::{tip}\nIn\n:::\n::::", "> [!note] Note\n> > [!tip] Tip\n> > In"),
        ("::: {.column}\nText\n:::", "Text"),
        ("> [!NOTE]\n> Text\n> on", "> [!NOTE] Note\n> Text on"),
        ("```{math}\na\n```", "$$\na\n$$"),
    ],
)
def test_admonitions_are_callouts(source, expected):
    assert prose(source) == expected


def test_equal_footnotes_of_two_cells_are_told_apart():
    first = "One[^a].\n\n[^a]: First word.\n[^b]: single"
    second = "Two[^a], [^b].\n\n[^a]: Second."
    assert prose(first, second) == (
        "One[^a].\n\n[^a]: First word.\n\n[^b]: single\n\nTwo[^a-2], [^b].\n\n[^a-2]: Second."
    )


# Links and pictures


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("[a](b.ipynb 'title')", "[[b|a]]"),
        ("[a][r]\n\n[r]: b.ipynb", "[[b|a]]"),
        ("[a](https://b.org/c_(d))", "[a](<https://b.org/c_(d)>)"),
        ("[a](<my notes.ipynb>)", "[[my notes|a]]"),
        ("[a](my%20notes.ipynb)", "[[my notes|a]]"),
        ("[rows](data/rows.csv), [c.csv](c.csv)", "rows (`data/rows.csv`), c.csv"),
        (
            "[![a](https://b.org/c.svg)](https://b.org)",
            "[![a](https://b.org/c.svg)](https://b.org)",
        ),
        ("![a [b](c) d](https://e.org/f.png)", "![a b d](https://e.org/f.png)"),
        ("<img src='https://b.org/c.png' width=300 alt=a>", "![a|300](https://b.org/c.png)"),
        ("[end](#end)\n\n<a id='end'></a>\n## The end", "[[#The end|end]]\n\n## The end"),
        ("## Part\n\ntext <span id='x'></span>\n\n[x](#x)", "## Part\n\ntext\n\n[[#Part|x]]"),
        ("## A `b` part\n\n[x](#a-b-part)", "## A `b` part\n\n[[#A `b` part|x]]"),
    ],
)
def test_links_lead_where_they_led(source, expected):
    assert prose(source) == expected


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JaVaScript:alert(1)",
        "java\tscript:a",
        "file:///etc/passwd",
        "obsidian://open?vault=x",
        "vbscript:a",
        "&#106;avascript:a",
    ],
)
def test_links_that_could_run_something_lose_their_target(target):
    for source in (
        f"[text](<{target}>)",
        f'<a href="{target}">text</a>',
        f'<img src="{target}" alt="text">',
    ):
        note = prose(source)
        assert "text" in note
        assert "](" not in note


def test_pictures_above_the_notebook_are_taken_from_where_the_export_began(tmp_path, monkeypatch):
    for place in ("course/lessons", "course/img"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "course/img/a b.png").write_bytes(b"\x89PNG a")
    (tmp_path / "secret.png").write_bytes(b"\x89PNG b")
    monkeypatch.chdir(tmp_path / "course")
    cell = v4.new_markdown_cell("![a](<../img/a b.png>) ![b](../../secret.png)")
    note, files = export(cell, folder=tmp_path / "course/lessons")
    assert note == "![[kinds-01.png|a]] *(picture not found beside the notebook: b)*"
    assert files == ["attachments/kinds-01.png"]


def test_a_caption_is_cut_at_120_characters():
    note = shown(plain="word " * 100, **{"image/png": PNG})
    assert note.endswith("word…]]")
    assert len(note.split("|")[1]) <= 120 + len("]]")


# Tables


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "<a href='https://a.org'><img src='https://a.org/b.svg' alt='c'></a>",
            "[![c](https://a.org/b.svg)](https://a.org)",
        ),
        ("<a href='b.ipynb'>on</a>", "[[b\\|on]]"),
        ("use <code>a|b</code><br>twice", "use `a\\|b`<br>twice"),
        ("<ul><li>a<li>b</ul>", "- a<br>- b"),
        ("<pre>a\n  b</pre>", "`a`<br>`  b`"),
        (f"<img src='data:image/png;base64,{PNG}'>", "![[kinds-01.png]]"),
        ("<p>a</p><p>b</p>", "a<br>b"),
        ("<table><tr><td>a<td>b</table>", "a b"),
        (SVG, "![[kinds-01.svg]]"),
        (
            "<video src='https://a.org/b.mp4'></video>",
            "*(A video: in the notebook only)* [https://a.org/b.mp4](https://a.org/b.mp4)",
        ),
    ],
)
def test_table_cells_keep_what_stands_in_them(cell, expected):
    html = f"<table><tr><th>n</th></tr><tr><td>{cell}</td></tr></table>"
    assert prose(html) == shown(html) == f"| n |\n| :-- |\n| {expected} |"


def test_what_a_page_never_shows_is_left_out():
    head = "<html><head><title>Page</title><style>p {}</style></head>"
    assert prose(f"{head}<body><p>a<script>b</script>c</p></body></html>") == "ac"


def test_a_table_without_rows_or_with_words_beside_its_cells_keeps_all():
    html = "<table>stray <caption>named</caption><td>a<td>b</table>"
    assert prose(html) == "stray\n\nnamed\n\n|  |  |\n| :-- | :-- |\n| a | b |"


def test_a_table_that_spans_without_end_says_each_text_once():
    note = shown(f"<table>{'<tr><td rowspan=1000 colspan=1000>word' * 50}</table>")
    assert note.count("word") == 50


# Outputs that a note cannot show


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            {"application/vnd.plotly.v1+json": {"layout": {"title": "Likes"}}},
            "A Plotly figure: in the notebook only\n> Likes",
        ),
        (
            {"application/vnd.vegalite.v5+json": {"mark": "bar"}},
            "A Vega figure: in the notebook only",
        ),
        ({"application/vnd.bokehjs_exec.v0+json": ""}, "A Bokeh figure: in the notebook only"),
        ({"application/pdf": "JVBERi0="}, "A PDF: in the notebook only"),
        ({"audio/mpeg": "AAAA"}, "A recording: in the notebook only"),
        ({"application/x-unheard": "a"}, "application/x-unheard: in the notebook only"),
    ],
)
def test_a_live_figure_leaves_a_box_that_says_what_was_there(data, expected):
    assert shown(plain="<Chart>", **data) == f"> [!info] {expected}"


def test_a_live_figure_leaves_its_still_picture_and_its_words():
    live = {"application/vnd.vegalite.v5+json": {}}
    assert (
        shown(plain="alt.Chart(...)", **live, **{"image/png": PNG})
        == "![[kinds-01.png|alt.Chart(...)]]"
    )
    assert shown(plain="alt.Chart(...)", **live).endswith("\n\n```text\nalt.Chart(...)\n```")


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<video controls><source src='data:video/mp4;base64,AA'>No video tag.</video>",
            "A video: in the notebook only",
        ),
        (
            "<iframe src='https://a.org/b'></iframe>",
            "A page in a frame: in the notebook only\n> `https://a.org/b`",
        ),
        ("<div id='a'></div><script>draw()</script>", "A live figure: in the notebook only"),
        (
            "<div class='animation'><img id=a><label for=o>Once</label></div><script>x</script>",
            "An animation: in the notebook only",
        ),
    ],
)
def test_html_that_moves_leaves_a_box(html, expected):
    assert shown(html) == f"> [!info] {expected}"


def test_an_animation_leaves_its_first_picture():
    frame = f"data:image/png;base64,{PNG[:8]}\\\n{PNG[8:]}"
    html = f'<div class="animation"><img></div><script>f[0] = "{frame}"</script>'
    assert shown(html) == "![[kinds-01.png]]\n\n> [!info] An animation: in the notebook only"


def test_a_drawing_is_a_picture():
    assert shown(SVG) == "![[kinds-01.svg]]"


def test_json_is_shown_as_such():
    assert shown(plain="<JSON>", **{"application/json": {"a": 1}}) == '```json\n{\n  "a": 1\n}\n```'


def test_raw_cells_are_folded_boxes():
    cells = [
        v4.new_raw_cell("kept *raw*"),
        v4.new_raw_cell("**md**", metadata={"raw_mimetype": "text/markdown"}),
    ]
    assert export(*cells)[0].split("\n\n") == [
        "> [!quote]- Raw cell\n> ```text\n> kept *raw*\n> ```",
        "> [!quote]- Raw cell\n> **md**",
    ]


# Properties


@pytest.mark.parametrize("make", [v4.new_markdown_cell, v4.new_raw_cell])
def test_a_header_of_yaml_becomes_properties(make):
    header = (
        '---\ntitle: "A: title"\nauthor: Ada\ntags: [data, 2024]\ndate: 2024-05-01\n---\n\nText'
    )
    note, _ = ObsidianExporter().from_notebook_node(v4.new_notebook(cells=[make(header)]))
    properties = yaml.safe_load(note.split("---\n")[1])
    assert properties["aliases"] == ["A: title"]
    assert properties["author"] == "Ada"
    assert properties["tags"] == ["data", "tag-2024"]
    assert "title" not in note.split("---\n", 2)[2]


@pytest.mark.parametrize(
    ("source", "alias"),
    [
        ("# `fit` and *map* [x](y.ipynb) $a$ <a id='z'></a>", "fit and map x a"),
        ("```python\n# no title\n```\n\n# A title", "A title"),
        ("## Only a part", "Notebook"),
    ],
)
def test_the_alias_is_the_title_in_plain_words(source, alias):
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(source)])
    note, _ = ObsidianExporter().from_notebook_node(notebook, {"metadata": {"name": "Notebook"}})
    assert yaml.safe_load(note.split("---\n")[1])["aliases"] == [alias]


# One bad cell, one bad notebook


def test_a_cell_that_cannot_be_converted_is_a_box_with_its_source():
    note = prose(">" * 300 + " deep", "after")
    assert note.startswith(
        "> [!warning] This cell could not be converted: ValueError\n> ```text\n> >>>"
    )
    assert "deep" in note
    assert note.endswith("\n\nafter")


def test_a_notebook_that_cannot_be_read_is_a_note_that_says_so(tmp_path):
    (tmp_path / "bad.ipynb").write_text("{")
    nbformat.write(v4.new_notebook(cells=[v4.new_markdown_cell("fine")]), tmp_path / "good.ipynb")
    exporter = ObsidianExporter()
    (tmp_path / "vault").mkdir()
    for name in ("bad", "good"):
        note, _ = exporter.from_filename(str(tmp_path / f"{name}.ipynb"))
        (tmp_path / "vault" / f"{name}.md").write_text(note)
    assert "> [!failure] bad.ipynb could not be exported" in (tmp_path / "vault/bad.md").read_text()
    assert "fine" in (tmp_path / "vault/good.md").read_text()
    assert problems(tmp_path / "vault") == []
