"""Every lesson's labs in a real JupyterLab: keyboard, drag, pictures, errors, a reopened page."""

import nbformat
import pytest
from conftest import NOTEBOOKS
from jupyter_page import open_notebook, run_all, run_command, wait_until_idle
from nbformat import v4

# Lessons 04 to 09 train for minutes; tests/test_sliders.py moves their labs without a browser.
QUICK = ("00", "01", "02", "03")
LESSONS = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb") if p.name.startswith(QUICK))
LAB, HANDLE, PICTURE = ".bookrec-lab", ".noUi-handle", ".bookrec-live"
SHARP = 2304  # pixels across, of a picture at rest
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
    lessons = [p for p in NOTEBOOKS.glob("*.ipynb") if "_lab()" in p.read_text("utf-8")]
    assert len(lessons) == 10


@pytest.mark.parametrize("name", LESSONS)
def test_the_labs_of_a_lesson(page, jupyter, console, name):
    open_notebook(page, name)
    run_all(page)
    labs = page.locator(LAB)
    labs.first.wait_for(timeout=20_000)
    said = []
    for lab in labs.all():
        lab.scroll_into_view_if_needed()
        assert lab.bounding_box()["height"] < SCREEN
        assert (
            lab.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea')]")
            .locator(".jp-RenderedImage img:visible")
            .count()
            == 0
        )
        for handle in lab.locator(HANDLE).all():
            moves_by_keyboard(lab, handle)
        ends_a_drag_at_its_value(lab, lab.locator(HANDLE).first)
        assert lab.locator(".widget-html-content b").count() == 0  # where a lab tells an error
        has_names(lab)
        said.append(lab.locator(PICTURE).get_attribute("alt"))
    assert console == []
    run_command(page, "docmanager:save")
    lesson = nbformat.read(jupyter.root / name, as_version=4)
    outputs = [output for cell in lesson.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.output_type == "error"] == []
    stored = [
        output.data.get("text/plain") for output in outputs if "image/png" in output.get("data", {})
    ]
    assert set(said) <= set(stored)


def has_names(lab):
    """Each control says its name and its value, as a reader sees them."""
    for control in lab.locator(".bookrec-control").all():
        handle, box = control.locator(HANDLE), control.locator("input")
        assert handle.get_attribute("aria-label") == control.locator("[data-now]").inner_text()
        assert handle.get_attribute("aria-valuetext") == box.input_value()
    for button in lab.locator("button").all():
        assert button.get_attribute("aria-label") or button.inner_text().strip()


def one_lab(jupyter, page, lab="dimension_lab", **more):
    """A notebook of one lab, run; returns its name and the lab's box."""
    code = f"from bookrec_helpers.sliders import {lab}\nlab = {lab}()\nlab"
    cells = [v4.new_code_cell(code), v4.new_code_cell("print(lab.values)")]
    name = jupyter.put(f"{lab}.ipynb", v4.new_notebook(cells=cells))
    open_notebook(page, name)
    run_all(page)
    box = page.locator(LAB)
    box.wait_for()
    return name, box


def test_a_lab_goes_on_after_a_reload(page, jupyter, console):
    _, box = one_lab(jupyter, page)
    press(box, box.locator(HANDLE).first, "ArrowRight", "!==", settled(box))
    run_command(page, "docmanager:save")
    page.reload()
    box.wait_for()
    wait_until_idle(page)
    before = settled(box)
    press(box, box.locator(HANDLE).first, "ArrowRight", "!==", before)
    assert box.locator("input").first.input_value() == "1,400"


def test_a_lab_says_what_to_do_after_a_restart(page, jupyter, console):
    _, box = one_lab(jupyter, page)
    settled(box)
    page.evaluate(
        "async () => { const p = window.jupyterapp.shell.currentWidget;"
        "await p.sessionContext.restartKernel(); }"
    )
    wait_until_idle(page)
    page.wait_for_timeout(1000)
    told = box.evaluate("box => getComputedStyle(box, '::before').content")
    assert "Run this cell again" in told
    assert box.locator(PICTURE).is_visible()


def test_a_reopened_notebook_shows_its_last_picture(page, jupyter, console):
    name, box = one_lab(jupyter, page)
    press(box, box.locator(HANDLE).first, "ArrowRight", "!==", settled(box))
    said = box.locator(PICTURE).get_attribute("alt")
    run_command(page, "docmanager:save")
    jupyter.shutdown_sessions()
    open_notebook(page, name)
    stored = page.locator(".jp-RenderedImage img")
    stored.wait_for()
    assert stored.get_attribute("alt") == said and "n = 1,200" in said
    told = page.locator(".jp-OutputArea-output.jupyter-widgets")
    told.wait_for()
    assert told.evaluate("node => getComputedStyle(node).fontSize") == "0px"
    assert "Run this cell" in told.evaluate("node => getComputedStyle(node, '::before').content")


def test_letters_typed_at_a_slider_stay_there(page, jupyter, console):
    _, box = one_lab(jupyter, page)
    handle, cells = box.locator(HANDLE).first, page.locator(".jp-Cell")
    for key in ("x", "b", "a", "m", "d", "d", "PageDown", "Home"):
        handle.press(key)
    page.wait_for_timeout(300)
    assert cells.count() == 2 and page.locator(".jp-CodeCell").count() == 2
    assert box.is_visible()


def test_a_number_typed_is_the_number_meant(page, jupyter, console):
    _, box = one_lab(jupyter, page)
    typed = box.locator("input").first
    for words, shown in (
        ("47", "47"),
        ("1,000", "1,000"),
        ("2 000 000", "2,000,000"),
        ("x", "2,000,000"),
    ):
        typed.fill(words)
        typed.press("Enter")
        settled(box)
        assert typed.input_value() == shown
        assert box.locator(HANDLE).first.get_attribute("aria-valuetext") == shown
    run_all_but_the_first(page)
    assert "'n': 2000000" in page.locator(".jp-OutputArea").last.inner_text()


def test_the_first_steps_of_a_wide_slider_do_something(page, jupyter, console):
    _, box = one_lab(jupyter, page)
    handle, typed = box.locator(HANDLE).first, box.locator("input").first
    handle.press("Home")
    for n in ("2", "3", "4"):
        press(box, handle, "ArrowRight", "!==", settled(box))
        assert typed.input_value() == n


@pytest.mark.parametrize("lab", ["dimension_lab", "map_lab", "model_lab"])
def test_a_lab_fits_on_a_screen_at_200_percent(page, jupyter, console, lab):
    page.set_viewport_size({"width": 960, "height": 540})
    _, box = one_lab(jupyter, page, lab)
    room = page.locator(".jp-WindowedPanel-outer").first.bounding_box()["height"]
    assert box.bounding_box()["height"] <= room


def test_a_picture_uses_the_width_of_a_wide_screen(page, jupyter, console):
    page.set_viewport_size({"width": 1920, "height": 1080})
    _, box = one_lab(jupyter, page)
    settled(box)
    assert box.locator(PICTURE).bounding_box()["width"] > 0.85 * box.bounding_box()["width"]


def test_a_quick_drag_computes_few_values_and_none_of_them_late(page, jupyter, console):
    code = (
        "import time\nfrom ipywidgets import IntSlider\n"
        "from bookrec_helpers.plots import Picture\nfrom bookrec_helpers.sliders import Lab\n"
        "picture = Picture()\nbar = picture.subplots().barh(0, 1)[0]\n"
        "picture.axes[0].set_xlim(0, 1000)\n"
        "def draw(result, n):\n    bar.set_width(n)\n    return f'It is {n}.'\n"
        "def compute(n):\n    time.sleep(0.2)\n"
        "lab = Lab({'n': IntSlider(0, 0, 1000)}, compute, draw, picture)\nlab"
    )
    cells = [v4.new_code_cell(code), v4.new_code_cell("print('computed', lab.computations)")]
    open_notebook(page, jupyter.put("drag.ipynb", v4.new_notebook(cells=cells)))
    run_all(page)
    area = page.locator(LAB)
    ends_a_drag_at_its_value(area, area.locator(HANDLE))
    run_all_but_the_first(page)
    computed = int(page.locator(".jp-OutputArea").last.inner_text().split()[-1])
    assert 2 <= computed <= 15  # the drag passes 60 places
    assert console == []


def source(lab):
    """What the picture says. (Its pixels hold a ghost of the setting before, too.)"""
    return lab.locator(PICTURE).get_attribute("alt")


def settled(lab):
    """The picture once the kernel has answered to all that the sliders have sent, and rests."""
    shown = []
    while len(shown) < 2 or len(set(shown[-2:])) > 1:
        lab.page.evaluate(ASK_THE_KERNEL)
        lab.page.wait_for_function(
            f"box => box.querySelector('{PICTURE}')?.naturalWidth === {SHARP}",
            arg=lab.element_handle(),
            timeout=60_000,
        )
        lab.page.wait_for_timeout(450)
        shown.append(source(lab))
    return shown[-1]


def picture(lab, comparison, other):
    """Waits until the picture is (===) or is not (!==) the other one, and has settled."""
    for _ in range(40):
        now = settled(lab)
        if (now == other) == (comparison == "==="):
            return now
    raise AssertionError(f"The picture never was {comparison} the one before.")


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
