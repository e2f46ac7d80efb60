"""Each exercise: the right answer, the usual wrong ones, a placeholder, and nonsense."""

import ast
import builtins
import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from IPython.core.formatters import DisplayFormatter
from scipy.spatial.distance import pdist
from sklearn.metrics.pairwise import cosine_similarity
from torch import nn

from bookrec_helpers import exercises
from bookrec_helpers.dimension import embedding_dimension, table_bytes
from bookrec_helpers.encoding import encode
from bookrec_helpers.exercises import check, find, hint, judging, solution
from bookrec_helpers.inspection import nearest, project
from bookrec_helpers.library import mystery_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import fit
from tests.refresh import LESSONS as NOTEBOOKS

NUMBERS = [number for lesson in exercises.LESSONS for number in exercises.lesson(lesson)]


class Spiteful:
    """An object of which nothing can be asked."""

    def __getattr__(self, name):
        raise RuntimeError("no " + name)

    def __eq__(self, other):
        return True

    def __repr__(self):
        raise RuntimeError("no repr")

    __hash__ = __bool__ = __len__ = __iter__ = __call__ = __repr__


class Agreeing(int):
    """A number that claims to be every other one."""

    def __eq__(self, other):
        return True

    __hash__ = int.__hash__


def code_cells(lesson):
    """The code cells of a lesson's notebook."""
    path = next(path for path in NOTEBOOKS if path.stem.startswith(lesson))
    cells = nbformat.read(path, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


def bound(source):
    """The names that a source binds, at any depth."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.alias):
            yield node.asname or node.name


def used(source):
    """The names that a source reads and does not bind itself."""
    names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    return names - set(bound(source)) - set(vars(builtins))


ABSURD = [Agreeing(7), "nonsense", "", None, ValueError, ValueError("no"), Spiteful(), Spiteful,
          object(), print, float("nan"), float("inf"), -1, True, 10**400, [], {}, [None], {"a": 1},
          b"4", 4j, lambda *args: 1 / 0, lambda *args: args, np.zeros((3, 3)), sys]  # fmt: skip


def imports_of(lesson):
    """The names that a lesson imports."""
    names = {}
    for cell in code_cells(lesson):
        nodes = [
            n for n in ast.parse(cell.source).body if isinstance(n, (ast.Import, ast.ImportFrom))
        ]
        exec(ast.unparse(ast.Module(nodes, [])), names)
    return names


@pytest.mark.parametrize("number", NUMBERS)
def test_the_solution_passes_its_own_check_with_the_imports_of_its_lesson(number):
    exercise = find(number)
    known = replace(exercise, names=imports_of(number[:2]) | exercise.names)
    feedback = check(number, known.solve())
    assert (feedback.status, feedback.reason) == ("correct", find(number).right)


class Authors(nn.Module):
    """A model with authors that shares nothing with the solution but its names."""

    def __init__(self, num_authors):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(10, 32), nn.Linear(32, 1)
        self.author_embedding, self.genre_embedding = (
            nn.Embedding(num_authors, 2),
            nn.Embedding(3, 2),
        )
        self.book_embedding, self.user_embedding = nn.Embedding(4, 3), nn.Embedding(3, 3)

    def forward(self, users, books, genres, authors):
        taste = self.author_embedding(authors), self.genre_embedding(genres)
        x = torch.cat([*taste, self.book_embedding(books), self.user_embedding(users)], dim=-1)
        return 1 / (1 + torch.exp(-self.fc2(self.fc1(x).clamp(min=0))))[:, 0]


def parameters(model):
    return sum(weights.numel() for weights in model.parameters())


def summed_epoch(model, loader, optimizer):
    """An epoch that adds up single losses and steps along the mean of each batch."""
    total = 0
    for *codes, labels in loader:
        losses = nn.functional.binary_cross_entropy(model(*codes), labels, reduction="none")
        model.zero_grad()
        losses.mean().backward()
        optimizer.step()
        total += losses.sum()
    return total / 6


def stop_by_slices(losses, patience):
    for end in range(patience + 1, len(losses) + 1):
        if min(losses[: end - patience]) <= min(losses[end - patience : end]):
            return end
    return len(losses)


def with_singular_values(*values):
    """A centered table that has these singular values."""
    columns = np.random.default_rng(0).standard_normal((20, len(values)))
    return pd.DataFrame(np.linalg.qr(columns - columns.mean(axis=0))[0] * values)


def opened():
    mystery = mystery_library(2)
    mystery.commit(1, because="it has to be opened")
    return mystery.open_envelope().taste_dim


def cut_by_directions(users, books, d):
    """Projects the books on the strongest directions of all scores, by eigenvectors."""
    scores = users @ books.T
    strongest = np.linalg.eigh(scores.T @ scores)[1][:, -d:]
    return scores @ strongest @ strongest.T


NOTES = pd.DataFrame(
    {
        "UserID": [7, 7, 12, 7, 30, 12],
        "BookID": [2, 9, 2, 400, 9, 5],
        "Genre": ["Fable", "Poetry", "Fable", "Fable", "Poetry", "Poetry"],
        "Liked": 1,
    }
)
PAGE = "Question Rows Baselines Parts Dimension Seeds Test Strangers Limits".split()
# The right answers found by other means than the solutions.
OTHER_WAYS = {
    "01.1": lambda: pd.factorize(np.array(["Mystery", "Poetry", "Mystery", "Fable", "Poetry"]))[0],
    "01.2": lambda: tuple(encode(NOTES, unknown="reserve").sizes.values()),
    "01.3": lambda: pdist(np.eye(1_000)[:2])[0],
    "01.4": lambda: [[3, 3], [3, 3], [50, -50], (-50, 50)],
    "02.1": lambda: embedding_dimension,
    "02.2": lambda: table_bytes(20_000, 50) / 1e6,
    "02.3": lambda: np.linalg.matrix_rank(np.eye(5) - 1 / 5),
    "02.4": lambda: (
        lambda n, rows: max(
            (d for d in range(1, embedding_dimension(n) + 1) if rows / (n * d) >= 5), default=1
        )
    ),
    "03.1": lambda: parameters(nn.Linear(10 + 8 + 4, 32)),
    "03.2": lambda: lambda u, b, g, d: parameters(BookRecommendationModel(u, b, g, d, d)),
    "03.3": lambda: " c ",
    "03.4": lambda: Authors,
    "04.1": lambda: lambda p, liked: nn.BCELoss()(torch.tensor(p), torch.tensor(float(liked))),
    "04.2": lambda: np.mean([0.6] * 4 + [0.7] * 4 + [0.9] * 2),
    "04.3": lambda: pd.Series([0.60, 0.52, 0.47, 0.45, 0.46, 0.50], range(1, 7)).idxmin(),
    "04.4": lambda: summed_epoch,
    "04.5": lambda: stop_by_slices,
    "05.1": lambda: cosine_similarity([[3, 4]], [[4, 3]])[0, 0],
    "05.2": lambda: lambda table, name: nearest(table, name, k=1).index[0],
    "05.3": lambda: project(with_singular_values(3, 2, 1)).shares.sum(),
    "05.4": lambda: lambda a, b: np.corrcoef(pdist(a), pdist(b))[0, 1],
    "06.1": lambda: lambda losses: pd.Series(losses).sem(),
    "06.2": lambda: 3.0,
    "06.3": lambda: "b",
    "06.4": opened,
    "07.1": lambda: float(torch.sigmoid(torch.tensor(1.1))),
    "07.2": lambda: (
        lambda reader, book, *biases_and_l2: (
            biases_and_l2[-1]
            * float(np.linalg.norm(np.concatenate([reader, book, biases_and_l2[:2]]))) ** 2
        )
    ),
    "07.3": lambda: cut_by_directions,
    "07.4": lambda: 3.0,
    "07.5": lambda: " d",
    "08.1": lambda: lambda t: t.loc[t.groupby(["reader", "title"])["date"].idxmax()],
    "08.2": lambda: lambda a, b: len(b) - b.merge(a[["UserID"]].drop_duplicates()).shape[0],
    "08.3": lambda: lambda a, b: pd.Series(np.subtract(a, b)).sem(),
    "08.4": lambda: 0.0,
    "08.5": lambda: "\n".join(f"{name}: 7 of 9" for name in PAGE),
    "09.1": lambda: 11 / 13,
    "09.2": lambda: " d",
    "09.3": lambda: lambda t, share: t.nlargest(int(share * len(t)), "time"),
}


@pytest.mark.parametrize("number", NUMBERS)
def test_the_right_answer_may_be_found_in_another_way(number):
    feedback = check(number, OTHER_WAYS[number]())
    assert feedback.status == "correct", feedback.reason


@pytest.mark.parametrize("number", NUMBERS)
def test_each_usual_mistake_gets_its_own_reason(number):
    answers, reasons = zip(*find(number).mistakes())
    told = [check(number, answer) for answer in answers]
    assert [feedback.status for feedback in told] == ["incorrect"] * len(told)
    assert [feedback.reason for feedback in told] == list(reasons)
    assert len(set(reasons)) == len(reasons) >= 4


def edited(number, edits):
    """The answer of a solution with parts of its source exchanged."""
    exercise, source = find(number), find(number).solution
    for old, new in edits.items():
        assert old in source
        source = source.replace(old, new)
    space = dict(exercise.names)
    exec(source, space)
    return space[exercise.name]


def forgetful(n, rows):
    if rows > 10 * n:
        return max(1, min(50, (n + 1) // 2, rows // (5 * n)))


def without_biases(users, books, genres, d):
    return (users + books) * d + genres * 2 + (d + d + 2) * 32 + 32


def by_lengths(a, b):
    return np.isclose((a**2).sum(axis=1), (b**2).sum(axis=1)).mean()


LATE = "loss.backward()\n        optimizer.zero_grad()"
SWAP = {
    "embedding(users)": "embedding(genres)",
    "genre_embedding(genres)": "genre_embedding(users)",
}
# What learners gave, the answer itself or edits of the solution, and words that help them.
LEARNERS = {
    "a frame of strings": ("01.4", pd.DataFrame([list("ab")] * 4), "without quotes"),
    "round": ("02.1", lambda n: min(50, round(n / 2)), "half to the even"),
    "rounded down": ("02.4", {"(n + 1)": "n"}, "rounded up"),
    "None once": ("02.4", forgetful, "gives nothing"),
    "other arguments": ("02.4", lambda n: n, "takes n and rows"),
    "the lesson's dimensions": ("03.1", 288, "3, 3 and 2"),
    "the numbers that come in": ("03.1", 22, "reads"),
    "the numbers that go out": ("03.1", 32, "outputs"),
    "both layers": ("03.1", 769, "`fc2`"),
    "any other number": ("03.1", 700, "a weight for each"),
    "no biases": ("03.2", without_biases, "all the biases"),
    "no ReLU": ("03.4", {"torch.relu(self.fc1(x))": "self.fc1(x)"}, "ReLU is missing"),
    "three numbers": ("03.4", {"authors, 2)": "authors, 3)", "2 + 2": "2 + 3"}, "`3`, where `2`"),
    "tables exchanged": ("03.4", SWAP, "`forward for three notes` gives"),
    "no return": ("03.4", {"return torch": "torch"}, "`return`"),
    "a model": ("03.4", Authors(5), "no parentheses"),
    "no backward": ("04.4", {"loss.backward()": "pass"}, "`backward()` is missing"),
    "late": ("04.4", {"optimizer.zero_grad()": "pass", "loss.backward()": LATE}, "throws"),
    "no step": ("04.4", {"optimizer.step()": "pass"}, "`step()` is missing"),
    "no return of an epoch": ("04.4", {"return total": "total"}, "`return`"),
    "ties are better": ("04.5", {"loss < best": "loss <= best"}, "tie"),
    "best never kept": ("04.5", {"best = min(best, loss)": "pass"}, "never changes"),
    "the angle": ("05.1", 0.2838, "angle"),
    "above 1": ("05.1", 1.7, "between −1 and 1"),
    "lengths of rows": ("05.4", by_lengths, "how long"),
}


@pytest.mark.parametrize("name", LEARNERS)
def test_what_learners_answered_gets_the_reason_that_helps(name):
    number, answer, words = LEARNERS[name]
    feedback = check(number, edited(number, answer) if isinstance(answer, dict) else answer)
    assert (feedback.status, words in feedback.reason) == ("incorrect", True), feedback.reason


def test_a_wrong_answer_to_the_mystery_does_not_say_where_the_right_one_lies():
    right = find("06.4").right_answer
    told = {check("06.4", guess).reason for guess in range(7) if guess != right}
    assert told == {find("06.4").otherwise}


@pytest.mark.parametrize("number", NUMBERS)
def test_no_answer_of_another_exercise_is_accepted(number, recwarn):  # some divide by zero
    own = find(number).right_answer
    for other in set(NUMBERS) - {number}:
        answer = find(other).right_answer
        letters = isinstance(own, str) and isinstance(answer, str) and len(own) == 1
        numeric = type(answer) in (int, float) and type(own) in (int, float)
        same = (letters or numeric) and answer == own  # two may have the same letter
        feedback = check(number, answer)
        assert feedback.status == ("correct" if same else "incorrect"), other
        assert feedback.reason


@pytest.mark.parametrize("number", NUMBERS)
def test_any_wrong_answer_gets_a_reason(number):
    """In words of the exercise's own, or by an example; a number is never given away."""
    exercise = find(number)
    assert exercise.otherwise or exercise.seen
    assert exercise.otherwise or not isinstance(exercise.right_answer, (int, float, list))


@pytest.mark.parametrize("number", NUMBERS)
def test_each_edit_changes_the_solution(number):
    exercise = find(number)
    assert all(old in exercise.solution and old != new for old, new, _ in exercise.edits)


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("placeholder", [..., [..., 1], {"a": ...}, (1, (..., 2))])
def test_a_placeholder_is_not_attempted(number, placeholder):
    assert check(number, placeholder).status == "not attempted"


@pytest.mark.parametrize("number", NUMBERS)
def test_nonsense_is_incorrect_and_never_a_traceback(number):
    for nonsense in ABSURD:
        feedback = check(number, nonsense)
        assert feedback.status == "incorrect"
        assert feedback.reason and repr(feedback)


def divides(n):
    total = n - n
    return 1 / total


def test_an_answer_that_raises_is_told_with_its_line():
    feedback = check("02.1", divides)
    assert feedback.status == "incorrect"
    line = divides.__code__.co_firstlineno + 2
    assert f"line {line}, `return 1 / total`" in feedback.reason
    assert "ZeroDivisionError: division by zero" in feedback.reason


def test_an_error_deep_in_a_library_is_told_with_the_readers_own_line():
    def halves(n):
        return np.linalg.inv(np.zeros((n, n + 1)))

    feedback = check("02.1", halves)
    assert f"line {halves.__code__.co_firstlineno + 1}, " in feedback.reason
    assert "LinAlgError" in feedback.reason


def endless(n):
    while True:
        n += 1


def stubborn(n):
    while True:
        try:
            n += 1
        except Exception:
            n = 0


@pytest.fixture
def short_limit(monkeypatch):
    monkeypatch.setattr(judging, "LIMIT", 0.1)


@pytest.mark.parametrize("answer, line", [(endless, "n += 1"), (stubborn, "n += 1")])
def test_a_loop_that_never_ends_is_stopped_and_told(answer, line, short_limit):
    feedback = check("02.1", answer)
    assert feedback.status == "incorrect"
    assert "after 0.1 seconds" in feedback.reason and "never ends" in feedback.reason
    first = answer.__code__.co_firstlineno
    assert int(re.search(r"in line (\d+), `", feedback.reason)[1]) in range(first, first + 6)


def test_a_loop_is_stopped_in_any_thread(short_limit):
    with ThreadPoolExecutor() as pool:
        feedback = pool.submit(check, "02.1", endless).result()
    assert "never ends" in feedback.reason


def test_a_training_that_never_ends_is_stopped_though_it_outlives_interrupts(short_limit):
    def my_epoch(model, loader, optimizer):
        return fit(model, loader, epochs=10**6)

    assert "never ends" in check("04.4", my_epoch).reason


def test_the_limit_never_strikes_after_the_answer(monkeypatch):
    def just_in_time(n):
        until = time.perf_counter() + 0.0004
        while time.perf_counter() < until:
            pass
        return min(50, (n + 1) // 2)

    monkeypatch.setattr(judging, "LIMIT", 0.002)
    told = [check("02.1", just_in_time) for _ in range(300)]
    assert all(feedback.status == "correct" or "never ends" in feedback.reason for feedback in told)
    assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())


def test_an_interrupt_of_the_reader_goes_through():
    def interrupted(n):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("02.1", interrupted)


def documented(n):
    """The dimension for n categories."""
    ...


def half_done(n):
    half = ...
    return min(50, half)


def returns_a_placeholder(n):
    return ...


@pytest.mark.parametrize(
    "untouched",
    [documented, half_done, returns_a_placeholder, lambda n: ...],
    ids=lambda f: f.__name__,
)
def test_a_function_with_a_placeholder_is_not_attempted(untouched):
    assert check("02.1", untouched).status == "not attempted"


def test_a_function_without_return_is_incorrect_and_says_why():
    def forgets(n):
        min(50, (n + 1) // 2)

    feedback = check("02.1", forgets)
    assert (feedback.status, "`return`" in feedback.reason) == ("incorrect", True)


def test_a_mistake_that_nobody_listed_is_shown_on_an_example():
    feedback = check("02.1", lambda n: 7)
    assert feedback.status == "incorrect"
    assert "`my_dimension(1)` gives `7`, where `1` is right" in feedback.reason


@pytest.mark.parametrize("four", [4, 4.0, np.int64(4), np.array(4), np.float32(4)], ids=repr)
def test_a_number_may_come_in_any_form(four):
    assert check("02.2", four).status == check("02.3", four).status == "correct"


def test_a_text_in_place_of_a_number_is_told_apart():
    assert check("02.3", "4").status == "incorrect"
    assert "a whole number" in check("02.3", "4").reason


def shown(box):
    """The forms in which a notebook gets a box."""
    return DisplayFormatter().format(box)[0]


@pytest.mark.parametrize(
    "answer, callout",
    [(..., "> [!question] "), (3, "> [!failure] "), (4, "> [!success] ")],
)
def test_feedback_has_a_form_for_every_place(answer, callout):
    feedback = check("02.3", answer)
    forms = shown(feedback)
    assert forms["text/markdown"].startswith(f"{callout}Exercise 02.3: {feedback.status}\n>\n> ")
    assert all(line.startswith(">") for line in forms["text/markdown"].splitlines())
    assert forms["text/plain"].startswith(f"Exercise 02.3: {feedback.status}\n")
    assert feedback.status in forms["text/html"] and "[!" not in forms["text/html"]


@pytest.mark.parametrize("number", NUMBERS)
def test_hint_and_solution_are_folded_wherever_they_show(number):
    exercise = find(number)
    for box, kind, text in (
        (hint(number), "tip", exercise.hint),
        (solution(number), "success", exercise.solution.strip()),
    ):
        forms = shown(box)
        assert forms["text/markdown"].startswith(f"> [!{kind}]- ")
        assert forms["text/html"].startswith("<details") and " open" not in forms["text/html"]
        assert forms["text/plain"].endswith(text)
    assert "> ```python\n> " in shown(solution(number))["text/markdown"]


@pytest.mark.parametrize("number", ["02.99", "99.1", "2.1", 2.1, None, "", ["02.1"]])
@pytest.mark.parametrize("ask", [lambda number: check(number, 1), hint, solution])
def test_an_unknown_number_is_an_error_that_says_what_there_is(number, ask):
    with pytest.raises(ValueError, match=r"02\.1"):
        ask(number)


def test_a_lesson_has_exercises_as_soon_as_it_has_a_file(monkeypatch, tmp_path):
    entry = """["88.1"]
    asks = "a number"
    hint = "Six times seven."
    solution = "my_answer = 6 * 7"
    right = "It is."
    otherwise = "Not yet."
    """
    path = tmp_path / "lesson_88.toml"
    path.write_text(entry, encoding="utf-8")
    monkeypatch.setitem(exercises.FILES, "88", path)
    assert list(exercises.lesson("88")) == ["88.1"]
    assert [check("88.1", guess).status for guess in (42, 41)] == ["correct", "incorrect"]


def test_importing_the_exercises_loads_nothing_heavy():
    code = (
        "import sys; from bookrec_helpers.exercises import check, hint, solution; check('02.3', 4);"
        "print([m for m in ('torch', 'pandas', 'numpy', 'sklearn') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.stdout.strip() == "[]", run.stdout + run.stderr


@pytest.mark.parametrize("lesson", exercises.LESSONS)
def test_a_lesson_asks_for_each_of_its_exercises_with_hint_and_solution(lesson):
    sources = "\n".join(cell.source for cell in code_cells(lesson))
    asked = re.findall(r"^(?:check|hint|solution)\(.*\)$", sources, re.MULTILINE)
    assert asked == [
        line
        for number in exercises.lesson(lesson)
        for line in (
            f'check("{number}", {find(number).name})',
            f'hint("{number}")',
            f'solution("{number}")',
        )
    ]


@pytest.mark.parametrize("lesson", exercises.LESSONS)
def test_untouched_a_lesson_says_that_nothing_was_attempted(lesson):
    for cell in code_cells(lesson):
        if "check(" in cell.source:
            (output,) = cell.outputs
            assert "not attempted" in output.data["text/plain"]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_uses_only_names_of_the_lesson_above_it(number):
    known = set()
    for cell in code_cells(number[:2]):
        if f'check("{number}"' in cell.source:
            break
        known |= set(bound(cell.source))
    assert used(find(number).solution) <= known
