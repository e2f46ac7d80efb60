"""The vault checker finds each fault it is there for, and nothing in a clean vault."""

import pytest

from tests.mathjax_node import typesetting_errors
from tests.vault import formulas, problems

CLEAN = """\
---
aliases:
  - "A title"
tags:
  - "jupyter"
---

# A title

See [[02_other#The rule|the rule]], [[02_other]] and [[#A title]], or `[[code]]`.

> [!success]- Answer
> ![[01_this-01.png|A picture|400]]
>
> ```python
> x = "[[nothing]]"  # %% <div>
> ```

| link |
| --- |
| [[02_other\\|on]] |
"""
OTHER = '---\naliases: ["Other"]\ntags: ["jupyter"]\n---\n\n## The rule\n\nIt is $n / 2$.\n'


@pytest.fixture
def vault(tmp_path):
    (tmp_path / "attachments").mkdir()
    (tmp_path / "attachments/01_this-01.png").write_bytes(b"PNG")
    (tmp_path / "01_this.md").write_text(CLEAN)
    (tmp_path / "02_other.md").write_text(OTHER)
    return tmp_path


def test_a_clean_vault_has_no_problem(vault):
    assert problems(vault) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("[[02_other]]", "[[03_gone]]", "01_this.md: the link to '03_gone' finds no note"),
        ("02_other\\|on", "03_gone\\|on", "01_this.md: the link to '03_gone' finds no note"),
        ("#The rule", "#A rule", "01_this.md: the link to 02_other#A rule finds no such heading"),
        ("[[#A title]]", "[[#B]]", "01_this.md: the link to #B finds no such heading"),
        ("# A title", "# B", "01_this.md: the link to #A title finds no such heading"),
        ("See", "![[gone.png]]", "01_this.md: the embed 'gone.png' is no file of the vault"),
        ("See", "![x](gone.png)", "01_this.md: the picture 'gone.png' is no file of the vault"),
        (
            "![[01_this-01.png|A picture|400]]",
            "",
            "01_this-01.png: no note embeds this attachment",
        ),
        ('aliases:\n  - "A', 'aliases: "A', "01_this.md: the property aliases is no list of texts"),
        ("tags:", "tag:", "01_this.md: the property tags is no list of texts"),
        ('- "jupyter"', '- "my notes"', "01_this.md: 'my notes' is no tag"),
        ('- "A title"', '- "A title', "01_this.md: the properties are not YAML: "),
        ("---\naliases", "aliases", "01_this.md: there are no properties at the top"),
        ("[!success]", "[!answer]", "01_this.md: 'answer' is no callout type"),
        ("See", "<div>\nSee", "01_this.md: a raw HTML block begins with '<div>'"),
        ("See", "%% See", "01_this.md: a stray %% hides what follows it"),
        ("> ```\n", "", "01_this.md: a code fence stays open until the end"),
    ],
)
def test_each_fault_is_found(vault, old, new, told):
    assert old in CLEAN
    (vault / "01_this.md").write_text(CLEAN.replace(old, new, 1))
    assert any(message.startswith(told) for message in problems(vault)), problems(vault)


def test_two_files_of_one_name_are_found(vault):
    (vault / "more").mkdir()
    (vault / "more/02_Other.md").write_text(OTHER)
    assert "02_other.md: 2 files have this base name" in problems(vault)


def test_formulas_are_found_as_obsidian_finds_them():
    text = "$a$ and $ b$ for `$c$`\n\n$$\nd\n$$\n\n> $$e$$\n\n```\n$f$\n```\n\nfrom $5 to $6"
    assert formulas(text) == [("a", False), ("\nd\n", True), ("e", True)]


def test_mathjax_finds_a_formula_it_cannot_typeset():
    formulas = [(r"\lceil n / 2 \rceil", False), (r"\frac{1}{", True), (r"\unheard", False)]
    errors = typesetting_errors(formulas)
    assert [error.split(":")[0] for error in errors] == [r"\frac{1}{", r"\unheard"]
