"""The notes that tie a course's lessons together: a map, its terms, its cards."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from bookrec_helpers.obsidian.blocks import stack
from bookrec_helpers.obsidian.markdown import slug, without_fences
from bookrec_helpers.obsidian.places import read_notebook

_LINK = re.compile(r"\]\(([^()\s#]*)#([^()\s]+)\)")
_PART = re.compile(r"^(#+) +(.+?)[ \t]*$\n?(.*?)(?=^#+ |\Z)", re.MULTILINE | re.DOTALL)
_QUESTION = re.compile(r"\*\*([^*\n]+\?)\*\*")
_QUIZ = re.compile(
    r"^\*\*\d+\.\*\*[ ]*([^\n]*(?:\n(?!\*\*\d+\.\*\*|>)[^\n]*)*)\n"
    r"> \[!success\]-[^\n]*\n((?:>[^\n]*\n?)+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Lesson:
    """A notebook that says in its metadata that it is a lesson.

    Attributes:
        file: the notebook; its note has the name of its stem.
        number: as text, by which lessons are ordered.
        title: without the number.
        minutes: how long it takes, None if it does not say.
        sources: of its Markdown cells.
    """

    file: Path
    number: str
    title: str
    minutes: int | None
    sources: tuple[str, ...]

    @property
    def name(self) -> str:
        """Number and title."""
        return f"{self.number} {self.title}".strip()

    def parts(self) -> list[tuple[str, str, str]]:
        """Its headings with what stands below them in their cell, (signs, heading, text)."""
        texts = map(without_fences, self.sources)
        return [match.groups() for text in texts for match in _PART.finditer(text)]

    def targets(self) -> set[tuple[str, str]]:
        """The headings that it links to, (stem, slug)."""
        links = _LINK.findall("\n".join(self.sources))
        return {(Path(path or self.file).stem, slug(anchor)) for path, anchor in links}


class Term(NamedTuple):
    """What a course's glossary says, and the name of its note."""

    word: str
    meaning: str
    lesson: Lesson
    note: str


class Course:
    """The lessons of a folder, in their order.

    Args:
        folder: in which their notebooks lie; None if it is not known.
        name: of the course, None for none; its notes are named after it, so that they collide with
            nobody's.
    """

    def __init__(self, folder: Path | None, name: str | None):
        self.name, self.cards = name, f"{name} cards"
        files = folder.glob("*.ipynb") if folder and name else ()
        found = filter(None, map(_lesson, files))
        self.lessons = sorted(found, key=lambda lesson: (lesson.number, lesson.file.stem))
        # The glossary: small headings below the heading "Glossary", by stem and slug.
        self.terms: dict[tuple[str, str], Term] = {}
        for lesson in self.lessons:
            parts = iter(lesson.parts())
            if any(heading == "Glossary" for _, heading, _ in parts):
                for _, word, meaning in takewhile(lambda part: len(part[0]) > 2, parts):
                    clean = " ".join(re.sub(r'[\\/:*?"<>|#^\[\]`$]+', " ", word).split())
                    term = Term(word, meaning.strip(), lesson, f"{clean} ({name})")
                    self.terms[lesson.file.stem, slug(word)] = term

    def ties(self, stem: str) -> list[tuple[str, str, str]]:
        """What a lesson's note leads to, (property, note, words): before, the map, the next."""
        stems = [lesson.file.stem for lesson in self.lessons]
        if stem not in stems:  # it is not saved yet
            return []
        at = stems.index(stem)
        before, after = self.lessons[:at][-1:], self.lessons[at + 1 : at + 2]
        return [
            *(("prev", lesson.file.stem, f"← {lesson.name}") for lesson in before),
            ("up", self.name, "↑ All lessons"),
            *(("next", lesson.file.stem, f"{lesson.name} →") for lesson in after),
        ]

    def notes(self, convert: Callable[[Lesson, str], str]) -> Iterator[tuple[str, str, str, str]]:
        """The course's own notes, (path, kind, title, text): the map, the terms and the cards.

        `convert` is given a lesson and Markdown of it, and returns what a note shows.
        """
        yield self.name, "map", "map", stack([f"# {self.name}", *self._map(convert)])
        quizzes, meanings = [], []
        for lesson in self.lessons:
            asked = (text for text in lesson.sources if re.search(r"^\*\*\d+\.\*\*", text, re.M))
            quizzes += [_card(*q) for text in asked for q in _QUIZ.findall(convert(lesson, text))]
        for key, (word, meaning, lesson, note) in self.terms.items():
            shown = convert(lesson, meaning)
            users = [
                f"- [[{user.file.stem}|{user.name}]]"
                for user in self.lessons
                if key in user.targets()
            ]
            used = "## Used in\n\n" + "\n".join(users) if users else ""
            yield f"terms/{note}", "term", word, stack([f"# {word}", shown, used])
            meanings.append(f"{word}::{' '.join(shown.split())}")
        yield self.cards, "cards", "cards", stack([f"# {self.cards}", *quizzes, *meanings])

    def _map(self, convert: Callable[[Lesson, str], str]) -> Iterator[str]:
        for lesson in self.lessons:
            asked = _QUESTION.search("\n".join(lesson.sources[:2]))
            words = convert(lesson, asked[1]).replace("|", "/") if asked else lesson.title
            minutes = f" · {lesson.minutes} minutes" if lesson.minutes else ""
            yield f"## {lesson.name}\n\n[[{lesson.file.stem}|{words}]]{minutes}"
            for _, heading, text in lesson.parts():
                yield convert(lesson, text) if heading == "Takeaways" else ""
        links = " · ".join(f"[[{term.note}|{term.word}]]" for term in self.terms.values())
        yield f"## Terms\n\n{links}" if links else ""
        yield f"## Cards\n\n[[{self.cards}]]"


def _lesson(file: Path) -> Lesson | None:
    metadata, sources = read_notebook(file)
    if (about := metadata.get("lesson")) is None:
        return None
    number, title = str(about.get("number", "")), metadata.get("title", file.stem)
    return Lesson(file, number, title, about.get("minutes"), sources)


def _card(question: str, answer: str) -> str:
    """Question, `?`, answer, without a blank line, which would end the card."""
    sides = question, re.sub(r"^> ?", "", answer, flags=re.MULTILINE)
    return "\n?\n".join(re.sub(r"\n\s*\n", "\n", side.strip()) for side in sides)
