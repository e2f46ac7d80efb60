"""The lint finds each breach of a house rule, and nothing in a cell that keeps them all."""

import pytest
from nbformat import v4

from tests.lint_markdown import lint

CLEAN = """\
## The rule

Half of $n$, rounded up, as in [the model](03_model.ipynb#Three-dimensions) or [above](#The-rule).

$$
\\begin{aligned}
d &= \\lceil n / 2 \\rceil
\\end{aligned}
$$

> [!tip] A short title
> One line of text with $\\lvert x \\rvert$ and $$x + 1$$

> [!success]- Answer
> It is 50.
>
> - one
> - two

| n | rule |
| --: | :-- |
| 10 | $\\lceil n / 2 \\rceil$ |

1. first
2. second

```python
price = "$5"  # [[x]] %% <div> ==
```

A last line with `<code>`, `$x`, a < b, 2 > 1."""


def notebooks(source, cell=v4.new_markdown_cell, stem="02_dimension"):
    model = v4.new_notebook(cells=[v4.new_markdown_cell("# Three dimensions")])
    return {stem: v4.new_notebook(cells=[cell(source)]), "03_model": model}


def test_a_cell_that_keeps_the_rules_is_clean():
    assert lint(notebooks(CLEAN)) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("Half of $ n$.", "rule 1: no spaces at the edges of '$ n$'"),
        ("Half of $n$2.", "rule 1: no digit right after the closing sign of '$n$2'"),
        ("A\n\n$$ x $$\n\nB", "rule 2: $$ stands alone on its line: '$$ x $$'"),
        ("A\n$$\nx\n$$\n\nB", "rule 2: a blank line stands before and after a formula"),
        ("A\n\n$$\nx\n$$\nB", "rule 2: a blank line stands before and after a formula"),
        ("A\n\n$$\nx\n\ny\n$$\n\nB", "rule 2: no blank line stands inside a formula"),
        ("> [!tip] A\n> $$\n> x\n> $$", "rule 2: a formula in a callout stands on one line"),
        ("\\begin{align}\nx\n\\end{align}", "rule 3: \\begin, \\( and \\[ stand inside $$ only"),
        ("Half \\\\(x\\\\).", "rule 3: \\begin, \\( and \\[ stand inside $$ only"),
        ("$$\n\\begin{align}\nx\n\\end{align}\n$$", "rule 3: aligned, and not align, inside $$"),
        ("Half of $a * b$.", "rule 3: \\ast, and not *, in a formula"),
        ("| a |\n| --- |\n| $|x|$ |", "rule 3: \\lvert, and never a bar, in a formula in a table"),
        ("It costs 5 $.", "rule 4: a literal dollar sign in prose"),
        ("It costs \\$5.", "rule 4: a literal dollar sign in prose"),
        ("> [!answer] A\n> B", "rule 5: 'answer' is none of Obsidian's callout types"),
        ("One line\ngoes on.", "rule 6: a paragraph is one line, this goes on: 'goes on.'"),
        ("> [!tip] A\n> one\n> two", "rule 6: a paragraph is one line, this goes on: '> two'"),
        ("- an item\nlazy", "rule 6: a paragraph is one line, this goes on: 'lazy'"),
        ("A note[^1].", "rule 7: a footnote"),
        ("It is ==so==.", "rule 7: =="),
        ("It is %%so%%.", "rule 7: %%"),
        ("See [[02_dimension]].", "rule 7: [[ ]]"),
        ("A line ^block-1", "rule 7: a block id"),
        ("<details>\n\nx\n\n</details>", "rule 7: raw HTML"),
        ("<!-- x -->", "rule 7: raw HTML"),
        ("# A: b", "rule 8: the heading 'A: b' holds one of # | ^ : %% [[ ]]"),
        ("# A\n\n## A", "rule 8: 2 headings read 'A'"),
        ("[a](04_gone.ipynb)", "rule 8: no lesson lies at '04_gone.ipynb'"),
        ("[a](more/03_model.ipynb)", "rule 8: no lesson lies at 'more/03_model.ipynb'"),
        ("[a](03_model.ipynb#x)", "rule 8: no heading stands at '03_model.ipynb#x'"),
        ("[a](#x)", "rule 8: no heading stands at '#x'"),
        ("```\nx\n```", "rule 10: fenced code names its language"),
        ("so " * 81, "rhythm: 81 words of prose, at most 80"),
    ],
)
def test_each_breach_is_found_with_notebook_and_cell(source, told):
    found = lint(notebooks(source))
    assert any(told in message for message in found), found
    assert all(message.startswith("02_dimension, ") for message in found)
    assert "cell 1" in found[0] or "headings" in found[0]


def test_long_code_and_a_space_in_a_name_are_found():
    found = lint(notebooks("\n".join(["x = 1"] * 11), v4.new_code_cell, "02 dimension"))
    assert found == [
        "02 dimension, rule 9: a file's stem holds no space",
        "02 dimension, cell 1, rhythm: 11 lines of code, at most 10",
    ]
