"""Every public function against arguments that make no sense: an error of its own, in words."""

import importlib
import inspect
import math
import re
import warnings
from dataclasses import replace
from functools import partial

import nbformat
import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from bookrec_helpers.choosing import choose_dimension
from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.dimension import RULES, embedding_dimension, table_bytes, table_parameters
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import MatrixFactorization, centered, cut, losses_by_dimension
from bookrec_helpers.inspection import embedding_table, movement, nearest, project, spectrum
from bookrec_helpers.library import magical_library, mystery_library, planted_library
from bookrec_helpers.measures import baselines, count_first, guesses, measures
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.saving import load_course_model, save_course_model
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import History, evaluate, fit, predict, recommend
from tests.refresh import LESSONS

MODULES = (
    "library encoding dimension model dataset measures training inspection sweep "
    "factorization choosing saving".split()
)

SIX = magical_library()
ENCODING = encode(SIX)
ROWS = BookDataset(ENCODING.frame)
VECTORS = pd.DataFrame(np.arange(12.0).reshape(4, 3) ** 2, list("abcd"))
NAN, INF, HUGE = math.nan, math.inf, 10**400
NO_NUMBERS = ("3", None, 2.5, NAN, INF, True, [3], np.ones(2))


def new_model(users=3, books=4, genres=3):
    torch.manual_seed(0)
    return BookRecommendationModel(users, books, genres)


def factorized():
    torch.manual_seed(0)
    return MatrixFactorization(3, 4, embedding_dim=2)


def broken_model():
    model = new_model()
    model.fc1.weight.data[:] = NAN
    return model


def loader():
    return make_loader(ROWS, 6, seed=0)


def batch(users=(0, 1), books=(0, 1), genres=(0, 1), labels=(0.0, 1.0)):
    return tuple(map(torch.tensor, (users, books, genres, labels)))


def rows(**columns):
    """The six rows as names, with some columns changed."""
    return SIX.assign(**columns)


def codes(**columns):
    """The six rows as codes, with some columns changed."""
    return ENCODING.frame.assign(**columns)


def doubled(frame, column):
    return pd.concat([frame, frame[[column]]], axis=1)


def vectors(value):
    """The table with one number changed."""
    return VECTORS.where(VECTORS != 25.0, value)


def a_mystery():
    return mystery_library(1)


def projection():
    return project(VECTORS)


CODES = torch.tensor([0, 1])
NO_FRAMES = (None, "rows.csv", 3, [[1, 2]], {"UserID": [1]}, SIX["UserID"], SIX.to_numpy())
BAD_ROWS = {
    ValueError: [
        SIX[:0],
        pd.DataFrame(),
        SIX.drop(columns="BookID"),
        *(doubled(SIX, name) for name in SIX),
        rows(BookID=[1, None, 2, 3, 4, 5]),
        *(rows(Liked=bad) for bad in ([NAN, 0, 1, 1, 0, 1], 5, -1, INF, "1", 0.5, [[1]] * 6)),
    ],
    TypeError: [
        *NO_FRAMES,
        rows(Genre=[["a"]] * 6),
        rows(Genre=pd.Series([1, True, 2, 3, 4, 5], dtype=object)),
        rows(BookID=pd.Series([1, "1", 2, 3, 4, 5], dtype=object)),
    ],
}
NO_CODES = {
    ValueError: [
        codes(UserID=9), codes(BookID=-1), codes(Genre=NAN), codes(UserID=0.5), codes(UserID=HUGE),
        codes(UserID=INF), codes(Genre="Fantasy"), codes(Genre=True), ENCODING.frame[:0],
        ENCODING.frame.drop(columns="Genre"), doubled(ENCODING.frame, "Genre"),
    ],
    TypeError: NO_FRAMES,
}  # fmt: skip
NO_ROWS_TO_TRAIN = {
    ValueError: [
        codes(UserID=-1), doubled(ENCODING.frame, "BookID"),
        codes(UserID=np.array([2**64 - 1] * 6, dtype="uint64")),
        *(codes(Liked=bad) for bad in (NAN, 2, 0.5, -1, INF, "1", None, [[1]] * 6)),
    ],
    TypeError: [*NO_FRAMES, SIX, codes(UserID=1.0), codes(UserID=NAN), codes(UserID=True)],
}  # fmt: skip
NO_LOADERS = {
    TypeError: [None, 3, "loader", SIX, ROWS, iter([batch()]), torch.ones(3), {1: batch()},
                [batch()[:3]], [[1, 2, 3, 4]], [torch.ones(4)],
                DataLoader(TensorDataset(CODES, CODES), 2), [batch((0.0, 1.0))],
                [batch((True, False))]],
    ValueError: [[], (), [batch((0, 9))], [batch((-1, 0))], [batch((0, 1, 2))],
                 [batch(((0,), (1,)))]],
}  # fmt: skip
NO_LABELS = [
    [batch(labels=bad)]
    for bad in ((NAN, 1.0), (5.0, 1.0), (-1.0, 0.0), (0, 1), (0.0, INF), (0.0, 1.0, 1.0))
]
NO_MODELS = (None, "model", nn.Linear(1, 1), 3, SIX)
NO_TABLES = {
    TypeError: [None, 3, "table", VECTORS.to_numpy(), VECTORS.astype(str)],
    ValueError: [VECTORS[:0], VECTORS[[]], vectors(NAN), vectors(INF), vectors(1e200)],
}  # fmt: skip
NO_SPREAD = [VECTORS[:1], VECTORS * 0 + 0.1]
NO_ARRAYS = {
    TypeError: [None, "table", VECTORS.astype(str), torch.ones(4, 3, requires_grad=True), [["a"]],
                [[1], [1, 2]]],
    ValueError: [VECTORS[:0], vectors(NAN), vectors(INF), vectors(1e200), VECTORS[0], [1, 2], 3,
                 np.ones((4, 2))],
}  # fmt: skip
NO_SEEDS = {TypeError: ("a", 1.5, NAN, [1], True), ValueError: (-1, 2**70)}
NO_SHARES = {ValueError: (0.0, 1.0, -0.2, NAN, INF, 0.001, 0.999, 3, "0.2", None, [0.2], True)}
NO_POSITIVES = {ValueError: (0, -1, NAN, INF, HUGE, "fast", None, [1], True, 1j)}
NO_WEIGHTS = {ValueError: (-1, NAN, INF, HUGE, "much", None, [1], True)}
NO_FLAGS = {TypeError: (7, "yes", None, NAN, [True], np.ones(2))}


def whole_from(least):
    return {TypeError: NO_NUMBERS, ValueError: (least - 1, -1, -(10**9), HUGE)}


def numbers_from(least):
    return {
        TypeError: [3, None, "12", NAN, ["1"], [1.5], [None], [True], [[1]]],
        ValueError: [[], (), [least - 1], [2, 2], [HUGE], range(0), np.array([])],
    }


def each(changes):
    """Cases of one argument by its name: the keyword arguments of each call."""
    return [
        (error, {name: value})
        for name, by_error in changes.items()
        for error, values in by_error.items()
        for value in values
    ]


PLANTED = {"num_users": 6, "num_books": 5, "num_genres": 2, "num_rows": 20}
WIDTHS = ("num_users", "num_books", "num_genres",
          "embedding_dim_users", "embedding_dim_books", "embedding_dim_genres")  # fmt: skip
COLUMNS = {
    TypeError: (["UserID"], "UserID", 3, {"UserID": ["reader"]}),
    ValueError: ({"UserID": "BookID"}, {"Reader": "UserID"}, {"UserID": NAN}, {"UserID": None}),
}
LIKES = {
    TypeError: ("x", 4, [1] * 6),
    ValueError: (lambda s: None, lambda s: s * 7, lambda s: s[:1], lambda s: s.to_frame(),
                 lambda s: 1 / 0, lambda s: s[::-1], lambda s: s * NAN, lambda s: s.astype(str)),
}  # fmt: skip
WORDS = {ValueError: ("ignore", None, 0, ["error"], np.array(["error", "error"]), NAN)}
NO_ENCODINGS = {TypeError: (None, SIX, "encoding", {"UserID": 3})}

# A function by its name in its module: how it is called rightly, and what may be put wrong.
TABLE = {
    "library.planted_library": (planted_library, PLANTED, {
        "num_users": whole_from(2), "num_books": whole_from(2), "num_genres": whole_from(2),
        "num_rows": whole_from(1), "taste_dim": whole_from(0), "strength": NO_POSITIVES,
        "generosity": NO_WEIGHTS, "popularity": NO_WEIGHTS,
        "seed": NO_SEEDS,
    }),
    "library.mystery_library": (mystery_library, {"number": 1}, {"number": whole_from(0)}),
    "library.MysteryLibrary.commit": (
        lambda **given: a_mystery().commit(**given), {"answer": 3, "because": "the spectrum"},
        {"answer": whole_from(0), "because": {ValueError: ("", " ", None, 3, NAN, ["x"])}},
    ),
    "library.MysteryLibrary.open_envelope": (
        lambda answer: (answer, a_mystery().open_envelope()) if answer is None else answer,
        {"answer": 1}, {"answer": {ValueError: [None]}},
    ),
    "encoding.encode": (encode, {"df": SIX}, {
        "df": BAD_ROWS, "columns": COLUMNS, "like": LIKES, "unknown": WORDS, "missing": WORDS,
    }),
    "encoding.Encoding.transform": (ENCODING.transform, {"df": SIX}, {
        "df": {TypeError: [*NO_FRAMES, rows(Genre=[["a"]] * 6)], ValueError: [
            *BAD_ROWS[ValueError], rows(UserID=9), rows(UserID="1"), rows(UserID=True),
            rows(UserID=1.5), rows(Genre="fantasy")]},
    }),
    "encoding.Encoding.decode": (ENCODING.decode, {"frame": ENCODING.frame}, {"frame": NO_CODES}),
    "dimension.embedding_dimension": (
        embedding_dimension, {"n": 10}, {"n": whole_from(1), "cap": whole_from(1)},
    ),
    "dimension.table_parameters": (
        table_parameters, {"n": 10, "dimension": 3},
        {"n": whole_from(1), "dimension": whole_from(1)},
    ),
    "dimension.table_bytes": (
        table_bytes, {"n": 10, "dimension": 3}, {"n": whole_from(1), "dimension": whole_from(1)},
    ),
    "model.BookRecommendationModel": (
        BookRecommendationModel, dict.fromkeys(WIDTHS, 3),
        {name: whole_from(1) for name in WIDTHS}
        | {"num_books": {ValueError: (10**14, 10**18)}, "init_std": NO_POSITIVES},
    ),
    "model.BookRecommendationModel.forward": (
        new_model(), {"users": CODES, "books": CODES, "genres": CODES},
        {name: {
            TypeError: (CODES.float(), CODES.double(), CODES.bool(), CODES.to(torch.int16),
                        CODES.numpy(), [0, 1], 0, None, "0", SIX["UserID"]),
            ValueError: (torch.tensor([0, 9]), torch.tensor([0, -1]), torch.tensor([0, 2**62]),
                         torch.tensor([0, 1, 2]), torch.tensor([[0, 1]]), torch.tensor(0)),
        } for name in ("users", "books", "genres")},
    ),
    "dataset.BookDataset": (BookDataset, {"df": ENCODING.frame}, {"df": NO_ROWS_TO_TRAIN}),
    "dataset.make_loader": (make_loader, {"dataset": ROWS}, {
        "dataset": {TypeError: (None, 3, "rows", SIX, [1, 2], ENCODING),
                    ValueError: (BookDataset(ENCODING.frame[:0]), torch.ones(0))},
        "batch_size": whole_from(1), "shuffle": NO_FLAGS, "seed": NO_SEEDS,
    }),
    "dataset.split": (split, {"frame": SIX}, {
        "frame": {TypeError: NO_FRAMES, ValueError: (SIX[:0], SIX[:1])},
        "validation": NO_SHARES, "seed": {**NO_SEEDS, TypeError: (*NO_SEEDS[TypeError], None)},
        "test": {ValueError: [bad for bad in NO_SHARES[ValueError] if bad is not None]},
        "by": {ValueError: (None, "date", 3, ["row"], "time")}, "times": {},
    }),
    "measures.measures": (measures, {"labels": [0, 1], "probabilities": [0.2, 0.7]}, {
        "labels": {TypeError: (["0", "1"], list("ab"), [None, 1], [0, [1]], [1j, 0], "01",
                               torch.ones(2, requires_grad=True)),
                   ValueError: ([0, NAN], [0, 5], [0, -1], [0, INF], [0.5, 1], [], [0], [[0, 1]],
                                1, [1, 2, 3])},
        "probabilities": {TypeError: (["0.2", "0.7"], [None, 1], [0, [1]], [1j, 0], None,
                                      torch.ones(2, requires_grad=True)),
                          ValueError: ([0.2, NAN], [0.2, INF], [0.2, 1.2], [0.2, -0.1], [], [0.2],
                                       [[0.2, 0.7]], 0.2)},
    }),
    "measures.count_first": (count_first, {"encoding": ENCODING}, {"encoding": {
        **NO_ENCODINGS, ValueError: [replace(ENCODING, frame=bad) for bad in (
            ENCODING.frame[:0], ENCODING.frame.drop(columns="Liked"), codes(Liked=NAN))]}}),
    "measures.baselines": (baselines, {"train": ENCODING.frame, "validation": ENCODING.frame}, {
        name: {TypeError: (*NO_FRAMES, codes(BookID="The Silver Lantern"), codes(BookID=1.5)),
               ValueError: (ENCODING.frame[:0], ENCODING.frame[["Liked"]], codes(Liked=NAN),
                            codes(Liked=5), codes(Liked="1"), doubled(ENCODING.frame, "BookID"))}
        for name in ("train", "validation")
    }),
    "measures.guesses": (guesses, {"train": ENCODING.frame, "validation": ENCODING.frame}, {
        name: {TypeError: (*NO_FRAMES, codes(BookID="The Silver Lantern"), codes(BookID=1.5)),
               ValueError: (ENCODING.frame[:0], ENCODING.frame[["Liked"]], codes(Liked=NAN),
                            codes(Liked=5), codes(Liked="1"), doubled(ENCODING.frame, "BookID"))}
        for name in ("train", "validation")
    }),
    "training.fit": (
        lambda **given: fit(**{"model": new_model(), "loader": loader(), "epochs": 1} | given), {},
        {
            "model": {TypeError: NO_MODELS, ValueError: (new_model(books=2), broken_model())},
            "loader": {**NO_LOADERS, ValueError: NO_LOADERS[ValueError] + NO_LABELS},
            "epochs": whole_from(1), "lr": {ValueError: (*NO_POSITIVES[ValueError], 1e60)},
            "seed": {TypeError: ("a", 1.5, NAN, [1], True), ValueError: (-1, 2**70)},
            "validation": {error: [part for part in bad if part is not None]
                           for error, bad in NO_LOADERS.items()},
            "snapshot": {ValueError: ("users", "", 3, ["book"], NAN, np.array(["book", "user"]))},
            "keep_best": {**NO_FLAGS, ValueError: (True,)},
            "l2": NO_WEIGHTS,
            "patience": {TypeError: ("3", 2.5, NAN, True), ValueError: (0, -1, 3)},
        },
    ),
    "training.predict": (
        lambda **given: predict(**{"model": new_model(), "loader": loader()} | given), {},
        {"model": {TypeError: (None, "model", 3, SIX), ValueError: (new_model(books=2),)},
         "loader": NO_LOADERS},
    ),
    "training.evaluate": (
        lambda **given: evaluate(**{"model": new_model(), "loader": loader()} | given), {},
        {"model": {TypeError: (None, "model", 3, SIX),
                   ValueError: (new_model(books=2), broken_model())},
         "loader": {**NO_LOADERS, ValueError: [
             *NO_LOADERS[ValueError], [batch(labels=(NAN, 1.0))], [batch(labels=(5.0, 1.0))]]}},
    ),
    "training.recommend": (
        recommend, {"model": factorized(), "encoding": ENCODING, "reader": 1},
        {"model": {TypeError: (None, "model", 3, SIX)}, "encoding": NO_ENCODINGS,
         "reader": {ValueError: ("1", True, None, NAN)}, "k": whole_from(1),
         "rows": {TypeError: [frame for frame in NO_FRAMES if frame is not None],
                  ValueError: (ENCODING.frame[:0], codes(BookID=-1), codes(BookID=9))}},
    ),
    "training.History.best_epoch": (
        lambda frame: History(frame).best_epoch, {"frame": pd.DataFrame({"train_loss": [0.5]})},
        {"frame": {ValueError: [pd.DataFrame({"train_loss": []})]}},
    ),
    "inspection.embedding_table": (
        embedding_table, {"model": new_model(), "table": "book", "encoding": ENCODING},
        {"model": {TypeError: NO_MODELS, ValueError: (new_model(books=5),)},
         "table": {ValueError: ("books", "", None, 3, ["book"], NAN)}, "encoding": NO_ENCODINGS},
    ),
    "inspection.nearest": (nearest, {"table": VECTORS, "name": "b"}, {
        "table": {**NO_TABLES, ValueError: [
            *NO_TABLES[ValueError], VECTORS.set_axis(list("abbc")), VECTORS * 0,
            VECTORS.set_axis(range(4))]},
        "name": {ValueError: ("z", None, 0, NAN, ["b"], slice(0, 1))},
        "k": whole_from(1), "at_least": {**whole_from(0), TypeError: (*NO_NUMBERS, 2)},
        "votes": {},
    }),
    "inspection.project": (project, {"table": VECTORS}, {
        "table": {**NO_TABLES, ValueError: [*NO_TABLES[ValueError], *NO_SPREAD]},
    }),
    "inspection.Projection.place": (
        lambda given: projection().place(given), {"given": VECTORS}, {"given": NO_ARRAYS},
    ),
    "inspection.spectrum": (spectrum, {"table": VECTORS}, {
        "table": {**NO_TABLES, ValueError: [*NO_TABLES[ValueError], *NO_SPREAD]},
    }),
    "inspection.movement": (movement, {"before": VECTORS * 0, "after": VECTORS}, {
        "before": {**NO_ARRAYS, ValueError: [*NO_ARRAYS[ValueError], VECTORS[::-1]]},
        "after": {**NO_ARRAYS, ValueError: [*NO_ARRAYS[ValueError], VECTORS * 0 + 0.1]},
    }),
    "sweep.sweep": (
        partial(sweep, n_jobs=1),
        {"encoding": ENCODING, "dims": [2], "seeds": [0], "epochs": 1, "batch_size": 2,
         "validation": 0.3},
        {
            "encoding": {**BAD_ROWS, ValueError: [
                *BAD_ROWS[ValueError], SIX[:1], replace(ENCODING, frame=codes(UserID=9)),
                replace(ENCODING, frame=codes(BookID=-1))]},
            "dims": numbers_from(1), "seeds": numbers_from(0), "epochs": whole_from(1),
            "batch_size": whole_from(1), "lr": {ValueError: (*NO_POSITIVES[ValueError], 1e60)},
            "init_std": NO_POSITIVES, "validation": NO_SHARES, "genre_dim": whole_from(1),
            "split_seed": NO_SEEDS,
            "patience": {TypeError: ("3", 2.5, NAN, True), ValueError: (0, -1)},
            "n_jobs": {TypeError: ("2", 1.5, NAN), ValueError: (0, HUGE)},
        },
    ),
    "factorization.MatrixFactorization": (
        MatrixFactorization, {"num_users": 3, "num_books": 4},
        {"num_users": whole_from(1), "num_books": {
            TypeError: NO_NUMBERS, ValueError: (0, -1, HUGE, 10**14, 10**18)},
         "embedding_dim": whole_from(0), "init_std": NO_POSITIVES},
    ),
    "factorization.MatrixFactorization.forward": (
        factorized(), {"users": CODES, "books": CODES},
        {name: {
            TypeError: (CODES.float(), CODES.bool(), CODES.numpy(), [0, 1], 0, None, "0"),
            ValueError: (torch.tensor([0, 9]), torch.tensor([0, -1]), torch.tensor([0, 1, 2])),
        } for name in ("users", "books")} | {"genres": {}},
    ),
    "factorization.centered": (centered, {"model": factorized()}, {
        "model": {TypeError: (*NO_MODELS, new_model())},
    }),
    "factorization.cut": (cut, {"model": factorized(), "d": 1}, {
        "model": {TypeError: (*NO_MODELS, new_model())},
        "d": {**whole_from(0), ValueError: (-1, 3)},
    }),
    "factorization.losses_by_dimension": (
        losses_by_dimension, {"model": factorized(), "loader": loader()},
        {"model": {TypeError: (*NO_MODELS, new_model())}, "loader": {
            TypeError: NO_LOADERS[TypeError][:-2], ValueError: NO_LOADERS[ValueError]}},
    ),
    "choosing.choose_dimension": (
        partial(choose_dimension, splits=1, l2=[0.01]), {"table": SIX, "widest": 2},
        {"table": {**BAD_ROWS, ValueError: [*BAD_ROWS[ValueError], SIX[:2],
                                            replace(ENCODING, frame=codes(UserID=9))]},
         "widest": whole_from(1), "splits": whole_from(1), "seed": {
            **NO_SEEDS, TypeError: (*NO_SEEDS[TypeError], None)}, "matters": NO_WEIGHTS,
         "l2": {TypeError: (None, 0.01, "0.01"), ValueError: ([], [-1], [NAN], [0.1, 0.1], ["x"])},
         "n_jobs": {TypeError: ("2", 1.5, NAN), ValueError: (0, HUGE)}},
    ),
    "saving.save_course_model": (
        save_course_model, {"path": "a.model", "model": new_model(), "encoding": ENCODING},
        {"path": {TypeError: (None, 3, NAN, ["a"])},
         "model": {TypeError: NO_MODELS, ValueError: (new_model(books=5), broken_model())},
         "encoding": {**NO_ENCODINGS, ValueError: (encode(SIX, unknown="reserve"),)}},
    ),
    "saving.load_course_model": (
        load_course_model, {"path": "good.model"},
        {"path": {TypeError: (None, NAN, ["a"], 3.5), ValueError: ("empty.model", "text.model")},
         "like": {TypeError: ("x", 4, NAN)}},
    ),
}  # fmt: skip
CASES = [
    pytest.param(call, right | wrong, error, id=f"{name}-{'-'.join(wrong)}-{i}")
    for name, (call, right, changes) in TABLE.items()
    for i, (error, wrong) in enumerate(each(changes))
]
FOREIGN = re.compile(
    r"object is not|has no attribute|not subscriptable|not supported between|unexpected keyword|"
    r"unpack|ambiguous|unhashable|could not convert|cannot convert|expected str, bytes|Expected |"
    r"aten|size mismatch|argument '|dtype\('|broadcast|argmin|invalid literal|too large to convert"
)


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.model").touch()
    (tmp_path / "text.model").write_text("a,b\n1,2\n")
    save_course_model("good.model", new_model(), ENCODING)


@pytest.mark.parametrize("call, given, error", CASES)
def test_a_bad_argument_gets_an_error_in_words(call, given, error):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((TypeError, ValueError)) as caught:
            call(**given)
    told = str(caught.value)
    assert type(caught.value) is error, told
    assert "bookrec_helpers" in str(caught.traceback[-1].path), f"from inside a library: {told}"
    assert len(told) > 20 and told.endswith((".", ")")) and not FOREIGN.search(told), told


@pytest.mark.parametrize("name", TABLE)
def test_the_rest_of_each_row_is_right(name):
    call, right, _ = TABLE[name]
    call(**right)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
@pytest.mark.parametrize("error, given", each({"n": whole_from(1)}))
def test_a_rule_takes_whole_numbers(rule, error, given):
    with pytest.raises(error, match="n must be"):
        rule(**given)


def says_what_it_raises(thing):
    return "Raises:" in (getattr(thing, "__doc__", None) or "")


def public(module):
    """What in a module takes arguments of a learner: its docstring says what it raises."""
    found = set()
    for name, thing in vars(module).items():
        if getattr(thing, "__module__", None) == module.__name__ and not name.startswith("_"):
            found |= {name} if says_what_it_raises(thing) else set()
            members = vars(thing).items() if inspect.isclass(thing) else ()
            found |= {f"{name}.{m}" for m, member in members if says_what_it_raises(member)}
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_public_function_has_its_row(module):
    here = {name.split(".", 1)[1] for name in TABLE if name.startswith(module + ".")}
    assert public(importlib.import_module(f"bookrec_helpers.{module}")) == here


@pytest.mark.parametrize("name", TABLE)
def test_every_argument_is_put_wrong_in_its_row(name):
    thing = importlib.import_module(f"bookrec_helpers.{name.split('.')[0]}")
    for part in name.split(".")[1:]:
        thing = getattr(thing, part)
    if callable(thing):
        asked = set(inspect.signature(thing).parameters) - {"self"}
        missing = asked - set(TABLE[name][2])
        assert not missing or len(asked) == 1, f"nothing bad is given as {missing}"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lessons_use_only_what_checks_its_arguments(path):
    cells = nbformat.read(path, as_version=4).cells
    code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    for module, names in re.findall(r"from bookrec_helpers\.(\w+) import (.+)", code):
        for name in re.split(" as |  #", names)[0].split(", ") if module in MODULES else ():
            thing = getattr(importlib.import_module(f"bookrec_helpers.{module}"), name)
            asks = inspect.isfunction(thing) and inspect.signature(thing).parameters
            assert not asks or says_what_it_raises(thing), f"{name} does not say what it refuses"
