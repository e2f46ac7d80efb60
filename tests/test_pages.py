"""A lesson as a web page, made by the command itself: pictures speak, answers stay folded."""

import subprocess
import sys

import nbformat
import pytest
from bs4 import BeautifulSoup

from tests.refresh import ROOT


@pytest.fixture(scope="module")
def lesson():
    return nbformat.read(ROOT / "notebooks" / "02_dimension.ipynb", as_version=4)


@pytest.fixture(scope="module")
def page():
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--stdout"]
    command.append(str(ROOT / "notebooks" / "02_dimension.ipynb"))
    made = subprocess.run(command, capture_output=True, check=True)
    return BeautifulSoup(made.stdout, "html.parser")


def test_each_picture_has_its_text_alternative_and_its_width(lesson, page):
    sizes = [
        output.metadata["image/png"]
        for cell in lesson.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    pictures = [img for img in page.find_all("img") if img["src"].startswith("data:image/png")]
    assert [img["alt"] for img in pictures] == [size["alt"] for size in sizes] != []
    assert [img["width"] for img in pictures] == [str(size["width"]) for size in sizes]


def test_answers_stay_folded(lesson, page):
    text = "\n".join(cell.source for cell in lesson.cells if cell.cell_type == "markdown")
    folds = [fold for fold in page.find_all("details") if fold.summary.text == "Answer"]
    assert len(folds) == text.count("> [!success]- Answer") > 2
    assert not any(fold.has_attr("open") for fold in folds)
    assert "[!" not in page.text and any(fold.find("p") for fold in folds)
