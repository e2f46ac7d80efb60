"""How an answer is judged: it is observed, and compared with the right and the usual wrong ones."""

import dis
import math
import sysconfig
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType

# Code that the reader did not write.
OTHERS = (str(Path(__file__).parents[1]), *set(sysconfig.get_paths().values()), "<frozen")
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
LONGEST = 200  # characters of an error's message


def plain(value):
    """Numbers, strings, lists and dicts in place of arrays, tensors, frames and tuples.

    Raises:
        TypeError: The value holds anything else.
    """
    for convert in ("to_numpy", "tolist"):
        if hasattr(value, convert):
            value = getattr(value, convert)()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or value is ... or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} is no number, string, list or dict")


def letter(value):
    """One of the letters that name statements, in either case."""
    return value.strip().upper()


def calls(name, *inputs):
    """Observes a function: what it returns for each input, a tuple of arguments."""

    def seen(function):
        return {f"{name}{_told(given)}": plain(function(*given)) for given in inputs}

    return seen


@dataclass(frozen=True)
class Exercise:
    """An exercise as its checker knows it.

    Attributes:
        asks: What an answer has to be, such as "a whole number".
        hint: A push in the right direction.
        solution: Python source that uses names of the lesson and binds the answer last.
        right: What to say of a right answer.
        wrong: Usual mistakes, each with a reason of its own: an answer, or a dict with
            a part of what is observed of such answers.
        otherwise: What to say of any other wrong answer.
        seen: What is observed of an answer: turns it into what `plain` returns.
        expected: The right observation, where running the solution takes too long.
        tolerance: Relative error allowed in numbers that are not whole.
    """

    asks: str
    hint: str
    solution: str
    right: str
    wrong: tuple[tuple[object, str], ...]
    otherwise: str = "Not yet. The hint may help."
    seen: Callable = plain
    expected: object = None
    tolerance: float = 0.001

    def solve(self, names):
        """Runs the solution with these names, by default those of its lesson, and returns it."""
        space = dict(names)
        exec(self.solution, space)
        return next(reversed(space.values()))

    def judge(self, answer, names):
        """The status and the reason. Whatever the answer raises becomes a reason."""
        try:
            if _untouched(answer):
                return self._waiting()
            observed = self.seen(answer)
            return self._waiting() if _untouched(observed) else self._compare(observed, names)
        except (Exception, SystemExit) as error:
            told = " ".join("".join(traceback.format_exception_only(error)).split())[:LONGEST]
            if "ellipsis" in told.lower():
                return self._waiting()
            return "incorrect", _where(error, told) or self._other_kind(type(answer).__name__)

    def _waiting(self):
        return "not attempted", f"Replace each `...` and run the cell. It takes {self.asks}."

    def _other_kind(self, kind):
        return f"This exercise asks for {self.asks}. Your answer is of another kind: {kind}."

    def _compare(self, observed, names):
        expected = self.seen(self.solve(names)) if self.expected is None else self.expected
        if self._same(observed, expected):
            return "correct", self.right
        for pattern, reason in self.wrong:
            if self._like(observed, pattern):
                return "incorrect", reason
        return "incorrect", self._difference(observed, expected)

    def _like(self, observed, pattern):
        if isinstance(pattern, dict):
            return all(self._same(observed[key], part) for key, part in pattern.items())
        return self._same(observed, self.seen(pattern))

    def _same(self, a, b):
        if _kind(a) != _kind(b):
            return False
        if isinstance(a, dict):
            return a.keys() == b.keys() and all(self._same(a[key], b[key]) for key in a)
        if isinstance(a, list):
            return len(a) == len(b) and all(map(self._same, a, b))
        if float in (type(a), type(b)):
            return math.isclose(a, b, rel_tol=self.tolerance, abs_tol=1e-6)
        return a == b

    def _difference(self, observed, expected):
        """Names what differs, as far as that does not give the answer away."""
        if isinstance(observed, dict):
            if all(value is None for value in observed.values()):
                return "Your function returns nothing. Does it end with `return`?"
            call = next(key for key in expected if not self._same(observed[key], expected[key]))
            return f"`{call}` gives {observed[call]!r}, where {expected[call]!r} is right."
        if _kind(observed) != _kind(expected):
            return self._other_kind(_kind(observed))
        if isinstance(observed, list) and len(observed) != len(expected):
            return f"You gave {len(observed)} values, and {len(expected)} are asked for."
        return self.otherwise


def _untouched(value):
    """Whether a placeholder is left, in a container or as the body of a function or method."""
    if isinstance(value, FunctionType):
        idle = all(step.opname in IDLE for step in dis.get_instructions(value))
        return idle and set(value.__code__.co_consts) <= {None, value.__doc__}
    if isinstance(value, type):
        return any(
            isinstance(part, FunctionType) and _untouched(part) for part in vars(value).values()
        )
    if isinstance(value, (list, tuple, set)):
        return any(map(_untouched, value))
    return any(map(_untouched, value.values())) if isinstance(value, dict) else value is ...


def _where(error, told):
    """The error and the reader's own line that it came from; nothing if it is not theirs."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(OTHERS)]
    if not own:
        return ""
    line = f", `{own[-1].line}`," if own[-1].line else ""
    return f"Your code stopped in line {own[-1].lineno}{line} with {told}"


def _kind(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def _told(given):
    return f"({', '.join(map(repr, given))})"
