"""Lesson 00: whether all that the course needs is here, and what to do where it is not."""

import importlib.metadata as installed
import os
import platform
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import pandas as pd
import psutil
from jupyter_core.paths import jupyter_path
from packaging.requirements import Requirement

from bookrec_helpers.checks import words

MANAGER = "@jupyter-widgets/jupyterlab-manager"  # the part of jupyterlab_widgets inside JupyterLab


class Setup:
    """What `check_setup` found; it shows itself as text.

    Attributes:
        frame: One row a thing that the course needs, with `found`, `needed` and `ok`.
        mend: What to do: a sentence for each row that is not ok.
        ok: Whether nothing is missing.
    """

    def __init__(self, rows):
        names, *columns, mend = zip(*rows)
        self.frame = pd.DataFrame(dict(zip(("found", "needed", "ok"), columns)), names)
        self.mend = [sentence for sentence, ok in zip(mend, self.frame["ok"]) if not ok]
        self.ok = not self.mend

    def __repr__(self):
        shown = self.frame.assign(ok=self.frame["ok"].map({True: "yes", False: "NO"}))
        told = [f"{i}. {sentence}" for i, sentence in enumerate(self.mend, 1)]
        return "\n".join([shown.to_string(), "", *(told or [words("all_fine")])])


def check_setup() -> Setup:
    """Checks Python, the packages, PyTorch, the sliders' part of JupyterLab, and the folder.

    Returns:
        A `Setup`: a table, and a sentence on each thing to mend.
    """
    asked = map(Requirement, installed.requires("bookrec-helpers"))
    needs = [need for need in asked if need.marker is None or need.marker.evaluate()]
    return Setup([_python(), *map(_package, needs), _torch(), _sliders(), _folder()])


# Each of these makes a row: the name, what was found, what is needed, whether that is ok, and
# what to do where it is not.


def _python() -> tuple:
    found = platform.python_version()
    return "Python", found, ">=3.11", sys.version_info >= (3, 11), words("old_python", found=found)


def _package(need: Requirement) -> tuple:
    found = "missing"
    with suppress(installed.PackageNotFoundError):
        found = installed.version(need.name)
    ok = found != "missing" and need.specifier.contains(found, prereleases=True)
    mend = words("no_package", name=need.name, found=found)
    return need.name, found, str(need.specifier) or "any", ok, mend


def _torch() -> tuple:
    """One gradient on the CPU."""
    try:
        import torch

        why = "" if torch.func.grad(torch.square)(torch.tensor(1.5)) == 3 else "it computes wrongly"
    except Exception as error:  # a broken installation raises many kinds
        why = f"{type(error).__name__}: {error}"
    found = "fails" if why else "works"
    return "PyTorch on the CPU", found, "works", not why, words("no_torch", why=why)


def _sliders() -> tuple:
    """Whether the JupyterLab that serves this notebook has the sliders' part, switched on."""
    try:
        from jupyterlab_server.config import get_federated_extensions, get_page_config
    except ImportError:
        return "sliders in JupyterLab", "unknown", "present", False, words("no_jupyterlab")
    ours, theirs = (os.path.join(prefix, "share") for prefix in (sys.prefix, server_prefix()))
    places = [place.replace(ours, theirs) for place in jupyter_path("labextensions")]
    found, mend = "present", ""
    if MANAGER not in get_federated_extensions(places):
        found, mend = "missing", words("no_sliders", where=server_prefix())
    elif MANAGER in [name.split(":")[0] for name in get_page_config(places)["disabledExtensions"]]:
        found, mend = "switched off", words("sliders_off", name=MANAGER)
    return "sliders in JupyterLab", found, "present", not mend, mend


def server_prefix() -> str:
    """The environment of the process that started this kernel; this one's where not Python's."""
    with suppress(psutil.Error, IndexError):
        parent = psutil.Process(int(os.environ.get("JPY_PARENT_PID", os.getppid())))
        program = Path(parent.cmdline()[0])
        if program.is_absolute() and program.name.startswith("python"):
            inside = program.parent.name in ("bin", "Scripts")
            return str(program.parents[1 if inside else 0])
    return sys.prefix


def _folder() -> tuple:
    found = "no"
    with suppress(OSError):
        tempfile.TemporaryFile(dir=os.curdir).close()
        found = "yes"
    mend = words("no_folder", folder=os.getcwd())
    return "folder can be written", found, "yes", found == "yes", mend
