"""Every lesson's labs in a real JupyterLab: keyboard, drag, pictures, errors, a reopened page."""

import nbformat
import pytest
from conftest import NOTEBOOKS
from jupyter_page import open_notebook, run_all, run_command, wait_until_idle
from nbformat import v4

LESSONS = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb") if "_lab()" in p.read_text("utf-8"))
HANDLE, PICTURE = ".noUi-handle", ".jp-RenderedImage img"
# Answered in turn, after all messages of the sliders that were sent before.
ASK_THE_KERNEL = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.sessionContext.session.kernel.requestKernelInfo();
}"""
SCREEN = 800 - 120  # pixels that JupyterLab's bars leave of a screen 800 high


@pytest.fixture
def console(page):
    """The errors in the page's console."""
    errors = []
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    return errors


def test_every_lesson_has_a_lab():
    assert [name[:2] for name in LESSONS] == ["00", "01", "02", "03", "04", "05", "06"]


@pytest.mark.parametrize("name", LESSONS)
def test_the_labs_of_a_lesson(page, jupyter, console, name):
    open_notebook(page, name)
    run_all(page)
    areas = page.locator(f".jp-OutputArea:has({HANDLE})")
    areas.first.wait_for(timeout=20_000)
    for area in areas.all():
        area.scroll_into_view_if_needed()
        assert area.bounding_box()["height"] < SCREEN
        for handle in area.locator(HANDLE).all():
            moves_by_keyboard(area, handle)
        ends_a_drag_at_its_value(area, area.locator(HANDLE).first)
        assert area.locator(".widget-html-content b").count() == 0  # where a lab tells an error
    assert console == []
    shown = [source(area) for area in areas.all()]
    run_command(page, "docmanager:save")
    lesson = nbformat.read(jupyter.root / name, as_version=4)
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.output_type == "error"] == []
    stored = [output.data.get("image/png") for output in outputs if "data" in output]
    assert {picture.split(",")[1] for picture in shown} <= set(stored)


def test_a_reopened_notebook_shows_its_last_picture(page, jupyter, console):
    code = "from bookrec_helpers.sliders import dimension_lab\ndimension_lab()"
    name = jupyter.put("reopened.ipynb", v4.new_notebook(cells=[v4.new_code_cell(code)]))
    open_notebook(page, name)
    run_all(page)
    area = page.locator(f".jp-OutputArea:has({HANDLE})")
    first = settled(area)
    last = press(area, area.locator(HANDLE).first, "ArrowRight", "!==", first)
    run_command(page, "docmanager:save")
    jupyter.shutdown_sessions()
    open_notebook(page, name)
    page.locator(PICTURE).wait_for()
    assert source(page) == last != first
    assert "Error" not in page.locator(".jp-Notebook").inner_text()


def test_a_quick_drag_computes_few_values_and_none_of_them_late(page, jupyter, console):
    code = (
        "import time\nfrom ipywidgets import IntSlider\n"
        "from bookrec_helpers.plots import Picture\nfrom bookrec_helpers.sliders import Lab\n"
        "picture = Picture()\nbar = picture.subplots().barh(0, 1)[0]\n"
        "picture.axes[0].set_xlim(0, 1000)\npicture.moving = [bar]\n"
        "def draw(result, n):\n    bar.set_width(n)\n    return f'It is {n}.'\n"
        "def compute(n):\n    time.sleep(0.2)\n"
        "lab = Lab({'n': IntSlider(0, 0, 1000)}, compute, draw, picture)\nlab"
    )
    cells = [v4.new_code_cell(code), v4.new_code_cell("print('computed', lab.computations)")]
    open_notebook(page, jupyter.put("drag.ipynb", v4.new_notebook(cells=cells)))
    run_all(page)
    area = page.locator(f".jp-OutputArea:has({HANDLE})")
    ends_a_drag_at_its_value(area, area.locator(HANDLE))
    run_all_but_the_first(page)
    computed = int(page.locator(".jp-OutputArea").last.inner_text().split()[-1])
    assert 2 <= computed <= 15  # the drag passes 60 places
    assert console == []


def source(area):
    """The picture as it is shown."""
    return area.locator(PICTURE).get_attribute("src")


def settled(area):
    """The picture once the kernel has answered to all that the sliders have sent."""
    shown = []
    while len(shown) < 3 or len(set(shown[-3:])) > 1:
        area.page.evaluate(ASK_THE_KERNEL)
        area.page.wait_for_timeout(100)
        shown.append(source(area))
    return shown[-1]


def picture(area, comparison, other):
    """Waits until the picture is (===) or is not (!==) the other one, and has settled."""
    area.page.wait_for_function(
        f"([area, selector, other]) => area.querySelector(selector)?.src {comparison} other",
        arg=[area.element_handle(), PICTURE, other],
        timeout=20_000,
    )
    return settled(area)


def press(area, handle, key, comparison, other):
    handle.press(key)
    return picture(area, comparison, other)


def moves_by_keyboard(area, handle):
    """An arrow key brings another picture, the key back brings the first again."""
    before = settled(area)
    step, back = keys(handle)
    press(area, handle, step, "!==", before)
    assert press(area, handle, back, "===", before) == before


def keys(handle):
    """The arrow key with room to go, and the one back."""
    if handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax"):
        return "ArrowLeft", "ArrowRight"
    return "ArrowRight", "ArrowLeft"


def ends_a_drag_at_its_value(area, handle):
    """Drags a handle there and a little back: the picture is that of the value it ends at."""
    start, mouse = settled(area), area.page.mouse
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 90, y, steps=40)
    mouse.move(x + 60, y, steps=20)
    mouse.up()
    dragged = picture(area, "!==", start)
    there, back = keys(handle)
    press(area, handle, there, "!==", dragged)
    assert press(area, handle, back, "===", dragged) == dragged


def run_all_but_the_first(page):
    page.locator(".jp-CodeCell").nth(1).click()
    run_command(page, "notebook:run-cell")
    wait_until_idle(page)
