"""How thin the helper package is: python -m tests.code_size

A line of code is one that is not only comment, docstring or blank. A check is a `raise`; an `if`,
`for` or `with` around nothing but checks; and a function that does nothing else but hand back
what it checked. A call of a check is none.
"""

import ast
import io
import tokenize
from pathlib import Path
from statistics import median

PACKAGE = Path(__file__).parents[1] / "bookrec_helpers"
CORE = (
    "library encoding dimension model dataset measures training "
    "inspection sweep factorization choosing"
).split()
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
NO_CODE = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
           tokenize.ENDMARKER)  # fmt: skip


class Module:
    """What the lines of one module are.

    Attributes:
        name: Its path in the package.
        code, checks: The numbers of its lines of code, and of those that only check.
        raises: How many `raise` statements it has.
        functions: Lines of code by function or method.
    """

    def __init__(self, name: str, source: str):
        nodes = list(ast.walk(ast.parse(source)))
        self.name = name
        self.code = code_lines(source) - lines_of(filter(is_docstring, nodes))
        self.checks = lines_of(filter(is_check, nodes)) & self.code
        self.raises = sum(isinstance(node, ast.Raise) for node in nodes)
        functions = [node for node in nodes if isinstance(node, FUNCTION)]
        self.functions = {f"{name}: {f.name}": len(lines_of([f]) & self.code) for f in functions}

    @property
    def in_core(self) -> bool:
        return self.name.removesuffix(".py") in CORE


def lines_of(nodes) -> set[int]:
    return {line for node in nodes for line in range(node.lineno, node.end_lineno + 1)}


def code_lines(source: str) -> set[int]:
    """The lines that hold a token of Python, docstrings among them."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    spans = ((t.start[0], t.end[0]) for t in tokens if t.type not in NO_CODE)
    return {line for first, last in spans for line in range(first, last + 1)}


def is_docstring(node) -> bool:
    """Whether it is a text that stands alone."""
    alone = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return alone and isinstance(node.value.value, str)


def is_check(node) -> bool:
    """Whether a statement or a function does nothing but check."""
    if isinstance(node, ast.Raise):
        return True
    if not isinstance(node, (ast.If, ast.For, ast.With, *FUNCTION)):
        return False
    doing = [part for part in (*node.body, *getattr(node, "orelse", [])) if not is_aside(part)]
    return bool(doing) and all(map(is_check, doing))


def is_aside(node) -> bool:
    """Whether a statement only prepares a check, or hands back what was checked."""
    named = isinstance(node, ast.Return) and isinstance(node.value, (ast.Name, type(None)))
    return named or is_docstring(node) or isinstance(node, (ast.Assign, ast.Pass))


def modules() -> list[Module]:
    return [
        Module(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    ]


def totals(found: list[Module]) -> dict[str, float]:
    """The numbers that the project limits."""
    core = [module for module in found if module.in_core]
    functions = [lines for module in found for lines in module.functions.values()]
    return {
        "the package": sum(len(module.code) for module in found),
        "the core": sum(len(module.code) for module in core),
        "checks.py": sum(len(module.code) for module in found if module.name == "checks.py"),
        "raise statements in the core": sum(module.raises for module in core),
        "the median function": median(functions),
        "the largest function": max(functions),
    }


def lines_beside() -> dict[str, int]:
    """Lines that are no Python, blank ones aside, by kind of file."""
    kinds = {"JavaScript": "*.js", "style": "*.css", "TOML": "*.toml"}
    return {kind: sum(map(written_lines, PACKAGE.rglob(glob))) for kind, glob in kinds.items()}


def written_lines(path: Path) -> int:
    return sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    found = modules()
    print(f"{'module':32} code  checks  raise   (* core)")
    for module in found:
        name = module.name + " *" * module.in_core
        print(f"{name:32} {len(module.code):4} {len(module.checks):7} {module.raises:6}")
    outside = [module for module in found if module.name != "checks.py"]
    for where, some in {
        "the package": outside,
        "the core": [m for m in outside if m.in_core],
    }.items():
        checks, code = (sum(len(getattr(m, kind)) for m in some) for kind in ("checks", "code"))
        print(
            f"checks in {where}, outside checks.py: {checks} of {code} lines, {checks / code:.0%}"
        )
    functions = {name: n for module in found for name, n in module.functions.items()}
    print("largest functions:", sorted(functions.items(), key=lambda item: -item[1])[:5])
    for name, number in totals(found).items():
        print(f"{name}: {number}")
    print("beside it:", lines_beside())


if __name__ == "__main__":
    main()
