"""All lessons: exercises that answer back.

`check("02.1", answer)` judges, `hint("02.1")` helps, `solution("02.1")` shows. The exercises
of a lesson are in a module of their own, which is imported when one of them is asked for.
"""

from importlib import import_module

from bookrec_helpers.exercises.feedback import Box, Feedback

LESSONS = ("02",)

__all__ = ["LESSONS", "check", "hint", "numbers", "solution"]


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
    lesson, exercise = _find(number)
    return Feedback(number, *exercise.judge(answer, vars(lesson)))


def hint(number: str) -> Box:
    """A push in the right direction, folded.

    Raises:
        ValueError: There is no such exercise.
    """
    return Box("tip", f"Hint for {number}", _find(number)[1].hint, folded=True)


def solution(number: str) -> Box:
    """One right answer as code, folded.

    Raises:
        ValueError: There is no such exercise.
    """
    source = _find(number)[1].solution.strip()
    return Box("success", f"Solution of {number}", source, folded=True, code=True)


def numbers(lesson: str) -> list[str]:
    """The numbers of a lesson's exercises, `numbers("02")` for lesson 02.

    Raises:
        ValueError: There is no such lesson.
    """
    return list(_lesson(lesson).EXERCISES)


def _find(number):
    """The module of the lesson, and the exercise."""
    lesson = _lesson(str(number).partition(".")[0])
    if number not in lesson.EXERCISES:
        known = ", ".join(f'"{known}"' for known in lesson.EXERCISES)
        raise ValueError(f"There is no exercise {number!r}; this lesson has {known}.")
    return lesson, lesson.EXERCISES[number]


def _lesson(name):
    if name not in LESSONS:
        raise ValueError(
            f"There is no lesson {name!r}; lessons {LESSONS[0]} to {LESSONS[-1]} have exercises, "
            'named like "02.1".'
        )
    return import_module(f"bookrec_helpers.exercises.lesson_{name}")
