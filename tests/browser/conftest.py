"""A real JupyterLab and a headless Chromium for the browser tests."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from jupyter_page import JupyterServer, Window
from nbformat import v4
from playwright.sync_api import expect, sync_playwright

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
expect.set_options(timeout=30_000)  # on a busy machine a kernel answers late
# Chromium shall ask no server of the outside for anything, and run as root too.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory):
    """The server of this run, with a copy of every lesson in its root folder."""
    server = JupyterServer(tmp_path_factory.mktemp("jupyter"))
    for notebook in sorted(NOTEBOOKS.glob("*.ipynb")):
        server.put(notebook.name, notebook)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium: the system's own, else Playwright's. Without one, see `_no_chromium`."""
    with sync_playwright() as playwright:
        path = system_chromium() or playwright.chromium.executable_path
        if not Path(path).exists():
            _no_chromium()
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def context(jupyter, browser):
    """A browser signed in to the server, with a memory: JupyterLab is fetched once, not a test."""
    context = browser.new_context(base_url=jupyter.url, accept_downloads=True)
    context.request.get(f"lab?token={jupyter.token}")  # leaves the sign-in cookie
    yield context
    context.close()


@pytest.fixture(scope="session")
def window(request, jupyter, context):
    """What all tests share; see `page` and `show`."""
    window = Window(context, jupyter, request.session)
    yield window
    window.close()


@pytest.hookimpl(trylast=True)  # after the fixtures' own ends, which may still use the page
def pytest_runtest_teardown(item, nextitem):
    """Closes the page after the last test here: idle, it would take time from all that follow."""
    leaves = nextitem is None or nextitem.path.parent != item.path.parent
    if leaves and "window" in item.funcargs:
        item.funcargs["window"].close()


@pytest.fixture
def page(window):
    """JupyterLab of 1280 by 800 with nothing open, while no kernel runs."""
    return window.empty()


@pytest.fixture
def show(window):
    """Shows a notebook, or cells, and returns the page; much quicker than to open one in `page`."""

    def show(what):
        return window.show(what if isinstance(what, Path) else v4.new_notebook(cells=what))

    return show


def system_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _no_chromium() -> None:
    """Skip, and say why; but where all is meant to be there, fail."""
    reason = (
        "NO BROWSER TEST RUNS: neither chromium, chromium-browser nor google-chrome is on the "
        "PATH, and `playwright install chromium` was not run."
    )
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(reason)
    pytest.skip(reason)
