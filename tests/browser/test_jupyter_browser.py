"""The set-up itself: a notebook opens, runs, and shows what its code prints."""

from jupyter_page import open_notebook, run_all
from nbformat import v4


def test_a_notebook_opens_and_runs_in_a_fresh_kernel(page, jupyter):
    cells = [v4.new_code_cell("answer = 6 * 7"), v4.new_code_cell("print('it is', answer)")]
    open_notebook(page, jupyter.put("two_cells.ipynb", v4.new_notebook(cells=cells)))
    assert "two_cells.ipynb" in [s["path"] for s in jupyter.request("api/sessions")]
    run_all(page)
    assert page.locator(".jp-InputPrompt").all_inner_texts() == ["[1]:", "[2]:"]
    assert page.locator(".jp-OutputArea-output").inner_text().strip() == "it is 42"
