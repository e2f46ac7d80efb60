"""What a lesson writes by hand is what the package holds: the same code, once the package's
checks and docstrings, and what later lessons add to it, are taken away."""

import ast
import re

import nbformat
import pytest

from tests.refresh import LESSONS, ROOT

TAUGHT = {  # the class or function: its lesson and its module
    "BookRecommendationModel": ("03", "model.py"),
    "BookDataset": ("04", "dataset.py"),
    "train_epoch": ("04", "training.py"),
    "MatrixFactorization": ("07", "factorization.py"),
}
LATER = {"init_std", "l2"}  # lessons 05 and 07 add these arguments
GROUND = {"checks", "runtime"}  # the modules that ask about arguments and speak for torch


def mentions(node, names):
    return any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node))


class Bare(ast.NodeTransformer):
    """Takes away what the lesson does not show, and leaves all else as it is written."""

    def __init__(self):
        self.same = {}  # a name that is only another name for something

    def visit_FunctionDef(self, node):
        node.decorator_list = [d for d in node.decorator_list if not mentions(d, GROUND)]
        return self.generic_visit(node)

    def visit_arguments(self, node):
        first = len(node.args) - len(node.defaults)
        kept = [n for n, argument in enumerate(node.args) if argument.arg not in LATER]
        node.defaults = [node.defaults[n - first] for n in kept if n >= first]
        node.args = [node.args[n] for n in kept]
        return node

    def visit_IfExp(self, node):
        """`loss + l2 * penalty(...) if l2 else loss` is `loss` before lesson 07."""
        return self.visit(node.orelse) if mentions(node.test, LATER) else self.generic_visit(node)

    def visit_Expr(self, node):
        is_text = isinstance(node.value, ast.Constant)
        return None if is_text or mentions(node, LATER | GROUND) else self.generic_visit(node)

    def visit_Assign(self, node):
        node = self.generic_visit(node)
        [target] = node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Name):
            self.same[target.id] = node.value.id
            return None
        return None if mentions(node, LATER | GROUND) else node

    def visit_Name(self, node):
        return ast.Name(self.same.get(node.id, node.id), node.ctx)


def bare(code, name):
    """A class or function of some code as text, without what its lesson does not show."""
    [found] = [node for node in ast.parse(code).body if getattr(node, "name", None) == name]
    return ast.unparse(Bare().visit(found))


def shown(name, number):
    """The source of the lesson's cell that defines it."""
    [path] = [path for path in LESSONS if path.stem.startswith(number)]
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    [source] = [s for s in cells if re.search(rf"^(class|def) {name}\b", s, re.MULTILINE)]
    return source


@pytest.mark.parametrize("name", TAUGHT)
def test_the_package_reads_as_the_lesson_shows_it(name):
    lesson, module = TAUGHT[name]
    code = (ROOT / "bookrec_helpers" / module).read_text(encoding="utf-8")
    assert bare(code, name) == bare(shown(name, lesson), name)


IN_THE_LESSON = """
def step(model, rows):
    loss = criterion(model(rows), 1)
    loss.backward()
    return loss
"""
IN_THE_PACKAGE = '''
@runtime.asks_for_codes
def step(model, rows, l2=0.0):
    """A docstring."""
    rows = checks.codes(rows)
    checks.whole("rows", rows)
    start_small(model, l2)
    loss = criterion(model(rows), 1)  # a comment
    cost = loss + l2 * penalty(model) if l2 else loss
    cost.backward()
    return loss
'''


def test_checks_docstrings_and_later_arguments_are_taken_away():
    assert bare(IN_THE_PACKAGE, "step") == IN_THE_LESSON.strip()


@pytest.mark.parametrize(
    "change", [("1)", "0)"), ("loss.backward()", "pass"), ("rows)", "rows=3)")]
)
def test_nothing_else_is(change):
    assert bare(IN_THE_PACKAGE, "step") != bare(IN_THE_LESSON.replace(*change, 1), "step")
