"""The package as a whole."""

import subprocess
import sys


def test_importing_the_package_loads_nothing_heavy():
    code = "import sys, bookrec_helpers; print([m for m in HEAVY if m in sys.modules])"
    heavy = "HEAVY = ['torch', 'pandas', 'numpy', 'sklearn', 'matplotlib', 'ipywidgets'];"
    run = subprocess.run([sys.executable, "-c", heavy + code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


def test_the_first_lessons_need_no_torch():
    code = (
        "import sys, bookrec_helpers.library, bookrec_helpers.encoding, "
        "bookrec_helpers.dimension, bookrec_helpers.plots; print('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "False", run.stdout + run.stderr
