"""Lesson 00: whether all that the course needs is here, and what to do where it is not."""

import importlib.metadata
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement

MANAGER = "@jupyter-widgets/jupyterlab-manager"  # the part of jupyterlab_widgets inside JupyterLab
INSTALL = "In the folder of the course run: pip install -r requirements.txt; then restart."


@dataclass
class Setup:
    """What `check_setup` found; it shows itself as text.

    Attributes:
        frame: One row a thing that the course needs, with `found`, `needed` and `ok`.
        mend: What to do: a sentence for each row that is not ok.
    """

    frame: pd.DataFrame
    mend: list[str]

    @property
    def ok(self) -> bool:
        """Whether nothing is missing."""
        return not self.mend

    def __repr__(self):
        shown = self.frame.assign(ok=self.frame["ok"].map({True: "yes", False: "NO"}))
        if self.ok:
            told = ["All is here. Move the slider below: if the picture follows, go on."]
        else:
            told = [f"{i}. {sentence}" for i, sentence in enumerate(self.mend, 1)]
        return "\n".join([shown.to_string(), "", *told])


def check_setup() -> Setup:
    """Checks Python, the packages, PyTorch, the sliders' part of JupyterLab, and the folder.

    Returns:
        A `Setup`: a table, and a sentence on each thing to mend.
    """
    rows = [_python(), *map(_package, _needs()), _torch(), _sliders(), _folder()]
    frame = pd.DataFrame(
        [row[:3] for row in rows], [row[3] for row in rows], ["found", "needed", "ok"]
    )
    return Setup(frame, [row[4] for row in rows if not row[2]])


def _needs() -> list[Requirement]:
    """What this package asks for, by its own metadata."""
    asked = map(Requirement, importlib.metadata.requires("bookrec-helpers") or [])
    return [need for need in asked if need.marker is None or need.marker.evaluate()]


def _python() -> tuple:
    found = ".".join(map(str, sys.version_info[:3]))
    mend = f"Python is {found}, but the course needs 3.11 or later. Install it and start afresh."
    return found, ">=3.11", sys.version_info >= (3, 11), "Python", mend


def _package(need: Requirement) -> tuple:
    try:
        found = importlib.metadata.version(need.name)
    except importlib.metadata.PackageNotFoundError:
        found = "missing"
    ok = found != "missing" and need.specifier.contains(found, prereleases=True)
    mend = f"{need.name} is {found}. {INSTALL}"
    return found, str(need.specifier) or "any", ok, need.name, mend


def _torch() -> tuple:
    """One gradient on the CPU."""
    try:
        import torch

        number = torch.ones(1, requires_grad=True)
        (3 * number).backward()
        ok, why = number.grad.item() == 3, "it computes wrongly"
    except Exception as error:  # a broken installation raises many kinds
        ok, why = False, f"{type(error).__name__}: {error}"
    mend = f"PyTorch cannot compute here ({why}). {INSTALL}"
    return "works" if ok else "fails", "works", ok, "PyTorch on the CPU", mend


def _sliders() -> tuple:
    """Whether the JupyterLab that serves this notebook has the sliders' part, switched on."""
    try:
        from jupyterlab_server.config import get_federated_extensions, get_page_config
    except ImportError:
        return "unknown", "present", False, "sliders in JupyterLab", INSTALL
    server = server_prefix()
    here, there = (
        Path(prefix, "share", "jupyter", "labextensions") for prefix in (sys.prefix, server)
    )
    places = [
        str(there) if Path(place) == here else place for place in jupyter_path("labextensions")
    ]
    found, mend = "present", ""
    if MANAGER not in get_federated_extensions(places):
        found = "missing"
        mend = f"JupyterLab runs from {server}, which lacks the sliders. In that environment run: "
        mend += "pip install jupyterlab_widgets; then start JupyterLab anew."
    elif MANAGER in [name.split(":")[0] for name in get_page_config(places)["disabledExtensions"]]:
        found = "switched off"
        mend = f"Run: jupyter labextension enable {MANAGER}; then start JupyterLab anew."
    return found, "present", found == "present", "sliders in JupyterLab", mend


def server_prefix() -> str:
    """The environment of the process that started this kernel; this one's where not Python's."""
    try:
        parent = psutil.Process(int(os.environ.get("JPY_PARENT_PID", os.getppid())))
        program = Path(parent.cmdline()[0])
    except (psutil.Error, IndexError):
        return sys.prefix
    if not program.is_absolute() or not program.name.startswith("python"):
        return sys.prefix
    folder = program.parent
    return str(folder.parent if folder.name in ("bin", "Scripts") else folder)


def _folder() -> tuple:
    try:
        with tempfile.TemporaryFile(dir=os.curdir):
            ok = True
    except OSError:
        ok = False
    mend = f"Nothing can be saved in {os.getcwd()}. Copy the course to a folder of your own."
    return "yes" if ok else "no", "yes", ok, "folder can be written", mend
