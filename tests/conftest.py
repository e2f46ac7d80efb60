"""Odd inputs take as long as they take: no test asserts a time, and hypothesis asserts none."""

import os
import signal

# Each core has a worker of its own. Before numpy and torch are imported, here or in a kernel.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

settings.register_profile("course", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("course")

# A shell lets what it starts in the background ignore interrupts; the tests send some.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Where tests share what takes long to make: each of these groups runs on one worker, the group of
# the most tests first. (With pytest 9.2 `--dist loadgroup` groups nothing: pytest-xdist #1386.)
GROUPS = {
    "tests/browser/": "browser",  # a server, a window of JupyterLab, a kernel
    "tests/test_sliders.py": "labs",  # each lab
    "tests/test_teacher_tables.py": "labs",
    "tests/test_interrupts.py": "kernel",
}


class ByGroup(LoadScopeScheduling):
    """Hands out one test after the other, but groups as a whole."""

    def _split_scope(self, nodeid):
        groups = (group for path, group in GROUPS.items() if nodeid.startswith(path))
        return next(groups, nodeid)


def pytest_xdist_make_scheduler(config, log):
    return ByGroup(config, log)
