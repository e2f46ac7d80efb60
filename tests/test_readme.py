"""The README is the contract: its commands, its table of lessons, its links, the pins, and the
workflow and the pre-commit hooks that it names."""

import importlib.metadata
import re

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement

from tests.refresh import LESSONS, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
PINS = [
    Requirement(line)
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith(("#", "-e"))
]


def test_ci_runs_the_readme_s_own_test_command():
    start, tests = re.findall(r"```bash\n(.+)\n```", README)[:2]
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert tests in script
    assert "-m pip install -r requirements.txt" in start
    assert start.endswith("notebooks/00_start_here.ipynb")


def test_the_workflow_runs_the_readme_s_own_commands_everywhere():
    text = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    [job] = yaml.safe_load(text)["jobs"].values()
    commands = {step["run"]: step.get("if") for step in job["steps"] if "run" in step}
    start, tests = re.findall(r"```bash\n(.+)\n```", README)[:2]
    [windows] = re.findall(r"```powershell\n(.+)\n(.+)\n```", README)
    for command in (start.split(" && ")[1], tests):
        assert commands[command] == "runner.os != 'Windows'"
    for command in (windows[0].split("; ")[1], windows[1]):
        assert commands[command] == "runner.os == 'Windows'"
    systems, pythons = job["strategy"]["matrix"]["os"], job["strategy"]["matrix"]["python"]
    assert [system.split("-")[0] for system in systems] == ["ubuntu", "macos", "windows"]
    assert f"Linux, macOS and Windows with Python {pythons[0]} to {pythons[-1]}" in README


def test_the_hooks_are_ruff_and_stale_lessons_with_the_pinned_versions():
    text = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    [local] = yaml.safe_load(text)["repos"]
    entries = [hook["entry"] for hook in local["hooks"]]
    assert entries == ["ruff check .", "ruff format --check .", "python -m tests.refresh --check"]
    versions = {pin for hook in local["hooks"] for pin in hook["additional_dependencies"]}
    assert versions <= {str(pin) for pin in PINS}
    assert ".pre-commit-config.yaml" in README and "tests.refresh\n" in README


@pytest.mark.parametrize("path", LESSONS, ids=[path.stem for path in LESSONS])
def test_the_table_of_lessons_is_right(path):
    lesson = nbformat.read(path, as_version=4)
    number, title = lesson.metadata.lesson.number, lesson.metadata.title
    question = re.search(r"\*\*(.+\?)\*\*", lesson.cells[0].source)
    words = re.escape(question[1]) if question else ".+"
    minutes = lesson.metadata.lesson.minutes
    row = rf"\[{number} {title}\]\(notebooks/{path.name}\) \| {words} \| {minutes} \|"
    assert re.search(row, README), f"the README lacks: {row}"


def test_links_and_pictures_lead_to_files():
    targets = re.findall(r"\]\(((?!https?:)[^)#]+)", README)
    assert "notebooks/cover.png" in targets and "LICENSE" in targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("pin", PINS, ids=[pin.name for pin in PINS])
def test_the_pins_are_what_is_installed(pin):
    assert [clause.operator for clause in pin.specifier] == ["=="]
    assert pin.specifier.contains(importlib.metadata.version(pin.name))


def test_the_last_line_installs_the_package_itself():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").split("\n")
    assert [line for line in lines if line][-1] == "-e ."
    assert "-r requirements.txt" in (ROOT / "environment.yml").read_text(encoding="utf-8")
