"""A lesson as a web page: what `jupyter nbconvert --to html` leaves out by itself.

`nbconvert.json` beside this file, installed among Jupyter's settings, switches it on.
"""

import re
from html import escape

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode

# A folded callout: its title, and the quoted lines below.
_FOLDED = re.compile(r"^> \[!\w+\]- (.*)\n((?:>.*(?:\n|\Z))*)", re.MULTILINE)


class WebPage(Preprocessor):
    """Pictures keep their text alternative, and folded callouts stay folded."""

    def preprocess_cell(self, cell: NotebookNode, resources: dict, index: int) -> tuple:
        """The cell with folds and pictures as HTML; called by nbconvert for each cell."""
        if cell.cell_type == "markdown":
            cell.source = _FOLDED.sub(_fold, cell.source)
        for output in cell.get("outputs", []):
            size = output.get("metadata", {}).get("image/png", {})
            if "alt" in size:
                told = " ".join(f'{key}="{escape(str(value))}"' for key, value in size.items())
                data = output.data.pop("image/png")
                output.data["text/html"] = f'<img src="data:image/png;base64,{data}" {told}>'
        return cell, resources


def _fold(callout: re.Match) -> str:
    body = re.sub(r"^> ?", "", callout[2], flags=re.MULTILINE)
    return f"<details><summary>{callout[1]}</summary>\n\n{body}\n\n</details>\n"
