"""A model and its encoding in one file, and back."""

import datetime
import os
import pickle
import threading
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bookrec_helpers.checks import COLUMNS
from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import MatrixFactorization, cut
from bookrec_helpers.library import magical_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.saving import load_course_model, save_course_model
from bookrec_helpers.training import evaluate, fit, predict
from tests.test_encoding import frames


def table(**changes):
    """The six rows with some columns changed."""
    return magical_library().assign(**changes)


def saved(path, df=None, model=None, **options):
    """A model for a table, saved; the model and its encoding."""
    encoding = encode(table() if df is None else df, **options)
    model = model or BookRecommendationModel(*encoding.sizes.values())
    save_course_model(path, model, encoding)
    return model, encoding


def same_weights(one, other):
    pairs = zip(one.state_dict().items(), other.state_dict().items(), strict=True)
    return all(n == m and a.dtype == b.dtype and torch.equal(a, b) for (n, a), (m, b) in pairs)


def same_categories(one, other):
    return all(
        one.categories[name].dtype == other.categories[name].dtype
        and one.categories[name].equals(other.categories[name])
        and list(map(type, one.categories[name])) == list(map(type, other.categories[name]))
        for name in COLUMNS
    )


@pytest.fixture
def file(tmp_path):
    return tmp_path / "shelf.model"


def rewritten(path, change=lambda about: None, **weights):
    """Writes the file anew with what it holds changed, or other weights."""
    about = torch.load(path, weights_only=True)
    about["weights"] |= {name: torch.as_tensor(weight) for name, weight in weights.items()}
    change(about)
    torch.save(about, path)


def test_a_trained_model_answers_as_before(file):
    encoding = encode(table())
    model = BookRecommendationModel(*encoding.sizes.values(), 4, 5, 1, init_std=0.1)
    loader = make_loader(BookDataset(encoding.frame), 6, shuffle=False)
    fit(model, loader, 3)
    save_course_model(file, model, encoding)
    state = torch.get_rng_state()
    loaded, known = load_course_model(file)
    assert torch.equal(torch.get_rng_state(), state), "loading draws no random numbers"
    assert str(loaded) == str(model) and loaded.init_std == 0.1
    assert same_weights(loaded, model)
    assert evaluate(loaded, loader) == evaluate(model, loader)
    assert known.transform(table()).equals(encoding.frame)
    assert known.decode(encoding.frame).equals(table())
    assert list(known.frame) == list(encoding.frame) and len(known.frame) == 0


def test_a_loaded_model_goes_on_learning_as_the_saved_one_would(file):
    model, encoding = saved(file)
    loaded, _ = load_course_model(file)
    for one in (model, loaded):
        fit(one, make_loader(BookDataset(encoding.frame), 2, seed=0), 3)
    assert same_weights(model, loaded)


KINDS = {
    "ids beyond 2**53": [2**60, 2**60 + 1, 5, 2**60, 5, 5],
    "unsigned": np.array([2**64 - 1, 2, 3, 4, 5, 6], dtype="uint64"),
    "beyond 64 bits": [2**70, 2**70 + 1, -(2**80), 5, 5, 5],
    "strings": ["Fantasy", "fantasy", " Fantasy", "😀", "", "\ud800"],
    "booleans": [True, False] * 3,
    "days": [datetime.date(2026, 1, 2), datetime.date(1, 1, 1)] * 3,
    "dates": pd.to_datetime(["2026-01-02 03:04:05.678901", "1925-01-01 00:00:00.0"] * 3),
    "dates in ns": pd.to_datetime(["2026-01-02", "1925-01-01"] * 3).as_unit("ns"),
    "dates with zone": pd.to_datetime(["2026-03-29", "2026-10-25"] * 3).tz_localize("Europe/Oslo"),
    "durations": pd.to_timedelta([1, 2] * 3, unit="h"),
    "floats": [0.1, 1 / 3, -np.inf, 5e-324, 1e308, 0.0],
    "small floats": np.array([0.1, 0.2, 0.3] * 2, dtype="float32"),
    "small ints": np.array([1, 2, 3] * 2, dtype="int16"),
    "categories": pd.Categorical(list("abcabc"), categories=list("zcba"), ordered=True),
    "categories of ids": pd.Categorical([2**60, 2**60 + 1, 1] * 2),
    "nullable": pd.array([2**60 + 1, 2, 3] * 2, dtype="Int64"),
    "nullable booleans": pd.array([True, False] * 3, dtype="boolean"),
    "mixed": pd.Series([1, "y", 2.5, "x", datetime.date(2026, 1, 1), 2**70], dtype=object),
}  # fmt: skip
WITH_HOLES = {
    "strings": ["a", None] * 3,
    "floats": [1.5, np.nan] * 3,
    "dates": pd.to_datetime(["2026-01-02", None] * 3),
    "categories": pd.Categorical(["a", None] * 3),
    "nullable": pd.array([2**60 + 1, None] * 3, dtype="Int64"),
    "nullable booleans": pd.array([True, None] * 3, dtype="boolean"),
    "objects": pd.Series(["c", None, pd.NA, 2**70, "a", "b"], dtype=object),
}


@pytest.mark.parametrize("unknown", ["error", "reserve"])
@pytest.mark.parametrize("values", KINDS.values(), ids=KINDS)
def test_categories_of_any_kind_come_back_exactly(file, values, unknown):
    _, encoding = saved(file, df := table(Genre=values), unknown=unknown)
    _, known = load_course_model(file)
    assert same_categories(known, encoding)
    assert known.sizes == encoding.sizes and known.unknown == unknown
    assert known.transform(df).equals(encoding.frame)


@pytest.mark.parametrize("values", WITH_HOLES.values(), ids=WITH_HOLES)
def test_what_is_missing_stays_a_category(file, values):
    _, encoding = saved(file, df := table(BookID=values), missing="category")
    _, known = load_course_model(file)
    assert same_categories(known, encoding)
    assert known.transform(df).equals(encoding.frame)


@given(df=frames(), unknown=st.sampled_from(["error", "reserve"]))
def test_every_encoding_comes_back(tmp_path_factory, df, unknown):
    path = tmp_path_factory.getbasetemp() / "any.model"
    _, encoding = saved(path, df, unknown=unknown)
    _, known = load_course_model(path)
    assert same_categories(known, encoding)
    assert known.decode(encoding.frame).equals(df)


def test_own_column_names_come_back(file):
    names = {"UserID": "reader ✓", "BookID": 7, "Liked": "stars"}
    saved(file, table().rename(columns=names), columns=names)
    assert load_course_model(file)[1].columns == {"Genre": "Genre"} | names


def test_like_is_given_again_or_labels_are_refused(file):
    def four_stars(stars):
        return stars >= 4

    stars = table(Liked=[5, 1, 4, 2, 5, 4])
    _, encoding = saved(file, stars, like=four_stars)
    _, known = load_course_model(file, like=four_stars)
    assert known.transform(stars).equals(encoding.frame)
    _, known = load_course_model(file)
    assert known.transform(stars[list(COLUMNS)]).equals(encoding.frame[list(COLUMNS)])
    for labels in (stars, table()):
        with pytest.raises(ValueError, match=r"load_course_model\(path, like=\.\.\.\)"):
            known.transform(labels)
    with pytest.raises(TypeError, match="like must be a function"):
        load_course_model(file, like=4)


def test_a_file_is_replaced_as_a_whole(file):
    saved(file)
    other = file.with_name("the same file")
    os.link(file, other)
    before = other.read_bytes()
    model, _ = saved(file)
    assert other.read_bytes() == before, "the old file was written into"
    assert same_weights(load_course_model(file)[0], model)


def test_a_failed_save_leaves_what_was_there(file, monkeypatch):
    saved(file)
    before = file.read_bytes()

    def full(draft, data):
        draft.touch()
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space"):
        saved(file)
    assert file.read_bytes() == before
    assert os.listdir(file.parent) == [file.name]


def not_finite():
    model = BookRecommendationModel(3, 4, 3)
    model.fc1.weight.data[0, 0] = torch.nan
    return model


@pytest.mark.parametrize(
    "changes, error, words",
    [
        ({"model": torch.nn.Linear(1, 1)}, TypeError, "BookRecommendationModel or a .* is needed"),
        ({"model": BookRecommendationModel(3, 5, 3)}, ValueError, "5 rows.*has 4 for 'BookID'"),
        ({"model": not_finite()}, ValueError, r"fc1\.weight holds missing or infinite"),
        ({"model": BookRecommendationModel(3, 4, 3).half()}, ValueError, "float32"),
        ({"df": table(Genre=[1j] * 6)}, TypeError, "such as .*1j.*, type complex"),
        ({"df": table(Genre=[("a", 1)] * 6)}, TypeError, "type tuple in a column of type object"),
        ({"df": table(Genre=pd.period_range("2020", periods=6))}, TypeError, "Period"),
    ],
    ids=["layer", "other size", "nan", "half", "complex", "tuples", "periods"],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused_before_anything_is_written(file, changes, error, words):
    model = changes.get("model")
    with pytest.raises(error, match=words):
        saved(file, changes.get("df"), model)
    assert not os.listdir(file.parent)


def test_an_encoding_is_needed(file):
    with pytest.raises(TypeError, match="An Encoding is needed, not DataFrame"):
        save_course_model(file, BookRecommendationModel(3, 4, 3), magical_library())


class Bomb:
    """What a pickle can do: anything."""

    def __reduce__(self):
        return os.mkdir, (Bomb.target,)


def as_pickle(path):
    path.write_bytes(pickle.dumps(Bomb()))


def as_torch_file(path):
    torch.save(Bomb(), path)


def among_the_names(path):
    saved(path)
    rewritten(path, put("categories", "BookID", "values", 0, value=Bomb()))


@pytest.mark.parametrize("write", [as_pickle, as_torch_file, among_the_names])
def test_no_code_in_a_file_is_run(file, tmp_path, write):
    Bomb.target = str(tmp_path / "ran")
    write(file)
    with pytest.raises(ValueError, match="cannot be read as a model of this course"):
        load_course_model(file)
    assert not os.path.exists(Bomb.target)


@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_file_is_refused_or_still_says_the_same(tmp_path_factory, where, bit, cut):
    path = tmp_path_factory.getbasetemp() / "damaged.model"
    model, encoding = saved(path, table(Genre=list("abcabc")))
    data = bytearray(path.read_bytes())
    place = int(where * len(data))
    data[place] ^= 1 << bit
    path.write_bytes(data[:place] if cut else data)
    try:
        loaded, known = load_course_model(path)
    except ValueError as error:
        assert "cannot be read as a model of this course" in str(error)
    else:
        assert same_weights(loaded, model) and same_categories(known, encoding)


def put(*keys, value):
    """A change of what the file holds."""

    def change(about):
        for key in keys[:-1]:
            about = about[key]
        about[keys[-1]] = value

    return change


@pytest.mark.parametrize(
    "change, words",
    [
        (put("format", value="course model, version 4"), "a newer version of the course made it"),
        (put("format", value="recipe"), "It is of another kind"),
        (put("categories", "BookID", "values", value=[1, 2, 3]), "size mismatch"),
        (put("categories", "BookID", "values", value=[1, 1, 2, 3]), "'BookID' is there twice"),
        (put("categories", "Genre", "dtype", value="int64"), "Genre|invalid|could not"),
        (put("categories", value=[]), "cannot be read"),
        (put("unknown", value="reserve"), "size mismatch"),
        (put("unknown", value="ignore"), "unknown must be one of"),
        (put("columns", "values", 3, value="UserID"), "uses one column of yours twice"),
        (put("init_std", value=-1), "init_std"),
    ],
)
def test_what_does_not_fit_is_refused(file, change, words):
    saved(file)
    rewritten(file)
    load_course_model(file)
    rewritten(file, change)
    with pytest.raises(ValueError, match=words):
        load_course_model(file)


@pytest.mark.parametrize(
    "weights, words",
    [
        ({"fc1.bias": np.zeros(31, "f4")}, "size mismatch"),
        ({"fc1.bias": np.zeros(32, "f8")}, "not all float32"),
        ({"fc1.bias": np.full(32, np.inf, "f4")}, "fc1.bias holds missing or infinite"),
        ({"fc1.bias": torch.zeros(1).expand(32)}, "fc1.bias holds missing"),  # one number, 32 times
        ({"user_embedding.weight": np.zeros((9, 3), "f4")}, "size mismatch"),
        ({"user_embedding.weight": np.zeros(3, "f4")}, "cannot be read"),
    ],
)
def test_weights_that_do_not_fit_are_refused(file, weights, words):
    saved(file)
    rewritten(file, **weights)
    with pytest.raises(ValueError, match=words):
        load_course_model(file)


def test_what_would_swell_is_refused(file):
    saved(file)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("more", bytes(10**6))
    with pytest.raises(ValueError, match="compressed"):
        load_course_model(file)


def test_a_file_of_an_older_version_is_told_so(file):
    with open(file, "wb") as older:
        np.savez(older, **{"fc1.bias": np.zeros(32, "f4")})
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("about.json", '{"format": "course model", "version": 2}')
    with pytest.raises(ValueError, match="an older or a newer version of the course made it"):
        load_course_model(file)


def test_a_missing_file_is_an_oserror(file):
    with pytest.raises(FileNotFoundError):
        load_course_model(file)


@pytest.mark.parametrize("dimension", [0, 2, 3])
def test_a_factorization_comes_back_cut_or_whole(file, dimension):
    encoding = encode(table())
    torch.manual_seed(0)
    model = cut(MatrixFactorization(3, 4, embedding_dim=3, init_std=1.0), dimension)
    save_course_model(file, model, encoding)
    loaded, known = load_course_model(file)
    rows = make_loader(BookDataset(encoding.frame), 6, shuffle=False)
    assert type(loaded) is MatrixFactorization and loaded.user_embedding.embedding_dim == dimension
    assert np.array_equal(predict(loaded, rows)[0], predict(model, rows)[0])
    assert same_weights(loaded, model) and same_categories(known, encoding)


def test_two_threads_may_save_to_one_path(file):
    encoding, failed = encode(table()), []

    def save():
        try:
            for _ in range(20):
                save_course_model(file, BookRecommendationModel(3, 4, 3, 64, 64), encoding)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        if file.exists():
            load_course_model(file)
    assert not failed and os.listdir(file.parent) == [file.name]
