"""Drive a real JupyterLab as a learner does: open a notebook, run it, look at it.

The fixtures of `conftest.py` start the server and the browser; a test imports
the functions of this module to act on their page.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from playwright.sync_api import expect

START_SECONDS = 60
STOP_SECONDS = 10
SIZE = {"width": 1280, "height": 800}
SHOWN = "shown.ipynb"
# The icon in the toolbar says "idle" before there is any kernel, so the session itself is asked.
KERNEL_IS_IDLE = """() => {
  const panel = window.jupyterapp.shell.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === "idle";
}"""

CLOSE_ALL = """() => {
  for (const document of [...window.jupyterapp.shell.widgets("main")]) {
    if (document.context) {
      document.context.model.dirty = false;  // else it would ask whether to save
    }
    document.close();
  }
}"""
# Reads the file of the open notebook anew; its kernel keeps only what it has imported.
READ_ANEW = """async forget => {
  const { context, sessionContext } = window.jupyterapp.shell.currentWidget;
  await sessionContext.session.kernel.requestExecute({ code: forget }).done;
  await context.revert();
}"""
# JupyterLab draws cells when it is idle; an output of one not yet drawn is in no page.
DRAWN = """async () => {
  const { widgets } = window.jupyterapp.shell.currentWidget.content;
  await Promise.all(widgets.map(cell => cell.ready));
}"""
FORGET = "from ipywidgets import Widget\nWidget.close_all()\n%reset -f"


class JupyterServer:
    """A JupyterLab in a folder of its own: no setting of this computer reaches it.

    `root` is the folder that it serves, `url` its address with a closing slash
    and `token` the key that its interface asks for.
    """

    def __init__(self, folder: Path):
        self.root = folder / "notebooks"
        self.root.mkdir(parents=True)
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{_free_port()}/"
        self.log = folder / "server.log"
        _write_settings(folder)
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                self._command(), cwd=self.root, env=_environment(folder), stdout=log, stderr=log
            )
        self._wait_until_it_answers()

    def _command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "jupyterlab"),
            "--no-browser",
            "--allow-root",
            "--expose-app-in-browser",
            "--LabApp.extension_manager=readonly",  # it would ask for what can be installed
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.url.rstrip('/').rsplit(':', 1)[1]}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
        ]

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self.request("api/status")
                return
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        self.stop()
        raise RuntimeError(f"JupyterLab did not start; its log says:\n{self.log.read_text()}")

    def request(self, path: str, method: str = "GET", body: dict | None = None):
        """Ask the server's own interface; returns the decoded JSON, or None if it sent none."""
        headers = {"Authorization": f"token {self.token}"}
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = response.read()
        return json.loads(answer) if answer else None

    def put(self, name: str, notebook: nbformat.NotebookNode | Path) -> str:
        """Put a notebook, a file or one built in a test, under `name`; returns the name.

        One built in a test gets this Python as its kernel, or JupyterLab would ask for one.
        """
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(notebook, Path):
            shutil.copy(notebook, target)
        else:
            notebook.metadata.setdefault(
                "kernelspec", {"name": "python3", "display_name": "Python"}
            )
            nbformat.write(notebook, target)
        return name

    def shutdown_sessions(self) -> None:
        """End every kernel."""
        for session in self.request("api/sessions"):
            self.request(f"api/sessions/{session['id']}", "DELETE")

    def stop(self) -> None:
        """End the kernels and the server."""
        if self._process.poll() is None:
            self.shutdown_sessions()
            self._process.terminate()
        try:
            self._process.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:  # a kernel that was just starting holds it up
            self._process.kill()
            self._process.wait()


class Window:
    """JupyterLab in a page of the browser, in simple mode: one document and no side bar.

    It outlives a test, and so does a kernel, since to load them takes longer than most tests do.
    `tests` is pytest's session, which counts the failed ones.
    """

    def __init__(self, context, server: JupyterServer, tests):
        self._context, self._server, self._tests = context, server, tests
        self._page, self._shows, self._failures = None, False, 0

    @property
    def page(self):
        """The page, which has loaded JupyterLab; another one once a test has failed."""
        if self._failures != self._tests.testsfailed:
            self._failures = self._tests.testsfailed
            self.close()
        if self._page is None:
            self._page = self._context.new_page()
            self._page.goto("doc?reset")
            self._page.wait_for_function("window.jupyterapp")
            self._page.evaluate("async () => { await window.jupyterapp.restored; }")
        return self._page

    def empty(self):
        """Close what is open and end every kernel; returns the page."""
        self.page.set_viewport_size(SIZE)
        dismiss_notifications(self.page)
        self.page.evaluate(CLOSE_ALL)
        self._server.shutdown_sessions()
        self._shows = False
        return self.page

    def show(self, notebook: nbformat.NotebookNode | Path):
        """Open a notebook as `SHOWN`, whose kernel knows no name; returns the page.

        The kernel is the one of the notebook shown before, where most imports were made.
        """
        page = self.page
        self._server.put(SHOWN, notebook)
        if self._shows:
            page.set_viewport_size(SIZE)
            dismiss_notifications(page)
            page.evaluate(READ_ANEW, FORGET)
            page.evaluate(DRAWN)
            wait_until_idle(page)
        else:
            open_notebook(self.empty(), SHOWN)
            self._shows = True
        return page

    def close(self) -> None:
        """Give the page up, with whatever is on it; who asks for it next gets a new one."""
        if self._page:
            self._page.close()
        self._page, self._shows = None, False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _environment(folder: Path) -> dict[str, str]:
    places = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    return {**os.environ, **{name: str(folder / place) for name, place in places.items()}}


def _write_settings(folder: Path) -> None:
    """No news question and no check for updates: both need a network and cover the page.

    No notebook is saved but where a test saves it.
    """
    _write_json(
        folder / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings",
        {"fetchNews": "false", "checkForUpdates": False},
    )
    _write_json(
        folder / "settings/@jupyterlab/docmanager-extension/plugin.jupyterlab-settings",
        {"autosave": False},
    )
    _write_json(
        folder / "config/labconfig/page_config.json",
        {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}},
    )


def _write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def open_notebook(page, name: str) -> None:
    """Open a notebook of the server's root and wait for its cells, and until its kernel is idle."""
    run_command(page, "docmanager:open", path=name, factory="Notebook")
    page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook .jp-Cell").first.wait_for()
    page.evaluate(DRAWN)
    wait_until_idle(page)


def run_all(page) -> None:
    """Run all cells of the open notebook and wait until the last has run."""
    run_command(page, "notebook:run-all-cells")
    wait_until_idle(page)


def run_command(page, command: str, **arguments) -> None:
    """Run one of JupyterLab's commands by its id, and wait until it has ended."""
    page.evaluate(
        "async ([id, args]) => { await window.jupyterapp.commands.execute(id, args); }",
        [command, arguments],
    )


def dismiss_notifications(page) -> None:
    """Dismiss all that JupyterLab has told, and wait until it is gone."""
    run_command(page, "apputils:dismiss-notification")
    expect(page.locator(".jp-toast-message")).to_have_count(0)


def wait_until_idle(page, seconds: float = 90) -> None:
    """Wait until the open notebook's kernel has nothing left to do."""
    page.wait_for_function(KERNEL_IS_IDLE, timeout=1000 * seconds)
