"""Lesson 00: the check of the set-up, on this machine and on broken ones."""

import json
import os
import sys

import psutil
import pytest

from bookrec_helpers import start
from bookrec_helpers.start import MANAGER, check_setup, server_prefix


@pytest.fixture
def paths(tmp_path, monkeypatch):
    """An empty place in which Jupyter looks for extensions and settings."""
    monkeypatch.setattr(start, "jupyter_path", lambda *_: [str(tmp_path / "labextensions")])
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


def put_manager(folder):
    package = {"name": MANAGER, "version": "5.0", "jupyterlab": {"_build": {"load": "x.js"}}}
    place = folder / "labextensions" / MANAGER
    place.mkdir(parents=True)
    (place / "package.json").write_text(json.dumps(package))


def test_all_is_well_here_and_the_text_says_so_twice_without_paths():
    setup = check_setup()
    assert setup.ok and setup.mend == []
    assert repr(setup) == repr(check_setup())
    assert "All is here" in repr(setup) and "NO" not in repr(setup)
    assert sys.prefix not in repr(setup) and os.getcwd() not in repr(setup)
    assert len(repr(setup).splitlines()) <= 28  # one screen


def test_every_package_that_the_course_asks_for_has_a_row():
    assert {"torch", "ipywidgets", "pandas", "jupyterlab"} <= set(check_setup().frame.index)


def test_an_old_and_a_missing_package_are_named_with_what_to_do(monkeypatch):
    def version(name):
        if name == "tqdm":
            raise start.installed.PackageNotFoundError
        return "2.0" if name == "torch" else "99" if name == "jupyterlab" else real(name)

    real = start.installed.version
    monkeypatch.setattr(start.installed, "version", version)
    setup = check_setup()
    assert list(setup.frame.index[~setup.frame["ok"]]) == ["jupyterlab", "torch", "tqdm"]
    assert all("pip install -r requirements.txt" in sentence for sentence in setup.mend)
    assert "1. jupyterlab is 99." in repr(setup) and "3. tqdm is missing." in repr(setup)


def test_sliders_missing_where_the_server_runs(paths):
    (sentence,) = check_setup().mend
    assert "pip install jupyterlab_widgets" in sentence and server_prefix() in sentence


def test_sliders_present_in_another_place(paths):
    put_manager(paths)
    assert check_setup().ok


@pytest.mark.parametrize("name", [MANAGER, f"{MANAGER}:plugin"])
def test_sliders_switched_off(paths, name):
    put_manager(paths)
    settings = paths / "config" / "labconfig" / "page_config.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"disabledExtensions": {name: True}}))
    (sentence,) = check_setup().mend
    assert f"jupyter labextension enable {MANAGER}" in sentence


def test_the_server_may_run_in_another_environment(monkeypatch, tmp_path):
    program = tmp_path / "other" / "bin" / "python3"
    monkeypatch.setattr(psutil.Process, "cmdline", lambda self: [str(program), "jupyter-lab"])
    monkeypatch.setenv("JPY_PARENT_PID", str(os.getpid()))
    assert server_prefix() == str(tmp_path / "other")
    own = str(tmp_path / "ours" / "share" / "jupyter" / "labextensions")
    monkeypatch.setattr(start.sys, "prefix", str(tmp_path / "ours"))
    monkeypatch.setattr(start, "jupyter_path", lambda *_: [own])
    assert str(tmp_path / "other") in check_setup().mend[0]
    put_manager(tmp_path / "other" / "share" / "jupyter")
    assert check_setup().ok


@pytest.mark.parametrize("command", [["node"], ["/usr/lib/code/node"], []])
def test_a_parent_that_is_no_python_says_nothing(monkeypatch, command):
    monkeypatch.setattr(psutil.Process, "cmdline", lambda self: command)
    assert server_prefix() == sys.prefix


def test_a_folder_that_cannot_be_written(monkeypatch):
    def refuse(**_):
        raise PermissionError

    monkeypatch.setattr(start.tempfile, "TemporaryFile", refuse)
    (sentence,) = check_setup().mend
    assert "Copy the course to a folder of your own" in sentence


def test_a_torch_that_does_not_compute(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    (sentence,) = check_setup().mend
    assert sentence.startswith("PyTorch cannot compute here (ModuleNotFoundError")


def test_a_kernel_without_jupyterlab_is_told_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab_server.config", None)
    setup = check_setup()
    assert setup.frame.loc["sliders in JupyterLab", "found"] == "unknown" and not setup.ok
