"""The notes that tie a course's lessons together: a map, its terms, its cards."""

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path

from nbformat import v4

from bookrec_helpers.obsidian.blocks import stack
from bookrec_helpers.obsidian.cells import NoteWriter
from bookrec_helpers.obsidian.formulas import without_fences
from bookrec_helpers.obsidian.places import Places, read_notebook, slug

_LINK = re.compile(r"\]\(([^()\s#]*)#([^()\s]+)\)")
_PART = re.compile(r"^(#+) +(.+?)[ \t]*$\n?(.*?)(?=^#+ |\Z)", re.MULTILINE | re.DOTALL)
_QUESTION = re.compile(r"\*\*([^*\n]+\?)\*\*")
# A number, the question up to its folded answer, and that answer.
_QUIZ = re.compile(r"(?m)^\*\*\d+\.\*\* *((?:(?!\*\*\d|>).*\n)+)> \[!success\]-.*\n((?:>.*\n?)+)")


class Lesson:
    """A notebook that says in its metadata that it is a lesson.

    Attributes:
        file: the notebook; its note has the name of its stem.
        name: number and title; lessons are ordered by it.
        minutes: how long it takes, None if it does not say.
        sources: of its Markdown cells.
    """

    def __init__(self, file: Path):
        metadata, self.sources = read_notebook(file)
        about, self.file = metadata["lesson"], file
        self.name = f"{about.get('number', '')} {metadata.get('title', file.stem)}".strip()
        self.minutes = about.get("minutes")

    def link(self, words: str = "") -> str:
        """A link to its note."""
        return f"[[{self.file.stem}|{words or self.name}]]"

    def parts(self) -> list[tuple[str, str, str]]:
        """Its headings with what stands below them in their cell, (signs, heading, text)."""
        return [part for text in self.sources for part in _PART.findall(without_fences(text))]

    def uses(self, word: str, note: str, names: dict[tuple[str, str], str]) -> bool:
        """Whether it links to a term's note, or has the word in its prose."""
        prose = re.split(r"(?m)^#+ Glossary$", without_fences(*self.sources))[0]
        links = ((Path(path or self.file).stem, slug(to)) for path, to in _LINK.findall(prose))
        is_named = re.search(rf"\b{re.escape(word)}s?\b", re.sub(r"`[^`]*`", "", prose), re.I)
        return bool(is_named) or note in map(names.get, links)


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
        found = [Lesson(file) for file in files if read_notebook(file)[0].get("lesson") is not None]
        self.lessons = sorted(found, key=lambda lesson: (lesson.name, lesson.file.stem))
        # The glossary, small headings below the heading "Glossary": (word, meaning, lesson) by the
        # name of a term's note; and these names by the lesson's stem and the slug of the heading.
        self.terms: dict[str, tuple[str, str, Lesson]] = {}
        self.names: dict[tuple[str, str], str] = {}
        for lesson in self.lessons:
            parts = iter(lesson.parts())
            if any(heading == "Glossary" for _, heading, _ in parts):
                for _, word, meaning in takewhile(lambda part: len(part[0]) > 2, parts):
                    clean = " ".join(re.sub(r'[\\/:*?"<>|#^\[\]`$]+', " ", word).split())
                    note = self.names[lesson.file.stem, slug(word)] = f"{clean} ({name})"
                    self.terms[note] = word, meaning.strip(), lesson

    def ties(self, stem: str) -> list[tuple[str, str, str]]:
        """What a lesson's note leads to, (property, note, words): before, the map, the next."""
        stems = [lesson.file.stem for lesson in self.lessons]
        if stem not in stems:  # it is not saved yet
            return []
        before, after = self.lessons[: stems.index(stem)], self.lessons[stems.index(stem) + 1 :]
        ties = [("prev", lesson.file.stem, f"← {lesson.name}") for lesson in before[-1:]]
        ties += [("up", self.name, "↑ All lessons")]
        return ties + [("next", lesson.file.stem, f"{lesson.name} →") for lesson in after[:1]]

    def notes(self, embed: Callable[..., str], tag: str) -> Iterator[tuple[str, str, str, str]]:
        """The course's own notes, (path, tag, title, text): the map, the terms and the cards.

        `embed` keeps their pictures, as for `NoteWriter`; `tag` is part of their tags.
        """

        def show(lesson: Lesson, text: str) -> str:
            stem = lesson.file.stem
            places = Places(lesson.sources, lesson.file.parent, self.names, stem, home=stem)
            return NoteWriter(v4.new_notebook(), embed, places).markdown(text)

        yield self.name, f"{tag}/map", "map", stack([f"# {self.name}", *self._map(show)])
        cards = [f"#flashcards/{tag}", f"# {self.cards}"]
        for lesson in self.lessons:
            asked = (text for text in lesson.sources if re.search(r"^\*\*\d+\.\*\*", text, re.M))
            found = [_card(*quiz) for text in asked for quiz in _QUIZ.findall(show(lesson, text))]
            cards += [f"## {lesson.name}", *found] if found else []
        cards += ["## Terms"] if self.terms else []
        for note, (word, meaning, lesson) in self.terms.items():
            shown = show(lesson, meaning)
            cards.append(f"{word}::{' '.join(shown.split())}")
            users = [user for user in self.lessons if user.uses(word, note, self.names)]
            used = ["## Used in", "\n".join(f"- {user.link()}" for user in users)] if users else []
            yield f"terms/{note}", f"{tag}/term", word, stack([f"# {word}", shown, *used])
        yield self.cards, f"flashcards/{tag}", "cards", stack(cards)

    def _map(self, show: Callable[[Lesson, str], str]) -> Iterator[str]:
        for lesson in self.lessons:
            asked = _QUESTION.search("\n".join(lesson.sources[:2]))
            words = show(lesson, asked[1]).replace("|", "/") if asked else lesson.name
            minutes = f" · {lesson.minutes} minutes" if lesson.minutes else ""
            yield f"## {lesson.name}\n\n{lesson.link(words)}{minutes}"
            for _, heading, text in lesson.parts():
                yield show(lesson, text) if heading == "Takeaways" else ""
        links = " · ".join(f"[[{note}|{word}]]" for note, (word, *_) in self.terms.items())
        yield links and f"## Terms\n\n{links}"
        yield f"## Cards\n\n[[{self.cards}]]"


def _card(question: str, answer: str) -> str:
    """Question, `?`, answer, without a blank line, which would end the card."""
    sides = question, re.sub(r"^> ?", "", answer, flags=re.MULTILINE)
    return "\n?\n".join(re.sub(r"\n\s*\n", "\n", side.strip()) for side in sides)
