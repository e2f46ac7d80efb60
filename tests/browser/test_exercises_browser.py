"""A learner's path through an exercise: not tried, wrong, a hint, right."""

import pytest
from conftest import NOTEBOOKS
from jupyter_page import run_all, wait_until_idle
from playwright.sync_api import expect

from bookrec_helpers.exercises import lesson

FIND_CELL = """source => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  const found = notebook.widgets.findIndex(cell => cell.model.sharedModel.source.includes(source));
  notebook.activeCellIndex = found;
  notebook.mode = "command";
  return notebook.scrollToItem(found, "center").then(() => found);
}"""
NOT_ATTEMPTED = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .flatMap(cell => cell.model.toJSON().outputs ?? [])
  .filter(output => `${output.data?.["text/plain"]}`.includes(": not attempted")).length"""
FAILED = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .flatMap(cell => cell.model.toJSON().outputs ?? [])
  .filter(output => output.output_type === "error").length"""


@pytest.fixture(scope="module")
def page(window):
    """Lesson 02 after Run All: each test of this file goes on with it."""
    page = window.show(NOTEBOOKS / "02_dimension.ipynb")
    run_all(page)
    return page


def cell_with(page, source):
    """The cell that holds this source, made active and scrolled to the middle."""
    return page.locator(".jp-Notebook .jp-Cell").nth(page.evaluate(FIND_CELL, source))


def answer(page, number, source):
    """Type a new source into the cell of an exercise, run it, and return what it shows."""
    cell = cell_with(page, f'check("{number}"')
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")
    wait_until_idle(page)
    return cell.locator(".jp-OutputArea-output")


def test_a_learner_tries_an_exercise_until_it_is_right(page):
    assert page.evaluate(FAILED) == 0
    assert page.evaluate(NOT_ATTEMPTED) == len(lesson("02"))

    wrong = answer(page, "02.2", 'my_megabytes = 20_000 * 50 / 1e6\ncheck("02.2", my_megabytes)')
    expect(wrong).to_contain_text("Exercise 02.2: incorrect")
    expect(wrong).to_contain_text("Each of them takes 4 bytes.")

    hint = cell_with(page, 'hint("02.2")').locator(".jp-OutputArea-output")
    push = hint.get_by_text("A megabyte is a million bytes.")
    expect(push).not_to_be_visible()
    hint.get_by_text("Hint for 02.2").click()
    expect(push).to_be_visible()

    right = answer(
        page, "02.2", 'my_megabytes = 20_000 * 50 * 4 / 1e6\ncheck("02.2", my_megabytes)'
    )
    expect(right).to_contain_text("Exercise 02.2: correct")
    expect(right).not_to_contain_text("incorrect")


def test_an_answer_that_raises_is_told_with_its_line_in_the_cell(page):
    source = (
        'def my_dimension(n):\n    zero = n - n\n    return n / zero\ncheck("02.1", my_dimension)'
    )
    told = answer(page, "02.1", source)
    expect(told).to_contain_text("line 3, return n / zero,")
    expect(told).to_contain_text("ZeroDivisionError")
    assert page.evaluate(FAILED) == 0


def test_an_endless_loop_is_stopped_and_the_kernel_goes_on(page):
    endless = (
        "def my_dimension(n):\n    while n > 0:\n        half = n / 2\n    return half\n"
        'check("02.1", my_dimension)'
    )
    told = answer(page, "02.1", endless)
    expect(told).to_contain_text("Your code still ran after 10 seconds in line")
    expect(told).to_contain_text("Has it a loop that never ends?")
    right = 'def my_dimension(n):\n    return min(50, (n + 1) // 2)\ncheck("02.1", my_dimension)'
    expect(answer(page, "02.1", right)).to_contain_text("Exercise 02.1: correct")
    assert page.evaluate(FAILED) == 0
