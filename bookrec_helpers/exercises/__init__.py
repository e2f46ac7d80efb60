"""All lessons: exercises that answer back.

`check("02.1", answer)` judges, `hint("02.1")` helps, `solution("02.1")` shows. The words of a
lesson's exercises stand in `lesson_02.toml`, the names that their code uses in `lesson_02.py`;
both are read when one of them is asked for.
"""

import tomllib
from functools import cache
from importlib import import_module, resources

from bookrec_helpers.exercises.feedback import Box, Feedback
from bookrec_helpers.exercises.judging import Exercise

LESSONS = ("01", "02", "03", "04", "05", "06")

__all__ = ["LESSONS", "check", "find", "hint", "numbers", "solution"]


def check(number: str, answer) -> Feedback:
    """Judges an answer.

    Nothing that the answer does is thrown at the reader: what it raises is told, with its line.

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


def numbers(lesson: str) -> list[str]:
    """The numbers of a lesson's exercises, `numbers("02")` for lesson 02.

    Raises:
        ValueError: There is no such lesson.
    """
    return list(_lesson(lesson))


def find(number: str) -> Exercise:
    """The exercise itself.

    Raises:
        ValueError: There is no such exercise.
    """
    exercises = _lesson(str(number).partition(".")[0])
    if number not in list(exercises):
        known = ", ".join(f'"{known}"' for known in exercises)
        raise ValueError(f"There is no exercise {number!r}; this lesson has {known}.")
    return exercises[number]


@cache
def _lesson(name):
    """A lesson's exercises by number."""
    if name not in LESSONS:
        raise ValueError(
            f"There is no lesson {name!r}; lessons {LESSONS[0]} to {LESSONS[-1]} have exercises, "
            'named like "02.1".'
        )
    names = vars(import_module(f"{__name__}.lesson_{name}"))
    words = resources.files(__name__).joinpath(f"lesson_{name}.toml").read_text("utf-8")
    entries = tomllib.loads(words)
    return {number: Exercise(**entry, names=names) for number, entry in entries.items()}
