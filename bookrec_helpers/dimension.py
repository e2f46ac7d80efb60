"""Lesson 02: how many numbers a category gets, by four published rules, and what that costs."""

from collections.abc import Callable
from dataclasses import dataclass

from bookrec_helpers.checks import whole

BYTES_PER_NUMBER = 4  # PyTorch's float32


def embedding_dimension(n: int, cap: int = 50) -> int:
    """The rule of the course: min(cap, n / 2), rounded up (lesson 02, The rule).

    Source: fast.ai's 2018 course, notebook lesson3-rossman, `min(50, (c + 1) // 2)`.

    Args:
        n: Number of categories (the cardinality), at least 1.
        cap: Largest dimension allowed, at least 1.

    Raises:
        TypeError: `n` or `cap` is not a whole number.
        ValueError: `n` or `cap` is below 1.
    """
    # (n + 1) // 2 is n / 2 rounded up; so one category gets one number, and not none.
    return min(whole("cap", cap), (whole("n", n) + 1) // 2)


@dataclass(frozen=True)
class Rule:
    """A published rule of thumb: `rule(n)` is the dimension it gives n categories."""

    name: str
    source: str
    formula: Callable[[int], float]

    def __call__(self, n: int) -> int:
        # A table of no columns could not tell anything apart.
        return max(1, round(self.formula(whole("n", n))))


_PUBLISHED = (
    Rule("min(50, n / 2)", "fast.ai course, lesson3-rossman, 2018", embedding_dimension),
    Rule(
        "min(600, 1.6 n^0.56)",
        "fast.ai library, fastai/tabular, November 2018",
        lambda n: min(600, 1.6 * n**0.56),
    ),
    Rule(
        "n^(1/4)",
        "Google, Introducing TensorFlow Feature Columns, November 2017",
        lambda n: n**0.25,
    ),
    Rule("6 n^(1/4)", "Wang, Fu, Fu, Wang, Deep & Cross Network, 2017", lambda n: 6 * n**0.25),
)
RULES = {rule.name: rule for rule in _PUBLISHED}


def table_parameters(n: int, dimension: int) -> int:
    """Numbers that an embedding table of n rows learns: n times the dimension (lesson 02, Costs).

    Raises:
        TypeError: An argument is not a whole number.
        ValueError: An argument is below 1.
    """
    return whole("n", n) * whole("dimension", dimension)


def table_bytes(n: int, dimension: int) -> int:
    """Memory of a table in bytes, at 4 bytes a number, float32 (lesson 02, Costs).

    Training with Adam needs four times as much: it keeps the gradient and two averages.

    Raises:
        TypeError: An argument is not a whole number.
        ValueError: An argument is below 1.
    """
    return table_parameters(n, dimension) * BYTES_PER_NUMBER
