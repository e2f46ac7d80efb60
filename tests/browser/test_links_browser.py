"""A link to a term lands on it, and a lesson that nobody touched does not ask to be saved."""

from jupyter_page import open_notebook

TOP_OF = """text => {
  const headings = [...document.querySelectorAll('.jp-NotebookPanel:not(.lm-mod-hidden) h3')];
  const box = headings.find(h => h.textContent.replace('¶', '') === text)?.getBoundingClientRect();
  return box ? box.top : null;
}"""
KERNEL_HAS_TOLD = """async () => {
  const { sessionContext } = window.jupyterapp.shell.currentWidget;
  await sessionContext.ready;
  await sessionContext.session.kernel.info;
}"""
IS_DIRTY = "() => window.jupyterapp.shell.currentWidget.context.model.dirty"


def test_a_first_click_lands_on_the_term(page):
    open_notebook(page, "02_dimension.ipynb")
    page.get_by_role("link", name="parameters", exact=True).first.click(timeout=60_000)
    page.wait_for_function(
        f"() => {{ const top = ({TOP_OF})('parameter'); return top > 0 && top < 800; }}",
        timeout=90_000,
    )


def test_an_untouched_lesson_does_not_ask_to_be_saved(page):
    open_notebook(page, "00_start_here.ipynb")
    page.evaluate(KERNEL_HAS_TOLD)
    page.wait_for_timeout(500)  # what JupyterLab adds comes a moment later
    assert not page.evaluate(IS_DIRTY)
