"""All lessons: exercises that answer back.

`check("02.1", answer)` judges, `hint("02.1")` helps, `solution("02.1")` shows. The words of a
lesson's exercises stand in `lesson_03.toml`; `lesson_03.py` beside it holds the names that their
code uses, if any. Both are read when one of the exercises is asked for.
"""

import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

from bookrec_helpers.exercises.feedback import Box, Feedback
from bookrec_helpers.exercises.judging import Exercise

FILES = {path.stem.removeprefix("lesson_"): path for path in Path(__file__).parent.glob("*.toml")}
LESSONS = tuple(sorted(FILES))

__all__ = ["LESSONS", "check", "find", "hint", "lesson", "solution"]


def check(number: str, answer) -> Feedback:
    """Judges an answer.

    Nothing that the answer does is thrown at the reader: what it raises is told, with its line,
    and so is a loop that has not ended after ten seconds.

    Args:
        number: The exercise's, such as "02.1".
        answer: Yours. `...` means that you have not tried yet.

    Returns:
        A `Feedback` with `status` and `reason`.

    Raises:
        ValueError: There is no such exercise.
    """
    return Feedback(number, *find(number).judge(answer))


def hint(number: str) -> Box:
    """A push in the right direction, folded.

    Raises:
        ValueError: There is no such exercise.
    """
    return Box("tip", f"Hint for {number}", find(number).hint, folded=True)


def solution(number: str) -> Box:
    """One right answer as code, folded.

    Raises:
        ValueError: There is no such exercise.
    """
    source = find(number).solution.strip()
    return Box("success", f"Solution of {number}", source, folded=True, code=True)


def find(number: str) -> Exercise:
    """The exercise itself.

    Raises:
        ValueError: There is no such exercise.
    """
    exercises = lesson(str(number).partition(".")[0])
    if number not in list(exercises):
        known = ", ".join(f'"{known}"' for known in exercises)
        raise ValueError(f"There is no exercise {number!r}; this lesson has {known}.")
    return exercises[number]


@cache
def lesson(name: str) -> dict[str, Exercise]:
    """A lesson's exercises by number, `lesson("02")` for lesson 02.

    Raises:
        ValueError: There is no such lesson.
    """
    if name not in FILES:
        known = ", ".join(LESSONS)
        raise ValueError(f'Lesson {name!r} has no exercises; {known} have, named like "02.1".')
    has_code = FILES[name].with_suffix(".py").exists()
    names = vars(import_module(f"{__name__}.lesson_{name}")) if has_code else {}
    entries = tomllib.loads(FILES[name].read_text("utf-8"))
    return {number: Exercise(**entry, names=names) for number, entry in entries.items()}
