"""How an answer is judged: it is observed, and compared with the right and the usual wrong ones."""

import ast
import dis
import math
import sysconfig
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType

HERE = "<exercise>"
LIBRARIES = [sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")]
OTHERS = (HERE, "<frozen", str(Path(__file__).parents[1]), *LIBRARIES)  # not the reader's code
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
    if value is None or value is ... or type(value) in (bool, int, float, str):
        return value
    raise TypeError(f"{type(value).__name__} is no number, string, list or dict")


def letter(value):
    """One of the letters that name statements, in either case."""
    return value.strip().upper()


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
        otherwise: What to say of any other wrong answer. Without it, an example says it.
        seen: Expressions whose values are compared, instead of the answer itself; a dict
            is compared entry by entry.
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
        source, space = self.solution, dict(self.names)
        exec(compile(source.replace(old, new) if old else source, HERE, "exec"), space)
        return space[self.name]

    def mistakes(self):
        """The usual wrong answers themselves, each with its reason."""
        for source, reason in self.wrong:
            yield self._value(source), reason
        for old, new, reason in self.edits:
            yield self.solve(old, new), reason

    def judge(self, answer):
        """The status and the reason. Whatever the answer raises becomes a reason."""
        try:
            if _untouched(answer):
                return self._waiting()
            observed = self._observe(answer)
            return self._waiting() if _untouched(observed) else self._compare(observed)
        except (Exception, SystemExit) as error:
            told = " ".join("".join(traceback.format_exception_only(error)).split())
            told = told.replace("`", "'")[:LONGEST]
            if "ellipsis" in told.lower():
                return self._waiting()
            return "incorrect", _where(error, told) or self._other_kind(type(answer).__name__)

    def _value(self, source, **more):
        return eval(compile(source, HERE, "eval"), {**self.names, **more})

    def _observe(self, answer):
        """What is compared of an answer: a dict of plain values."""
        told = {}
        for source in self.seen or [self.name]:
            value = plain(self._value(source, **{self.name: answer}))
            told |= value if isinstance(value, dict) else {source: value}
        return told

    def _waiting(self):
        return "not attempted", f"It asks for {self.asks}. Replace each `...` and run the cell."

    def _other_kind(self, kind):
        return f"This exercise asks for {self.asks}. Your answer is of another kind: {kind}."

    def _compare(self, observed):
        right = self._value(self.answer) if self.answer else self.solve()
        expected = self._observe(right)
        if self._same(observed, expected):
            return "correct", self.right
        for mistake, reason in self.mistakes():
            if self._same(observed, self._observe(mistake)):
                return "incorrect", reason
        return "incorrect", self._difference(observed, expected)

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
        if all(value is None for value in observed.values()):
            return "Your function returns nothing. Does it end with `return`?"
        key = next(key for key in observed if not self._same(observed[key], expected[key]))
        got, right = observed[key], expected[key]
        if _kind(got) != _kind(right):
            return self._other_kind(_kind(got))
        if self.otherwise or not self.seen:
            return self.otherwise or "Not yet. The hint may help."
        return f"`{key}` gives `{got!r}`, where `{right!r}` is right."


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
    return f"Your code stopped in line {own[-1].lineno}{line} with `{told}`"


def _kind(value):
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return type(value).__name__
