"""Every lesson as slides on a wall: nothing overflows, and labs live."""

from itertools import pairwise

import nbformat
import pytest
from conftest import NOTEBOOKS
from jupyter_page import run_all, run_command
from nbformat import v4

from tests.slides import kinds, mark

WALL = {"width": 1920, "height": 1080}
# Two lessons are paged through, and four labs moved: all of them would take many minutes.
LESSONS = sorted(path.name for path in NOTEBOOKS.glob("0[0-3]*.ipynb"))
# Goes to the end as the space bar does; for each step what stands there, and what does not fit.
PAGE_THROUGH = """async () => {
  const { commands, shell } = window.jupyterapp;
  const notebook = shell.currentWidget.content;
  await Promise.all(notebook.widgets.map(cell => cell.ready));
  await document.fonts.ready;
  const steps = [];
  for (let last = -1; notebook.activeCellIndex !== last; ) {
    last = notebook.activeCellIndex;
    await new Promise(requestAnimationFrame);
    const cells = notebook.widgets.filter(({ node }) => node.matches('.jp-deck-mod-visible')
      && node.checkVisibility({ visibilityProperty: true }));
    const parts = cells.flatMap(({ node }) => [...node.querySelectorAll('p, li, table, img, pre')]);
    const outside = parts.filter(part => part.checkVisibility({ visibilityProperty: true }))
      .map(part => [part, part.getBoundingClientRect()])
      .filter(([_, box]) => box.width > 1 && box.height > 1 && (box.top < 0 || box.left < 0
        || box.bottom > innerHeight || box.right > innerWidth))
      .map(([part, { left, top, right, bottom }]) => [
        ...[left, top, innerWidth - right, innerHeight - bottom].map(Math.round),
        part.outerHTML.slice(0, 100)].join(' '));
    const stretched = parts.filter(part => part.naturalHeight && part.clientHeight
      && Math.abs(part.clientWidth / part.clientHeight
        - part.naturalWidth / part.naturalHeight) > 0.05).length;
    steps.push({ cells: cells.map(cell => notebook.widgets.indexOf(cell)), outside, stretched,
                 words: cells.map(({ node }) => node.innerText).join(' ') });
    await commands.execute('deck:go', { direction: 'down', alternate: 'forward' });
  }
  return steps;
}"""

SLIDE_FITS = """() => [...document.querySelectorAll(
    '.jp-deck-mod-visible :is(p, img, button, input, select, .noUi-handle)')]
  .filter(part => part.checkVisibility({ visibilityProperty: true }))
  .map(part => part.getBoundingClientRect())
  .every(({ top, left, bottom, right }) => top >= 0 && left >= 0
    && bottom <= innerHeight && right <= innerWidth)"""


@pytest.fixture
def wall(window):
    """Puts cells on the wall, as a lesson of their own; returns the page at its first slide."""

    def wall(cells, run=False):
        lesson = v4.new_notebook(cells=cells)
        mark(lesson)
        page = window.show(lesson)
        page.set_viewport_size(WALL)
        if run:
            run_all(page)
        run_command(page, "deck:start")
        page.locator(".jp-Deck .jp-deck-mod-onscreen").first.wait_for()
        return page

    yield wall
    run_command(window.page, "deck:stop")  # else the next notebook opens as slides, too


def lesson_cells(name):
    return nbformat.read(NOTEBOOKS / name, as_version=4).cells


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_lesson_on_the_wall(wall, name):
    cells = lesson_cells(name)
    steps = wall(cells).evaluate(PAGE_THROUGH)
    assert [step["outside"] for step in steps if step["outside"]] == []
    assert not any(step["stretched"] for step in steps)
    assert {cell for step in steps for cell in step["cells"]} == {
        index for index, kind in enumerate(kinds(cells)) if kind != "skip"
    }
    words = " ".join(step["words"] for step in steps)
    assert "they usually answer" not in words and "from bookrec_helpers" not in words


def test_every_lab_lives_on_a_slide_of_its_own(wall):
    cells = []
    for name in LESSONS:
        lesson = lesson_cells(name)
        for question, lab in pairwise(lesson):
            if "_lab(" in lab.source and lab.cell_type == "code":
                cells += [question, lab]
    page = wall([*cells, v4.new_markdown_cell("# End")], run=True)
    for index in range(1, len(cells), 2):
        lab = page.locator(".jp-deck-mod-visible .bookrec-lab")
        picture, handle = lab.locator(".bookrec-live"), lab.locator(".noUi-handle").first
        picture.wait_for()
        assert page.evaluate(SLIDE_FITS), cells[index].source
        said = picture.get_attribute("alt")
        box = handle.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + (150 if box["x"] < 500 else -150), box["y"], steps=4)
        page.mouse.up()
        page.wait_for_function(
            "([img, said]) => img.alt !== said", arg=[picture.element_handle(), said]
        )
        assert page.locator(".jp-deck-mod-visible").count() == 2
        page.locator(".jp-deck-mod-visible").first.click()
        page.keyboard.press("Space")


def test_run_all_and_the_start_of_the_deck(wall):
    """Run All ends at the last cell; the wall goes back to the first slide."""
    cells = [cell for cell in lesson_cells(LESSONS[0]) if "_lab(" not in cell.source]
    page = wall(cells, run=True)
    assert shown(page) == [0]
    run_all(page)
    assert shown(page) == [0]


def test_keys_page_and_show_the_code(wall):
    prose, code = v4.new_markdown_cell, v4.new_code_cell
    page = wall(
        [prose("# One"), prose("**Predict:** two?"), code("1 + 1"), prose("# Three")], run=True
    )
    page.keyboard.press("Space")
    assert shown(page) == [1]
    page.keyboard.press("Space")
    assert shown(page) == [1, 2]
    editor = page.locator(".jp-deck-mod-visible.jp-CodeCell .jp-InputArea-editor")
    assert not editor.is_visible()
    page.keyboard.press("c")
    editor.wait_for()
    page.keyboard.press("c")
    editor.wait_for(state="hidden")


def shown(page):
    return page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(({ node }, index) =>"
        " node.matches('.jp-deck-mod-visible') ? [index] : [])"
    )
