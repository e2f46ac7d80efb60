"""The cell magic `%%note`: run a cell, show what it shows, offer it as Markdown."""

import html
import io
import json
from contextlib import suppress
from importlib.resources import files
from tokenize import TokenError

from IPython import get_ipython
from IPython.display import HTML, display
from IPython.utils.capture import CapturedIO, capture_output
from jupyter_client.jsonutil import json_default
from nbformat import v4

_BUTTON = (files(__package__) / "button.html").read_text(encoding="utf-8")
_CLEARED = "\033[2K\r"  # what IPython prints for `clear_output` where nothing can be cleared


def note(line: str, cell: str) -> None:
    """Run the cell, show its normal output, then a button that copies all as Markdown.

    Pictures are copied as data URIs.

    Raises:
        Exception: whatever the cell itself raises; then there is no button.
    """
    with capture_output() as captured:
        error = _run(get_ipython(), cell)
    # `clear_output` marks its place in the printed text.
    texts = (text.rpartition(_CLEARED)[2] for text in (captured.stdout, captured.stderr))
    shown = CapturedIO(*map(io.StringIO, texts), captured._outputs)
    shown.show()
    if error:
        raise error
    button = HTML(_BUTTON.replace("{markdown}", html.escape(_markdown(cell, shown))))
    # The tag keeps the button itself out of an exported note.
    display(button, metadata={"tags": ["remove-output"]})


def _run(ipython, cell: str) -> BaseException | None:
    """Run the cell and return its error, not yet shown, with the traceback of a bare cell."""
    interactivity = ipython.ast_node_interactivity
    with suppress(SyntaxError, TokenError):  # which the run itself will show
        if ipython.displayhook.semicolon_at_end_of_expression(cell):
            ipython.ast_node_interactivity = "none"
    ipython._showtraceback = _keep
    try:
        result = ipython.run_cell(cell)
    finally:
        ipython.ast_node_interactivity = interactivity
        del ipython._showtraceback
    return result.error_before_exec or result.error_in_exec


def _keep(kind: type, error: BaseException, traceback: list[str]) -> None:
    error._render_traceback_ = lambda: traceback  # the name that IPython asks for


def _markdown(cell: str, shown: CapturedIO) -> str:
    from bookrec_helpers.obsidian.exporter import ObsidianExporter
    from bookrec_helpers.obsidian.figures import embed_inline

    outputs = [v4.new_output("stream", name="stdout", text=shown.stdout)]
    for output in shown.outputs:
        data = json.loads(json.dumps(output.data, default=json_default))  # bytes as base64
        outputs.append(v4.new_output("display_data", data, metadata=output.metadata or {}))
    notebook = v4.new_notebook(cells=[v4.new_code_cell(cell, outputs=outputs)])
    return ObsidianExporter().copy_cells(notebook, embed_inline)
