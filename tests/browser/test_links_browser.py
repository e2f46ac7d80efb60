"""A link to a term lands on it, and a lesson that nobody touched does not ask to be saved."""

from jupyter_page import open_notebook, wait_until_idle

TOP_OF = """text => {
  const headings = [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) h3')];
  const box = headings.find(h => h.firstChild.textContent === text)?.getBoundingClientRect();
  return box ? box.top : null;
}"""
IS_DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"


def test_an_untouched_lesson_does_not_ask_to_be_saved(page):
    open_notebook(page, "00_start_here.ipynb")
    wait_until_idle(page)
    page.wait_for_timeout(2000)  # what JupyterLab adds comes a moment after the kernel
    assert not page.evaluate(IS_DIRTY)
