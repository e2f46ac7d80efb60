"""Every solution is changed in one place, in every simple way: no wrong answer passes.

A mutant is a solution with another operator, constant or name, or without one of its lines,
arguments, elements or calls. One that is called correct has to be right: it is the same
answer, or it stands in `EQUIVALENT` by its changed line, with the reason why.
"""

import ast
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.distance import pdist

from bookrec_helpers import exercises
from bookrec_helpers.exercises import find

NUMBERS = [number for lesson in exercises.LESSONS for number in exercises.lesson(lesson)]
ARITHMETIC = ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow
COMPARISONS = ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq
REMOVABLE = "body", "args", "keywords", "elts"

# By exercise: why these changed lines are right, too.
EQUIVALENT = {
    "02.2": {
        "the same megabytes, to a thousandth": [
            "my_megabytes = 20000 * 50 * 4 / 1000001.0",
            "my_megabytes = 20000 * 50 * 4 / 999999.0",
            "my_megabytes = 20001 * 50 * 4 / 1000000.0",
            "my_megabytes = 19999 * 50 * 4 / 1000000.0",
        ],
    },
    "03.2": {
        "32 times 1 is 32, however it is written": [
            "fc2 = 32 / 1 + 1",
            "fc2 = 32 // 1 + 1",
            "fc2 = 32 ** 1 + 1",
            "fc2 = 32 + 1",
        ],
    },
    "03.4": {
        "of two axes, the last one is axis 1": [
            "x = torch.cat([self.user_embedding(users), self.book_embedding(books), "
            "self.genre_embedding(genres), self.author_embedding(authors)], dim=-1)",
            "return torch.sigmoid(self.fc2(x)).squeeze(1)",
            "return torch.sigmoid(self.fc2(x)).squeeze(--1)",
        ],
    },
    "04.1": {
        "liked is 0 or 1": ["given = p if liked >= 1 else 1 - p"],
    },
    "04.4": {
        "a sum that begins at nothing": [
            "total, notes = (0, 0)",
            "total, notes = (-0.0, 0)",
        ],
        "the optimizer holds all parameters of the model": ["model.zero_grad()"],
        "a tensor of one number adds up like the number": [
            "total, notes = (total + loss * len(labels), notes + len(labels))",
        ],
        "the four columns of a batch are equally long": [
            f"total, notes = (total + loss.item() * len({one}), notes + len({other}))"
            for column in ("users", "books", "genres")
            for one, other in (("labels", column), (column, "labels"))
        ],
    },
    "04.5": {
        "any first loss is below infinity, and sets the waiting to 0": [
            "best, waited = (float('inf'), 1)",
            "best, waited = (float('inf'), -1)",
            "best, epoch = (float('inf'), 0)",
            "best, loss = (float('inf'), 0)",
        ],
        "the waiting grows by one, so it meets the patience before it passes it": [
            "if waited >= patience:",
        ],
    },
    "05.2": {
        "the length of the row itself is the same for all others: it changes no order": [
            f"cosines = table @ table.loc[name] / lengths{changed}"
            for changed in ("", *(f" {sign} np.linalg.norm(table.loc[name])" for sign in "*+-"))
        ],
        "of two axes, the last one is axis 1": ["lengths = np.linalg.norm(table, axis=-1)"],
    },
    "05.4": {
        "a cosine never goes below -1": ["np.fill_diagonal(likeness, -2)"],
        "likeness is mutual: rows and columns are the same": ["return likeness.argmax(axis=0)"],
        "of two axes, the last one is axis 1": ["return likeness.argmax(axis=-1)"],
    },
    "07.3": {
        "directions past the last that has a strength are cut away in any case": [
            f"left, strengths, right = np.linalg.svd(users @ books.T{more})"
            for more in ("", *(f", full_matrices={flag}" for flag in (-1, 0, 1)))
        ],
    },
    "08.3": {
        "three lists of one length": [
            "return gaps.std(ddof=1) / np.sqrt(len(a))",
            "return gaps.std(ddof=1) / np.sqrt(len(b))",
        ],
    },
    "08.5": {
        "a page may say more": [
            repr(find("08.5").solve() + " too").join(["my_page = ", ""]),
        ],
    },
}


def variants(node, names):
    """What may stand in the place of a part of a program."""
    match node:
        case ast.BinOp():
            yield from (ast.BinOp(node.left, change(), node.right) for change in ARITHMETIC)
            yield from (node.left, node.right)
        case ast.Compare():
            yield from (ast.Compare(node.left, [sign()], node.comparators) for sign in COMPARISONS)
        case ast.Constant(value=int() | float() as value):
            yield from map(ast.Constant, (value + 1, value - 1, -value, 0))
        case ast.Constant():
            yield ast.Constant(f"{node.value} too")
        case ast.UnaryOp():
            yield node.operand
        case ast.IfExp():
            yield from (node.body, node.orelse, ast.IfExp(node.test, node.orelse, node.body))
        case ast.Name() if node.id in names:
            yield from map(ast.Name, sorted(names))
        case ast.Call():
            yield from node.args
            yield getattr(node.func, "value", node.func)
        case ast.Attribute():
            yield node.value
        case ast.Return():
            yield ast.Expr(node.value)


def changes(field, value, names):
    """A part of a program, or a list of parts, with one change in it."""
    if isinstance(value, ast.AST):
        yield from variants(value, names)
    for i, node in enumerate(value if isinstance(value, list) else []):
        if field in REMOVABLE:
            yield [*value[:i], *value[i + 1 :]] or [ast.Pass()] * (field == "body")
        for other in variants(node, names):
            yield [*value[:i], other, *value[i + 1 :]]


def mutants(source):
    """The sources of all mutants."""
    tree = ast.parse(source)
    names = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {node.id for node in ast.walk(tree) if isinstance(getattr(node, "ctx", 0), ast.Store)
              and isinstance(node, ast.Name)}  # fmt: skip
    found = {}
    for part in list(ast.walk(tree)):
        for field, value in list(ast.iter_fields(part)):
            for change in changes(field, value, names):
                setattr(part, field, change)
                found[ast.unparse(tree)] = True
            setattr(part, field, value)
    found.pop(ast.unparse(tree), None)
    return list(found)


def answer_of(source, exercise):
    """What a mutant answers; nothing if it is no program or stops with an error."""
    space = dict(exercise.names)
    try:
        exec(compile(source, "<exercise>", "exec"), space)
    except Exception:
        return None
    return space.get(exercise.name)


def is_the_same(answer, exercise):
    """Whether an answer that is no program is right by itself."""
    if exercise.name == "my_table":
        points = np.asarray(answer, float)
        distances = pdist(points)  # of Fantasy and Legend first, of Poetry and Satire last
        return (distances.argmin(), distances.argmax()) == (0, 5)
    return type(answer) in (int, float) and math.isclose(answer, exercise.right_answer)


def changed_line(mutant, source):
    """The line of a mutant that its solution does not have, or the line that it lacks."""
    old, new = ast.unparse(ast.parse(source)).splitlines(), mutant.splitlines()
    lines = [line.strip() for line in new if line not in old]
    return " ".join(lines or ["without", *(line.strip() for line in old if line not in new)])


def survivors(exercise):
    """The changed lines of the mutants that are called correct and are not the same answer."""
    source = exercise.solution
    if exercise.answer:  # the answer is a number, and any way to it is right
        source = f"{exercise.name} = {exercise.right_answer!r}"
    with warnings.catch_warnings(record=True):  # a mutant may divide by zero
        answers = {mutant: answer_of(mutant, exercise) for mutant in mutants(source)}
        passed = [
            mutant
            for mutant, answer in answers.items()
            if exercise.judge(answer)[0] == "correct" and not is_the_same(answer, exercise)
        ]
    return sorted(changed_line(mutant, source) for mutant in passed)


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny models: a second thread only waits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("number", NUMBERS)
def test_no_mutant_of_a_solution_passes_but_named_equivalents(number):
    named = [line for lines in EQUIVALENT.get(number, {}).values() for line in lines]
    assert survivors(find(number)) == sorted(named)


@pytest.mark.parametrize(
    "number, weaker, survivor",
    [
        ("02.4", {"seen": ["my_budget(10, 10000)", "my_budget(1000, 10)"]}, "n // 2"),
        ("04.5", {"seen": ["my_stop([0.4, 0.3], 2)"]}, "waited > patience"),
        ("05.3", {"tolerance": 0.5}, "3 ** 2"),
    ],
)
def test_a_check_that_looks_less_closely_lets_mutants_through(number, weaker, survivor):
    assert any(survivor in line for line in survivors(replace(find(number), **weaker)))


def test_mutants_are_many_and_each_is_another_program():
    source = find("04.5").solution
    found = mutants(source)
    assert len(set(found)) == len(found) > 100
    assert ast.unparse(ast.parse(source)) not in found
    for change in ("loss <= best", "waited > patience", "start=0", "min(loss)", "best = best"):
        assert any(change in mutant for mutant in found), change
