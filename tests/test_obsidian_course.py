"""A vault that is a course: its map, its terms, its cards; and no note of a reader's is lost."""

import re
import subprocess
import sys

import nbformat
import pytest
import yaml
from nbformat import v4
from traitlets.config import Config

from bookrec_helpers.obsidian.exporter import ObsidianExporter
from tests.vault import problems

START = [
    "# Start\n\n**Where does it begin?**\n\n"
    "| | |\n|---|---|\n| **Time** | 5 minutes |\n| **You need** | a [code](#code) |",
    "## Takeaways\n\n- It begins.",
    "## Glossary\n\nTerms.",
    "### code\n\nA whole number for a category.\n\n### log loss\n\n"
    "The mean of $-\\log p$; see [code](#code).",
    "**Next:** [Vectors](01_vectors.ipynb)",
]
VECTORS = [
    "# Vectors",
    "A [code](00_start.ipynb#code) and the [loss](00_start.ipynb#log-loss).",
    "## Quiz\n\n**1.** What is $n / 2$ of 7?\n\n"
    "> [!success]- Answer\n> 3.5, or\n>\n> - 4, rounded up.",
    "**2.** True?\n\n> [!success]- Answer\n> No.",
]


def write(folder, stem, cells, number):
    folder.mkdir(exist_ok=True)
    sources = [v4.new_markdown_cell(source) for source in cells]
    metadata = {"lesson": {"number": number, "minutes": 5}, "title": cells[0].split("\n")[0][2:]}
    nbformat.write(v4.new_notebook(cells=sources, metadata=metadata), folder / f"{stem}.ipynb")


@pytest.fixture
def lessons(tmp_path):
    write(tmp_path / "lessons", "00_start", START, "00")
    write(tmp_path / "lessons", "01_vectors", VECTORS, "01")
    return tmp_path / "lessons"


@pytest.fixture
def vault(lessons):
    return export(lessons)


def export(*folders):
    """The vault into which one run of nbconvert's command exports all notebooks of the folders."""
    vault = folders[0].parent / "vault"
    vault.mkdir(exist_ok=True)
    exporter = ObsidianExporter(config=Config({"FilesWriter": {"build_directory": str(vault)}}))
    for file in (file for folder in folders for file in sorted(folder.glob("*.ipynb"))):
        resources = {"unique_key": file.stem}
        note, resources = exporter.from_filename(str(file), resources=resources)
        for name, data in resources["outputs"].items():
            (vault / name).parent.mkdir(exist_ok=True)
            (vault / name).write_bytes(data)
        (vault / f"{resources['unique_key']}.md").write_text(note)
    return vault


def properties(note):
    return yaml.safe_load(note.read_text().split("---\n")[1])


def contents(vault):
    return {str(path.relative_to(vault)): path.read_bytes() for path in vault.rglob("*.md")}


def test_the_command_writes_the_notes_of_the_course(lessons):
    command = [sys.executable, "-m", "nbconvert", "--to", "obsidian", "--output-dir", "../vault"]
    notebooks = ["00_start.ipynb", "01_vectors.ipynb"]
    subprocess.run([*command, *notebooks], cwd=lessons, check=True, timeout=120)
    vault = lessons.parent / "vault"
    assert problems(vault) == []
    assert sorted(contents(vault)) == [
        "00_start.md",
        "01_vectors.md",
        "Embedding dimensions cards.md",
        "Embedding dimensions.md",
        "terms/code (Embedding dimensions).md",
        "terms/log loss (Embedding dimensions).md",
    ]


def test_a_lesson_says_where_it_stands(vault):
    found = properties(vault / "01_vectors.md")
    assert found.pop("fingerprint")
    assert found == {
        "aliases": ["Embedding dimensions: 01 Vectors"],
        "tags": ["embeddings/lesson"],
        "course": "Embedding dimensions",
        "lesson": "01",
        "minutes": 5,
        "prev": "[[00_start]]",
        "up": "[[Embedding dimensions]]",
        "source": "lessons/01_vectors.ipynb",
    }
    body = (vault / "01_vectors.md").read_text().split("---\n\n", 1)[1]
    assert body.startswith(
        "[[00_start|← 00 Start]] · [[Embedding dimensions|↑ All lessons]]\n\n# V"
    )
    assert properties(vault / "00_start.md")["next"] == "[[01_vectors]]"


def test_the_head_of_a_lesson_is_a_box(vault):
    link = "[[code (Embedding dimensions)|code]]"
    box = f"> [!abstract] This lesson\n> **Time** 5 minutes\n>\n> **You need** a {link}\n"
    assert box in (vault / "00_start.md").read_text()


def test_the_map_gives_question_minutes_and_takeaways(vault):
    text = (vault / "Embedding dimensions.md").read_text()
    assert (
        "## 00 Start\n\n[[00_start|Where does it begin?]] · 5 minutes\n\n- It begins.\n\n## 01"
        in text
    )
    assert "[[log loss (Embedding dimensions)|log loss]]" in text
    assert "up" not in properties(vault / "Embedding dimensions.md")


def test_a_term_has_a_note_and_every_use_leads_to_it(vault):
    note = vault / "terms/log loss (Embedding dimensions).md"
    assert note.read_text().split("---\n\n", 1)[1] == (
        "# log loss\n\nThe mean of $-\\log p$; see [[code (Embedding dimensions)|code]].\n\n"
        "## Used in\n\n- [[01_vectors|01 Vectors]]\n"
    )
    assert properties(note)["tags"] == ["embeddings/term"]
    assert "[[log loss (Embedding dimensions)|loss]]" in (vault / "01_vectors.md").read_text()


def test_quizzes_and_terms_are_cards(vault):
    text = (vault / "Embedding dimensions cards.md").read_text()
    assert properties(vault / "Embedding dimensions cards.md")["tags"] == ["flashcards/embeddings"]
    assert "#flashcards/embeddings\n" in text
    assert "\n\nWhat is $n / 2$ of 7?\n?\n3.5, or\n- 4, rounded up.\n\nTrue?\n?\nNo.\n\n" in text
    assert "\n\ncode::A whole number for a category.\n\nlog loss::The mean" in text


def test_without_small_headings_in_the_glossary_a_term_has_no_note(lessons):
    write(
        lessons,
        "00_start",
        [*START[:3], "| term | meaning |\n|---|---|\n| code | a number |"],
        "00",
    )
    assert not (export(lessons) / "terms").exists()


def test_an_export_done_again_changes_nothing(lessons, vault):
    before = contents(vault)
    assert contents(export(lessons)) == before


def test_a_changed_note_stays_and_the_export_lies_beside_it(lessons, vault, caplog):
    note = vault / "01_vectors.md"
    note.write_text(note.read_text() + "\nMy own thought.\n")
    before = contents(vault)
    after = contents(export(lessons))
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {"01_vectors 2.md"}
    assert "01_vectors 2.md is written beside it" in caplog.text
    assert contents(export(lessons)) == after


def test_a_note_that_is_no_export_is_never_overwritten(lessons):
    (lessons.parent / "vault").mkdir()
    mine = lessons.parent / "vault/00_start.md"
    mine.write_text("My note.")
    vault = export(lessons)
    assert mine.read_text() == "My note."
    assert "# Start" in (vault / "00_start (lessons).md").read_text()


def test_cards_that_were_reviewed_stay_though_the_lessons_change(lessons, vault, caplog):
    cards = vault / "Embedding dimensions cards.md"
    reviewed = cards.read_text().replace("No.\n", "No.\n<!--SR:!2026-01-01,3,250-->\n")
    cards.write_text(reviewed)
    write(lessons, "01_vectors", [*VECTORS[:3], VECTORS[3].replace("True", "False")], "01")
    assert len(contents(export(lessons))) == len(contents(vault))
    assert cards.read_text() == reviewed
    assert "Embedding dimensions cards.md was reviewed or changed: it stays" in caplog.text


def test_a_changed_term_stays_and_gets_a_neighbor_only_for_news(lessons, vault):
    term = vault / "terms/code (Embedding dimensions).md"
    term.write_text(term.read_text() + "\nMine.\n")
    export(lessons)
    assert sorted(path.name for path in (vault / "terms").glob("code*")) == [term.name]
    write(lessons, "00_start", [part.replace("A whole", "Any whole") for part in START], "00")
    export(lessons)
    assert term.read_text().endswith("\nMine.\n")
    assert "Any whole" in (vault / "terms/code (Embedding dimensions) 2.md").read_text()


def test_two_notebooks_of_one_name_get_two_notes(tmp_path):
    png = b"\x89PNG a"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.png").write_bytes(png + name.encode())
        cells = [v4.new_markdown_cell(f"# Intro {name}\n\n![p](p.png)")]
        nbformat.write(v4.new_notebook(cells=cells), tmp_path / name / "Intro.ipynb")
    vault = export(tmp_path / "a", tmp_path / "b")
    for _ in range(2):
        for name, stem in (("a", "Intro"), ("b", "Intro (b)")):
            assert f"# Intro {name}" in (vault / f"{stem}.md").read_text()
            embedded = re.search(r"!\[\[(.+?)\|p\]\]", (vault / f"{stem}.md").read_text())[1]
            assert (vault / "attachments" / embedded).read_bytes() == png + name.encode()
        assert len(contents(vault)) == 2
        vault = export(tmp_path / "b")  # alone, in another run


def test_what_means_nothing_in_a_note_stays_out():
    def feedback(kind, title, text):
        data = {
            "text/markdown": f"> [!{kind}] {title}\n>\n> {text}",
            "text/plain": f"{title}\n{text}",
        }
        return [v4.new_output("execute_result", data, execution_count=1)]

    cells = [
        v4.new_markdown_cell("Press Shift + Enter.", metadata={"tags": ["remove-note"]}),
        v4.new_markdown_cell("### Exercise\n\nHow many?"),
        v4.new_code_cell(
            "mine = ...", outputs=feedback("question", "Exercise 01.1: not attempted", "?")
        ),
        v4.new_code_cell('hint("01.1")', outputs=feedback("tip", "Hint for 01.1", "Count.")),
        v4.new_code_cell('solution("01.1")', outputs=feedback("success", "Solution of 01.1", "3")),
        v4.new_code_cell("mine = 3", outputs=feedback("success", "Exercise 01.2: correct", "Yes.")),
    ]
    note, _ = ObsidianExporter().from_notebook_node(v4.new_notebook(cells=cells))
    assert note.split("---\n\n", 1)[1].split("\n\n") == [
        "### Exercise",
        "How many?",
        "> [!tip] Hint for 01.1\n> Count.",
        "> [!success] Solution of 01.1\n> 3",
        "```python\nmine = 3\n```",
        "> [!success] Exercise 01.2: correct\n> Yes.\n",
    ]
