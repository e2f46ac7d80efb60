"""Typesets formulas with MathJax 3 in Node, which npm fetches at the first test that asks."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "mathjax"


def typesetting_errors(formulas: list[tuple[str, bool]]) -> list[str]:
    """What MathJax has against the formulas, (TeX, display), one sentence for each that fails.

    Skips the test, or fails it on a CI server, where npm or its registry is out of reach.
    """
    _install()
    run = subprocess.run(
        ["node", "typeset.js"],
        cwd=FOLDER,
        input=json.dumps(formulas),
        capture_output=True,
        text=True,
        check=True,
    )
    errors = json.loads(run.stdout)
    return [f"{tex}: {error}" for (tex, _), error in zip(formulas, errors, strict=True) if error]


def _install() -> None:
    """Into a folder of its own first, since test processes may come here at the same time."""
    if (FOLDER / "node_modules").exists():
        return
    if not (shutil.which("npm") and shutil.which("node")):
        _cannot("npm or node is not on the PATH")
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="node_modules_") as place:
        shutil.copy(FOLDER / "package.json", place)
        command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock"]
        run = subprocess.run(command, cwd=place, capture_output=True, text=True)
        if run.returncode:
            _cannot(f"npm could not fetch MathJax: {run.stderr.strip()[-300:]}")
        with contextlib.suppress(OSError):  # another process was first
            (Path(place) / "node_modules").rename(FOLDER / "node_modules")


def _cannot(reason: str) -> None:
    message = f"NO FORMULA IS CHECKED BY MATHJAX: {reason}."
    if os.environ.get("CI", "").lower() in ("true", "1"):
        pytest.fail(message)
    pytest.skip(message)
