"""The helper package stays thin: its limits, and whether the lines are counted right."""

import pytest

from tests.code_size import CORE, PACKAGE, Module, main, modules, totals

LIMITS = {
    "the package": 3_500,
    "the core": 900,
    "checks.py": 220,
    "raise statements in the core": 20,
    "the median function": 8,
    "the largest function": 45,
}
TOTALS = totals(modules())
SOURCE = '''\
"""A docstring of
two lines."""

SIZES = [
    1,  # a comment beside code
    # a comment on its own
]


def whole(n):
    """Only checks."""
    kind = type(n)
    if kind is not int:
        raise TypeError(
            "no int"
        )
    return n


class Table:
    """Another docstring."""

    def rows(self, n):
        if n < 0:
            raise ValueError("negative")

        text = """no docstring,
but a value"""
        try:
            return text * n
        except MemoryError:
            raise ValueError("too many") from None
'''


@pytest.mark.parametrize("what", LIMITS)
def test_the_package_stays_within_its_limits(what):
    assert TOTALS[what] <= LIMITS[what], f"{what}: see python -m tests.code_size"


def test_the_lines_are_counted_right():
    module = Module("model.py", SOURCE)
    assert len(module.code) == 3 + 7 + 10
    assert module.functions == {"model.py: whole": 7, "model.py: rows": 9}
    assert len(module.checks) == 7 + 2 + 1, "a function, an if, a raise"
    assert module.raises == 3 and module.in_core


def test_only_the_taught_modules_are_the_core():
    core = {module.name for module in modules() if module.in_core}
    assert core <= {f"{name}.py" for name in CORE}
    assert {"library.py", "model.py", "training.py"} <= core, PACKAGE


def test_it_prints_each_module_and_what_stands_beside(capsys):
    main()
    printed = capsys.readouterr().out
    assert all(module.name in printed for module in modules())
    for words in ("checks in the core", "the median function", "JavaScript", "TOML"):
        assert words in printed
