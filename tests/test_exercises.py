"""Each exercise: the right answer, the usual wrong ones, a placeholder, and nonsense."""

import ast
import builtins
import re
import subprocess
import sys

import nbformat
import numpy as np
import pytest

from bookrec_helpers import exercises
from bookrec_helpers.exercises import check, find, hint, solution
from tests.refresh import LESSONS as NOTEBOOKS

NUMBERS = [number for lesson in exercises.LESSONS for number in exercises.numbers(lesson)]


class Spiteful:
    """An object of which nothing can be asked."""

    def __getattr__(self, name):
        raise RuntimeError("no " + name)

    def __eq__(self, other):
        return True

    def __repr__(self):
        raise RuntimeError("no repr")

    __hash__ = __bool__ = __len__ = __iter__ = __call__ = __repr__


class Agreeing(int):
    """A number that claims to be every other one."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def code_cells(lesson):
    """The code cells of a lesson's notebook."""
    path = next(path for path in NOTEBOOKS if path.stem.startswith(lesson))
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def bound(source):
    """The names that a source binds, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def used(source):
    """The names that a source reads and does not bind itself."""
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return names - set(bound(source)) - set(vars(builtins))


ABSURD = [Agreeing(7), "nonsense", "", None, ValueError, ValueError("no"), Spiteful(), Spiteful,
          object(), print, float("nan"), float("inf"), -1, True, 10**400, [], {}, [None], {"a": 1},
          b"4", 4j, lambda *args: 1 / 0, lambda *args: args, np.zeros((3, 3)), sys]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_passes_its_own_check(number):
    feedback = check(number, find(number).solve())
    assert (feedback.status, feedback.reason) == ("correct", find(number).right)


@pytest.mark.parametrize("number", NUMBERS)
def test_each_usual_mistake_gets_its_own_reason(number):
    answers, reasons = zip(*find(number).mistakes())
    told = [check(number, answer) for answer in answers]
    assert [feedback.status for feedback in told] == ["incorrect"] * len(told)
    assert [feedback.reason for feedback in told] == list(reasons)
    assert len(set(reasons)) == len(reasons) >= 3


@pytest.mark.parametrize("number", NUMBERS)
def test_each_edit_changes_the_solution(number):
    exercise = find(number)
    assert all(old in exercise.solution and old != new for old, new, _ in exercise.edits)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("placeholder", [..., [..., 1], {"a": ...}, (1, (..., 2))])
def test_a_placeholder_is_not_attempted(number, placeholder):
    assert check(number, placeholder).status == "not attempted"


@pytest.mark.parametrize("number", NUMBERS)
def test_nonsense_is_incorrect_and_never_a_traceback(number):
    for nonsense in ABSURD:
        feedback = check(number, nonsense)
        assert feedback.status == "incorrect"
        assert feedback.reason and repr(feedback)


def divides(n):
    total = n - n
    return 1 / total


def test_an_answer_that_raises_is_told_with_its_line():
    feedback = check("02.1", divides)
    assert feedback.status == "incorrect"
    line = divides.__code__.co_firstlineno + 2
    assert f"line {line}, `return 1 / total`" in feedback.reason
    assert "ZeroDivisionError: division by zero" in feedback.reason


def test_an_error_deep_in_a_library_is_told_with_the_readers_own_line():
    def halves(n):
        return np.linalg.inv(np.zeros((n, n + 1)))

    feedback = check("02.1", halves)
    assert f"line {halves.__code__.co_firstlineno + 1}, " in feedback.reason
    assert "LinAlgError" in feedback.reason


def documented(n):
    """The dimension for n categories."""
    ...


def half_done(n):
    half = ...
    return min(50, half)


def returns_a_placeholder(n):
    return ...


@pytest.mark.parametrize(
    "untouched",
    [documented, half_done, returns_a_placeholder, lambda n: ...],
    ids=lambda f: f.__name__,
)
def test_a_function_with_a_placeholder_is_not_attempted(untouched):
    assert check("02.1", untouched).status == "not attempted"


def test_a_function_without_return_is_incorrect_and_says_why():
    def forgets(n):
        min(50, (n + 1) // 2)

    feedback = check("02.1", forgets)
    assert (feedback.status, "`return`" in feedback.reason) == ("incorrect", True)


def test_a_mistake_that_nobody_listed_is_shown_on_an_example():
    feedback = check("02.1", lambda n: 7)
    assert feedback.status == "incorrect"
    assert "`my_dimension(1)` gives `7`, where `1` is right" in feedback.reason


@pytest.mark.parametrize("four", [4, 4.0, np.int64(4), np.array(4), np.float32(4)], ids=repr)
def test_a_number_may_come_in_any_form(four):
    assert check("02.2", four).status == check("02.3", four).status == "correct"


def test_a_text_in_place_of_a_number_is_told_apart():
    assert check("02.3", "4").status == "incorrect"
    assert "a whole number" in check("02.3", "4").reason


@pytest.mark.parametrize(
    "answer, callout",
    [(..., "> [!question] "), (3, "> [!failure] "), (4, "> [!success] ")],
)
def test_feedback_has_a_form_for_every_place(answer, callout):
    feedback = check("02.3", answer)
    forms = feedback._repr_mimebundle_()
    assert forms["text/markdown"].startswith(f"{callout}Exercise 02.3: {feedback.status}\n>\n> ")
    assert all(line.startswith(">") for line in forms["text/markdown"].splitlines())
    assert forms["text/plain"].startswith(f"Exercise 02.3: {feedback.status}\n")
    assert feedback.status in forms["text/html"] and "[!" not in forms["text/html"]


@pytest.mark.parametrize("number", NUMBERS)
def test_hint_and_solution_are_folded_wherever_they_show(number):
    exercise = find(number)
    for box, kind, text in (
        (hint(number), "tip", exercise.hint),
        (solution(number), "success", exercise.solution.strip()),
    ):
        forms = box._repr_mimebundle_()
        assert forms["text/markdown"].startswith(f"> [!{kind}]- ")
        assert forms["text/html"].startswith("<details") and " open" not in forms["text/html"]
        assert forms["text/plain"].endswith(text)
    assert "> ```python\n> " in solution(number)._repr_mimebundle_()["text/markdown"]


@pytest.mark.parametrize("number", ["02.99", "99.1", "2.1", 2.1, None, "", ["02.1"]])
@pytest.mark.parametrize("ask", [lambda number: check(number, 1), hint, solution])
def test_an_unknown_number_is_an_error_that_says_what_there_is(number, ask):
    with pytest.raises(ValueError, match=r"02\.1"):
        ask(number)


def test_importing_the_exercises_loads_nothing_heavy():
    code = (
        "import sys; from bookrec_helpers.exercises import check, hint, solution; check('02.3', 4);"
        "print([m for m in ('torch', 'pandas', 'numpy', 'sklearn') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("lesson", exercises.LESSONS)
def test_a_lesson_asks_for_each_of_its_exercises_with_hint_and_solution(lesson):
    sources = "\n".join(cell.source for cell in code_cells(lesson))
    asked = re.findall(r"^(?:check|hint|solution)\(.*\)$", sources, re.MULTILINE)
    assert asked == [
        line
        for number in exercises.numbers(lesson)
        for line in (
            f'check("{number}", {find(number).name})',
            f'hint("{number}")',
            f'solution("{number}")',
        )
    ]


@pytest.mark.parametrize("lesson", exercises.LESSONS)
def test_untouched_a_lesson_says_that_nothing_was_attempted(lesson):
    for cell in code_cells(lesson):
        if "check(" in cell.source:
            (output,) = cell.outputs
            assert "not attempted" in output.data["text/plain"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_uses_only_names_of_the_lesson_above_it(number):
    known = set()
    for cell in code_cells(number[:2]):
        if f'check("{number}"' in cell.source:
            break
        known |= set(bound(cell.source))
    assert used(find(number).solution) <= known
