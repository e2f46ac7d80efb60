"""Every lesson's labs in a real JupyterLab: keyboard, drag, pictures, errors, a reopened page."""

import nbformat
import pytest
from conftest import NOTEBOOKS
from jupyter_page import SHOWN, SIZE, open_notebook, run_all, run_command, wait_until_idle
from nbformat import v4

# Lessons 04 to 09 train for minutes; tests/test_sliders.py moves their labs without a browser.
QUICK = ("00", "01", "02", "03")
LESSONS = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb") if p.name.startswith(QUICK))
LAB, HANDLE, PICTURE = ".bookrec-lab", ".noUi-handle", ".bookrec-live"
SHARP = 2304  # pixels across, of a picture at rest
# What a lab's picture says at rest. A question to the kernel is answered after all that was sent
# there before; what widgets send goes to a shell of their own, so each shell is asked. A slider
# sends its last value when the one before is answered: so it is asked twice. Only then is the
# picture drawn sharp; what it says, and what is stored of it, follow.
SETTLE = """async (box, sharp) => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const ask = async () => {
    const more = kernel.supportsSubshells && await kernel.requestListSubshell({}).done;
    for (const shell of [null, ...(more ? more.content.subshell_id : [])]) {
      kernel.subshellId = shell;
      const answer = kernel.requestKernelInfo();
      kernel.subshellId = null;
      await answer;
    }
  };
  const picture = () => box.querySelector('.bookrec-live');
  const rests = () => picture()?.complete && picture().naturalWidth === sharp && picture().alt;
  await ask();
  await ask();
  for (const end = Date.now() + 60_000; !rests();) {
    if (Date.now() > end) {
      throw new Error('The picture does not come to rest.');
    }
    await new Promise(resolve => setTimeout(resolve, 20));
  }
  await ask();
  return picture().alt;
}"""
# What a lab that did not move looks like from within.
STATE = """async box => {
  const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const subshells = kernel.supportsSubshells && await kernel.requestListSubshell({}).done;
  return {
    handles: [...box.querySelectorAll('.noUi-handle')].map(handle => handle.ariaValueNow),
    boxes: [...box.querySelectorAll('input')].map(input => input.value),
    told: [...box.querySelectorAll('.widget-html-content')].map(html => html.textContent),
    focus: document.activeElement?.className,
    kernel: kernel.status,
    subshells: subshells && subshells.content.subshell_id
  };
}"""
SCREEN = 800 - 120  # pixels that JupyterLab's bars leave of a screen 800 high


@pytest.fixture
def console(window):
    """The errors in the page's console."""
    page, errors = window.page, []

    def listen(said):
        if said.type == "error":
            errors.append(said.text)

    def fail(error):
        errors.append(str(error))

    page.on("console", listen)
    page.on("pageerror", fail)
    yield errors
    page.remove_listener("console", listen)
    page.remove_listener("pageerror", fail)


def test_every_lesson_has_a_lab():
    lessons = [p for p in NOTEBOOKS.glob("*.ipynb") if "_lab()" in p.read_text("utf-8")]
    assert len(lessons) == 10


@pytest.mark.parametrize("name", LESSONS)
def test_the_labs_of_a_lesson(show, jupyter, console, name):
    page = show(NOTEBOOKS / name)
    console.clear()  # what JupyterLab says of a notebook before that was closed early
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
    lesson = nbformat.read(jupyter.root / SHOWN, as_version=4)
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


@pytest.fixture
def lab_box(show):
    """Shows one lab, run, and returns its box."""

    def lab_box(lab="dimension_lab", size=SIZE):
        code = f"from bookrec_helpers.sliders import {lab}\nlab = {lab}()\nlab"
        page = show([v4.new_code_cell(code), v4.new_code_cell("print(lab.values)")])
        page.set_viewport_size(size)
        run_all(page)
        box = page.locator(LAB)
        box.wait_for()
        return box

    return lab_box


def test_a_lab_goes_on_after_a_reload(lab_box):
    box = lab_box()
    page = box.page
    press(box, box.locator(HANDLE).first, "ArrowRight", "!==", settled(box))
    run_command(page, "docmanager:save")
    page.goto(f"doc/tree/{SHOWN}")
    box.wait_for()
    wait_until_idle(page)
    before = settled(box)
    press(box, box.locator(HANDLE).first, "ArrowRight", "!==", before)
    assert box.locator("input").first.input_value() == "1,400"


def test_a_lab_says_what_to_do_after_a_restart(lab_box):
    box = lab_box()
    page = box.page
    settled(box)
    page.evaluate(
        "async () => { const p = window.jupyterapp.shell.currentWidget;"
        "await p.sessionContext.restartKernel(); }"
    )
    page.wait_for_function(
        "box => getComputedStyle(box, '::before').content.includes('Run this cell again')",
        arg=box.element_handle(),
    )
    wait_until_idle(page)
    assert box.locator(PICTURE).is_visible()


def test_a_reopened_notebook_shows_its_last_picture(window, lab_box):
    box = lab_box()
    press(box, box.locator(HANDLE).first, "ArrowRight", "!==", settled(box))
    said = box.locator(PICTURE).get_attribute("alt")
    run_command(box.page, "docmanager:save")
    page = window.empty()
    open_notebook(page, SHOWN)
    stored = page.locator(".jp-RenderedImage img")
    stored.wait_for()
    assert stored.get_attribute("alt") == said and "n = 1,200" in said
    told = page.locator(".jp-OutputArea-output.jupyter-widgets")
    told.wait_for()
    assert told.evaluate("node => getComputedStyle(node).fontSize") == "0px"
    assert "Run this cell" in told.evaluate("node => getComputedStyle(node, '::before').content")


def test_letters_typed_at_a_slider_stay_there(lab_box):
    box = lab_box()
    page, handle = box.page, box.locator(HANDLE).first
    for key in ("x", "b", "a", "m", "d", "d", "PageDown", "Home"):
        handle.press(key)
    page.wait_for_timeout(300)
    assert page.locator(".jp-Cell").count() == page.locator(".jp-CodeCell").count() == 2
    assert box.is_visible()


def test_a_number_typed_is_the_number_meant(lab_box):
    box = lab_box()
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
    run_all_but_the_first(box.page)
    assert "'n': 2000000" in box.page.locator(".jp-OutputArea").last.inner_text()


def test_the_first_steps_of_a_wide_slider_do_something(lab_box):
    box = lab_box()
    handle, typed = box.locator(HANDLE).first, box.locator("input").first
    handle.press("Home")
    for n in ("2", "3", "4"):
        press(box, handle, "ArrowRight", "!==", settled(box))
        assert typed.input_value() == n


@pytest.mark.parametrize("lab", ["dimension_lab", "map_lab", "model_lab"])
def test_a_lab_fits_on_a_screen_at_200_percent(lab_box, lab):
    box = lab_box(lab, {"width": 960, "height": 540})
    room = box.page.locator(".jp-WindowedPanel-outer").first.bounding_box()["height"]
    assert box.bounding_box()["height"] <= room


def test_a_picture_uses_the_width_of_a_wide_screen(lab_box):
    box = lab_box(size={"width": 1920, "height": 1080})
    settled(box)
    assert box.locator(PICTURE).bounding_box()["width"] > 0.85 * box.bounding_box()["width"]


def test_a_quick_drag_computes_few_values_and_none_of_them_late(show, console):
    code = (
        "import time\nfrom ipywidgets import IntSlider\n"
        "from bookrec_helpers.plots import Picture\nfrom bookrec_helpers.sliders import Lab\n"
        "picture = Picture()\nbar = picture.subplots().barh(0, 1)[0]\n"
        "picture.axes[0].set_xlim(0, 1000)\n"
        "def draw(result, n):\n    bar.set_width(n)\n    return f'It is {n}.'\n"
        "def compute(n):\n    time.sleep(0.2)\n"
        "lab = Lab({'n': IntSlider(0, 0, 1000)}, compute, draw, picture)\nlab"
    )
    page = show([v4.new_code_cell(code), v4.new_code_cell("print('computed', lab.computations)")])
    console.clear()
    run_all(page)
    area = page.locator(LAB)
    ends_a_drag_at_its_value(area, area.locator(HANDLE))
    run_all_but_the_first(page)
    computed = int(page.locator(".jp-OutputArea").last.inner_text().split()[-1])
    assert 2 <= computed <= 15  # the drag passes 60 places
    assert console == []


def settled(lab):
    """What the picture says once it shows what the sliders do. Its pixels hold a ghost, too."""
    return lab.evaluate(SETTLE, SHARP)


def picture(lab, comparison, other):
    """Waits until the picture is (===) or is not (!==) the other one, and has settled."""
    for _ in range(40):
        now = settled(lab)
        if (now == other) == (comparison == "==="):
            return now
    raise AssertionError(f"The picture never was {comparison} {other!r}: {lab.evaluate(STATE)}")


def press(area, handle, key, comparison, other):
    """Presses a key at a handle; once more if it went to a part that took the focus just then."""
    before = handle.get_attribute("aria-valuenow")
    handle.press(key)
    focused = handle.evaluate("handle => handle === document.activeElement")
    if not focused and handle.get_attribute("aria-valuenow") == before:
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
