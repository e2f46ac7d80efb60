"""Lesson 02: how many numbers a category gets, by four published rules, and what that costs."""

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass

BYTES_PER_NUMBER = 4  # PyTorch's float32
LARGEST = 2**63 - 1  # that PyTorch can count to


def whole(name: str, value: int, least: int = 1) -> int:
    """Returns `value` as an int.

    Raises:
        TypeError: It is not a whole number (True and 3.0 are not).
        ValueError: It is below `least`, or above 2**63 - 1.
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, not {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}.")
    if value > LARGEST:
        raise ValueError(f"{name} must be at most 2**63 - 1.")
    return int(value)


def positive(name: str, value: float) -> float:
    """Returns `value` as a float.

    Raises:
        ValueError: It is no finite number above 0.
    """
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        number = float(value) if real else math.nan
    except OverflowError:
        number = math.inf
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be a finite number above 0, not {value!r:.80}.")
    return number


def flag(name: str, value: bool) -> bool:
    """Returns `value`.

    Raises:
        TypeError: It is neither True nor False.
    """
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}.")
    return value


def embedding_dimension(n: int, cap: int = 50) -> int:
    """The rule of the course: min(cap, n / 2), rounded up.

    Source: fast.ai's 2018 course, lesson 3, `min(50, (c + 1) // 2)`.

    Args:
        n: Number of categories (the cardinality), at least 1.
        cap: Largest dimension allowed, at least 1.

    Raises:
        TypeError: `n` or `cap` is not a whole number.
        ValueError: `n` or `cap` is below 1.
    """
    return min(whole("cap", cap), (whole("n", n) + 1) // 2)


@dataclass(frozen=True)
class Rule:
    """A published rule of thumb: `rule(n)` is the dimension it gives n categories."""

    name: str
    source: str
    formula: Callable[[int], float]

    def __call__(self, n: int) -> int:
        return max(1, round(self.formula(whole("n", n))))


RULES = {
    rule.name: rule
    for rule in (
        Rule(
            "min(50, n / 2)",
            "fast.ai course, lesson 3, 2018",
            embedding_dimension,
        ),
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
        Rule(
            "6 n^(1/4)",
            "Wang, Fu, Fu, Wang, Deep & Cross Network, 2017",
            lambda n: 6 * n**0.25,
        ),
    )
}


def table_parameters(n: int, dimension: int) -> int:
    """Numbers that an embedding table of n rows learns: n times the dimension.

    Raises:
        TypeError: An argument is not a whole number.
        ValueError: An argument is below 1.
    """
    return whole("n", n) * whole("dimension", dimension)


def table_bytes(n: int, dimension: int) -> int:
    """Memory of an embedding table in bytes, at 4 bytes a number (float32).

    Training with Adam needs four times as much: it keeps the gradient and two averages.

    Raises:
        TypeError: An argument is not a whole number.
        ValueError: An argument is below 1.
    """
    return table_parameters(n, dimension) * BYTES_PER_NUMBER
