"""How an answer is judged: it is observed, and compared with the right and the usual wrong ones."""

import ast
import dis
import math
import sysconfig
import traceback
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import FunctionType

from bookrec_helpers.exercises.limit import Overtime, time_limit

HERE = "<exercise>"
LIBRARIES = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
OTHERS = (HERE, "<frozen", str(Path(__file__).parents[1]), *LIBRARIES)  # not the reader's code
IDLE = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
LONGEST = 200  # characters of an error's message
LIMIT = 10  # seconds that an answer may take
OVERTIME = "Your code still ran after {} seconds{} and was stopped. Has it a loop that never ends?"


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
    if value is None or value is ... or type(value) in (bool, int, float, str):
        return value
    raise TypeError(f"{type(value).__name__} is no number, string, list or dict")


@dataclass(frozen=True)
class Exercise:
    """An exercise as its checker knows it: an entry of `lesson_01.toml` and so on.

    Attributes:
        asks: What an answer has to be, such as "a whole number".
        hint: A push in the right direction.
        solution: Python source that uses names of the lesson; its last statement binds
            the answer to the name that it has in the lesson.
        right: What to say of a right answer.
        wrong: Usual mistakes: pairs of an answer, as Python source, and a reason.
        edits: Usual mistakes that are made out of the solution by exchanging a part of
            its source: triples of old part, new part and reason.
        otherwise: What to say of any other wrong answer. Without it, an example says it:
            the first of `seen` that differs.
        seen: Expressions whose values are compared, instead of the answer itself; a dict
            is compared entry by entry.
        given: What the expressions find beside the names of the lesson: words, numbers, and
            tables column by column.
        answer: An expression for the right answer, where the solution takes long to run.
        tolerance: Relative error allowed in numbers that are not whole.
        names: What the solution and the expressions find under the names of the lesson.
    """

    asks: str
    hint: str
    solution: str
    right: str
    wrong: list = ()
    edits: list = ()
    otherwise: str = ""
    seen: list = ()
    given: dict = field(default_factory=dict)
    answer: str = ""
    tolerance: float = 0.001
    names: dict = field(default_factory=dict, repr=False)

    @property
    def name(self):
        """The name of the answer in the lesson."""
        last = ast.parse(self.solution).body[-1]
        return getattr(last, "name", None) or last.targets[0].id

    def solve(self, old="", new=""):
        """Runs the solution, a part of it exchanged if one is given, and returns the answer."""
        space = dict(self.names)
        exec(compile(self.solution.replace(old, new), HERE, "exec"), space)
        return space[self.name]

    def mistakes(self):
        """The usual wrong answers themselves, each with its reason."""
        given = [(self._value(source), reason) for source, reason in self.wrong]
        return given + [(self.solve(old, new), reason) for old, new, reason in self.edits]

    @cached_property
    def right_answer(self):
        """The answer of the solution."""
        return self._value(self.answer) if self.answer else self.solve()

    @cached_property
    def expected(self):
        """What is seen of the right answer."""
        return self._observe(self.right_answer)

    @cached_property
    def known(self):
        """What is seen of the usual wrong answers, each with its reason."""
        return [(self._observe(mistake), reason) for mistake, reason in self.mistakes()]

    def judge(self, answer):
        """The status and the reason. Whatever the answer raises becomes a reason."""
        try:
            expected = self.expected  # what it imports is not imported under a time limit
            with time_limit(LIMIT):
                observed = ... if _untouched(answer) else self._observe(answer)
            reason = self._reason(observed, expected)
        except Overtime as error:
            reason = OVERTIME.format(LIMIT, _where(error))
        except (Exception, SystemExit) as error:
            reason = self._failure(answer, error)
        statuses = {self.right: "correct", self._waiting: "not attempted"}
        return statuses.get(reason, "incorrect"), reason

    def _value(self, source, **more):
        return eval(compile(source, HERE, "eval"), {**self.names, **self.given, **more})

    def _observe(self, answer):
        """What is compared of an answer: a dict of plain values."""
        told = {}
        for source in self.seen or [self.name]:
            value = plain(self._value(source, **{self.name: answer}))
            facts = isinstance(value, dict) and not source.startswith(self.name)
            told |= value if facts else {source: value}
        return told

    def _reason(self, observed, expected):
        if _untouched(observed):
            return self._waiting
        if self._same(observed, expected):
            return self.right
        reasons = (reason for seen, reason in self.known if self._same(observed, seen))
        return next(reasons, "") or self._difference(observed, expected)

    def _failure(self, answer, error):
        """What to say of an error."""
        told = " ".join("".join(traceback.format_exception_only(error)).split())
        told, where = told.replace("`", "'")[:LONGEST], _where(error)
        if "'ellipsis'" in told:
            return self._waiting
        return f"Your code stopped{where} with `{told}`" if where else self._misfit(answer, told)

    @property
    def _waiting(self):
        return f"It asks for {self.asks}. Replace each `...` and run the cell."

    def _misfit(self, answer, error=""):
        """A function in place of a function was tried in vain; all else has no place here."""
        told = f"Your answer is of another kind: {type(answer).__name__}."
        if callable(answer) and type(answer) is type(self.right_answer):
            told = f"Trying yours gave `{error}`"
        return f"This exercise asks for {self.asks}. {told}"

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
        key = next(key for key in observed if not self._same(observed[key], expected[key]))
        got, right = observed[key], expected[key]
        if self.otherwise:
            return self.otherwise if _kind(got) == _kind(right) else self._misfit(got)
        if got is None:
            return f"`{key}` gives nothing. Does every way through your function end in a `return`?"
        return f"`{key}` gives `{_shown(got)}`, where `{_shown(right)}` is right."


def _untouched(value):
    """Whether a placeholder is left, in a container or as the body of a function or method."""
    if isinstance(value, FunctionType):
        idle = all(step.opname in IDLE for step in dis.get_instructions(value))
        return idle and set(value.__code__.co_consts) <= {None, value.__doc__}
    if isinstance(value, (type, dict)):
        value = list(value.values() if isinstance(value, dict) else vars(value).values())
    return any(map(_untouched, value)) if isinstance(value, (list, tuple, set)) else value is ...


def _where(error):
    """The reader's own line that an error came from; nothing if it is not theirs."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith(OTHERS):
            return f" in line {frame.lineno}" + (f", `{frame.line}`," if frame.line else "")
    return ""


def _shown(value):
    return repr(round(value, 6) if isinstance(value, float) else value)[:LONGEST]


def _kind(value):
    return float if type(value) is int else type(value)
