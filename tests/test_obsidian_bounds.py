"""Whatever a cell holds: the export ends, soon, and every word of it is in the note."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import v4

from bookrec_helpers.obsidian.exporter import ObsidianExporter

# Pieces of Markdown, HTML and formulas, in any order, between words that must all arrive.
SIGNS = (
    "* ** _ ` `` ``` ~~~ $ $$ \\ \\\\ { } [ ] ( ) < > <b> </b> <div> </div> <p> <table> <tr> <td>"
    " <th> </td> </tr> </table> <ul> <ol> <li> </ul> <a> </a> <br> <pre> </pre> <code> </code>"
    " <details> <summary> </summary> </details> # ## - + 1. > | --- === ~~ == ! ]( [[ ]] :::"
    " {note} & &lt; \\begin{align} \\end{align} \\( \\\\( [^1] [^1]: {#x} <int> <span> ^ <h1> </h1>"
    " <dl> <dt> <dd> <blockquote> </blockquote> <!--"
).split()
SPACES = [" ", " ", "\n", "\n\n", "    ", "\t", ""]
PIECE = st.tuples(st.sampled_from(SIGNS + SPACES), st.sampled_from(SPACES), st.booleans())
PIECES = st.lists(PIECE, min_size=4, max_size=40)
COMMENT = re.compile(r"<!--.*?-->|<[!/][^>]*>", re.DOTALL)  # what a browser hides, too
LAST = "The last cell, $a$."


def note_of(cell):
    notebook = v4.new_notebook(cells=[cell, v4.new_markdown_cell(LAST)])
    return ObsidianExporter().from_notebook_node(notebook)[0]


def html_cell(html):
    output = v4.new_output("display_data", {"text/html": html, "text/plain": "<X object>"})
    return v4.new_code_cell("x", outputs=[output])


def with_words(pieces):
    """The pieces, numbered words among them."""
    parts = [
        f"{sign}{space}" + (f"word{number}q" if has_word else "")
        for number, (sign, space, has_word) in enumerate(pieces)
    ]
    return "".join(parts)


@pytest.mark.parametrize("cell", [v4.new_markdown_cell, html_cell])
def test_no_word_is_lost_and_no_cell_leaks(cell):
    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(PIECES)
    def check(pieces):
        source = with_words(pieces)
        note = note_of(cell(source))
        assert note.endswith(f"{LAST}\n")
        assert "could not be converted" not in note
        words = r"word\d+q"
        assert set(re.findall(words, COMMENT.sub("", source))) <= set(
            re.findall(words, note.lower())
        )

    check()


@pytest.mark.parametrize("opening", ["$", "$$", "\\\\(", "\\\\["])
def test_a_formula_passes_to_the_letter(opening):
    closing = opening.replace("(", ")").replace("[", "]")

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(st.text("ab <>&_*^|[]#~=!-+/'\"`", min_size=1).filter(lambda tex: tex.strip(" `")))
    def check(tex):
        tex = f"x {tex.replace('`', '')} y"
        note = note_of(v4.new_markdown_cell(f"before {opening}{tex}{closing} after"))
        assert " ".join(tex.split()) in note
        assert "after" in note

    check()


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text())
def test_any_text_exports(text):
    cells = [
        v4.new_markdown_cell(text),
        v4.new_raw_cell(text),
        v4.new_code_cell(text),
        html_cell(text),
    ]
    for cell in cells:
        assert note_of(cell).endswith(f"{LAST}\n")


MANY = {
    "columns that span": html_cell("<table>" + "<tr><td colspan=1000>y" * 1700),
    "rows that span": html_cell("<table>" + "<tr><td rowspan=1000 colspan=1000>y" * 1200),
    "cells left open": html_cell("<table><tr>" + "<td>x" * 400),
    "tables left open": html_cell("<table><tr><td>x" * 400),
    "nested tags": html_cell("<div><b>" * 330 + "deep" + "</b></div>" * 330),
    "blocks left open": html_cell("<div>" * 8_000),
    "marks left open": html_cell("<p><font><b><i>x" * 2_500),
    "nested lists": v4.new_markdown_cell("".join(f"{'  ' * n}- a\n" for n in range(330))),
    "open links": v4.new_markdown_cell("[a](" * 20_000),
    "open brackets": v4.new_markdown_cell("[" * 20_000),
    "open anchors": v4.new_markdown_cell("<a href='x'>" * 20_000),
    "tags without end": v4.new_markdown_cell("<a " * 13_000),
    "comments without end": v4.new_markdown_cell("<!-- " * 8_000),
    "dollar signs": v4.new_markdown_cell("$ {" * 13_000),
    "environments": v4.new_markdown_cell("\\begin{a}{\n\n" * 3_000),
    "boxes in boxes": v4.new_markdown_cell(":::{note}\n" * 4_000),
    "emphasis": v4.new_markdown_cell("**a_ " * 8_000),
}


def cost(cell):
    """(seconds, length of the note): the least of three rounds, for other work may disturb one."""
    rounds = []
    for _ in range(3):
        start = time.process_time()
        note = note_of(cell)
        rounds.append(time.process_time() - start)
    return min(rounds), len(note)


@pytest.fixture(scope="module")
def ordinary():
    """The seconds for 40 kB of short paragraphs, the dearest of ordinary texts."""
    return cost(v4.new_markdown_cell("a *b*\n\n" * 6_000))[0]


@pytest.mark.parametrize("cell", MANY.values(), ids=MANY)
def test_a_heavy_cell_costs_no_more_than_an_ordinary_one_of_its_length(cell, ordinary):
    seconds, length = cost(cell)
    assert seconds < 2 * ordinary
    assert length < 2_000_000


def test_deep_html_gives_its_words():
    assert "deep" in note_of(MANY["nested tags"])
