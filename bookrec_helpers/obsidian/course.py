"""The notes that tie a course's lessons together: a map, its terms, its cards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

from bookrec_helpers.obsidian.markdown import slug, without_fences
from bookrec_helpers.obsidian.places import prose, read_notebook

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

    @property
    def link(self) -> str:
        """A link to its note."""
        return f"[[{self.file.stem}|{self.name}]]"

    def parts(self) -> list[tuple[str, str, str]]:
        """Its headings with what stands below them in their cell, (signs, heading, text)."""
        texts = map(without_fences, self.sources)
        return [match.groups() for text in texts for match in _PART.finditer(text)]

    def targets(self) -> set[tuple[str, str]]:
        """The headings that it links to, (stem, slug)."""
        links = _LINK.findall("\n".join(self.sources))
        return {(Path(path or self.file).stem, slug(anchor)) for path, anchor in links}


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
        self.terms: dict[tuple[str, str], tuple[str, str, Lesson]] = {}
        for lesson in self.lessons:
            parts = iter(lesson.parts())
            if any(heading == "Glossary" for _, heading, _ in parts):
                for _, term, meaning in takewhile(lambda part: len(part[0]) > 2, parts):
                    self.terms[lesson.file.stem, slug(term)] = term, meaning.strip(), lesson

    def notes_of_terms(self) -> dict[tuple[str, str], str]:
        """The names of the terms' notes, by the lesson's stem and the slug of the heading."""
        clean = {key: re.sub(r'[\\/:*?"<>|#^\[\]`$]+', " ", t[0]) for key, t in self.terms.items()}
        return {key: f"{' '.join(term.split())} ({self.name})" for key, term in clean.items()}

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

    def notes(self, convert: Callable[[Lesson, str], str]) -> Iterator[tuple[str, str, str]]:
        """The course's own notes, (path, kind, text), the kinds being map, term and cards.

        `convert` is given a lesson and Markdown of it, and returns what a note shows.
        """
        names = self.notes_of_terms()
        yield self.name, "map", "\n\n".join(self._map(convert, names))
        cards = []
        for key, (term, meaning, lesson) in self.terms.items():
            shown = convert(lesson, meaning)
            users = [f"- {lesson.link}" for lesson in self.lessons if key in lesson.targets()]
            used = ["## Used in", "\n".join(users)] if users else []
            yield f"terms/{names[key]}", "term", "\n\n".join([f"# {term}", shown, *used])
            cards.append(f"{term}::{' '.join(shown.split())}")
        for lesson in reversed(self.lessons):
            asked = (
                source for source in lesson.sources if re.search(r"^\*\*\d+\.\*\*", source, re.M)
            )
            quizzes = (quiz for source in asked for quiz in _QUIZ.findall(convert(lesson, source)))
            cards = [*(_card(*quiz) for quiz in quizzes), *cards]
        yield self.cards, "cards", "\n\n".join([f"# {self.cards}", *cards])

    def _map(self, convert: Callable[[Lesson, str], str], terms: dict) -> Iterator[str]:
        yield f"# {self.name}"
        for lesson in self.lessons:
            asked = _QUESTION.search("\n".join(lesson.sources[:2]))
            words = convert(lesson, asked[1]).replace("|", "/") if asked else lesson.title
            minutes = f" · {lesson.minutes} minutes" if lesson.minutes else ""
            yield f"## {lesson.name}\n\n[[{lesson.file.stem}|{words}]]{minutes}"
            yield from (
                convert(lesson, text) for _, name, text in lesson.parts() if name == "Takeaways"
            )
        if terms:
            links = (f"[[{note}|{self.terms[key][0]}]]" for key, note in terms.items())
            yield f"## Terms\n\n{' · '.join(links)}"
        yield f"## Cards\n\n[[{self.cards}]]"


def _lesson(file: Path) -> Lesson | None:
    notebook = read_notebook(file)
    metadata, sources = notebook["metadata"], tuple(prose(notebook["cells"]))
    if (about := metadata.get("lesson")) is None:
        return None
    number, title = str(about.get("number", "")), metadata.get("title", file.stem)
    return Lesson(file, number, title, about.get("minutes"), sources)


def _card(question: str, answer: str) -> str:
    """Question, `?`, answer, without a blank line, which would end the card."""
    sides = question, re.sub(r"^> ?", "", answer, flags=re.MULTILINE)
    return "\n?\n".join(re.sub(r"\n\s*\n", "\n", side.strip()) for side in sides)
