"""What tables and programs of practitioners do to the course: the right answer, or a clear error.

Each case is of a kind that public bug reports of other libraries tell of.
"""

import io
import re

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader, TensorDataset

from bookrec_helpers.choosing import choose_dimension
from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.inspection import embedding_table, nearest, project
from bookrec_helpers.library import planted_library
from bookrec_helpers.measures import baselines
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.plots import embedding_map
from bookrec_helpers.saving import save_course_model
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import evaluate, fit, predict

SIX = pd.DataFrame(
    {
        "UserID": [1, 1, 2, 2, 3, 3],
        "BookID": [101, 102, 101, 103, 104, 102],
        "Genre": list("FRFMFR"),
        "Liked": [1, 0, 1, 0, 1, 1],
    }
)
LATER = SIX.assign(BookID=999)
STARS = SIX.assign(Liked=[1, 2, 3, 4, 5, 5])
CSV = "user,isbn,kind,stars\n1,0155061224,a,5\n2,0155061224,a,1\n1,{},b,4\n2,0446520802,b,2\n"
ISBN = {"UserID": "user", "BookID": "isbn", "Genre": "kind", "Liked": "stars"}


def good(stars):
    return stars >= 4


def rows_of_codes(seed=0, n=400):
    rng = np.random.default_rng(seed)
    columns = {"UserID": 30, "BookID": 20, "Genre": 4, "Liked": 2}
    return pd.DataFrame({name: rng.integers(0, size, n) for name, size in columns.items()})


def loader(frame, size=64):
    return make_loader(BookDataset(frame), size, seed=0)


def six_rows(**columns):
    """A call that encodes the six rows with other columns."""
    return lambda: encode(SIX.assign(**columns))


def isbns(new, **options):
    """A call that reads ISBNs with a letter among them first, and later those of digits only."""

    def call():
        first = encode(pd.read_csv(io.StringIO(CSV.format("034545104X"))), ISBN, good, **options)
        return first.transform(pd.read_csv(io.StringIO(CSV.format(new))))

    return call


def texts(**options):
    return lambda: encode(SIX, **options).transform(SIX.astype({"UserID": str}))


REFUSED = {  # what was asked: the words of the answer, which name column, value and way out
    "ids of digits were read as numbers": (
        isbns("0345451040", unknown="reserve"),
        r"'isbn'.*another kind: \[155061224.*dtype=\{'isbn': str\}",
    ),
    "numbers were read as text, and strangers are allowed": (
        texts(unknown="reserve"),
        r"'UserID'.*another kind: \['1', '2', '3'\].*dtype=\{'UserID': str\}",
    ),
    "numbers were read as text": (texts(), r"another kind.*dtype=\{'UserID': str\}"),
    "101 and the text 101": (
        six_rows(BookID=[101, "102", "101", 103, 104, 102]),
        r"'BookID' mixes numbers and texts.*df\['BookID'\]\.astype\(str\)",
    ),
    "True and 1": (
        six_rows(BookID=pd.Series([1, True, 0, 1, 2, 3], dtype=object)),
        r"'BookID' mixes truth values and numbers.*astype\(str\)",
    ),
    "lists of genres": (six_rows(Genre=[["a", "b"]] * 6), r"'Genre'.*such as lists.*strings"),
    "sets of genres": (six_rows(Genre=[{"a"}] * 6), r"'Genre'.*cannot be compared"),
    "a hole in the ids": (
        six_rows(UserID=pd.array([1, 1, 2, None, 3, 3], "Int64")),
        r"1 in column 'UserID'.*dropna.*missing=\"category\"",
    ),
    "a hole in the labels": (
        six_rows(Liked=pd.array([1, 0, None, 1, 1, 1], "Int64")),
        r"'Liked' has 1 missing labels.*dropna\(subset=\['Liked'\]\)",
    ),
    "stars in place of likes": (lambda: encode(STARS), r"'Liked'.*\[2, 3, 4, 5\].*like=lambda"),
    "yes and no": (
        six_rows(Liked=["yes", "no"] * 3), r"'Liked'.*\['yes', 'no'\].*answers == 'yes'"
    ),
    "-1 and 1": (six_rows(Liked=[1, -1] * 3), r"'Liked'.*holds \[-1\].*like=lambda"),
    "a like by the others' stars": (
        lambda: encode(STARS, like=lambda stars: stars > stars.mean()),
        r"'Liked' by the other rows: 4 alone.*fixed limit.*stars >= 4",
    ),
    "a like of one row at a time": (
        lambda: encode(STARS, like=lambda stars: 1 if stars > 3 else 0),
        r"like fails on column 'Liked'.*gets the whole column.*at once: like=lambda",
    ),
    "a header with a byte order mark": (
        lambda: encode(SIX.rename(columns={"UserID": "\ufeffUserID"})),
        r"'UserID' is missing.*\\ufeffUserID.*columns=\{'UserID': \.\.\.\}",
    ),
    "columns the wrong way round": (
        lambda: encode(SIX.rename(columns={"UserID": "user"}), {"user": "UserID"}),
        r"columns names 'user'; its keys are UserID, BookID, Genre, Liked",
    ),
    "own names in a sweep, which has no columns=": (
        lambda: sweep(SIX.rename(columns={"UserID": "user"}), [1], [0], epochs=1),
        r"'UserID' is missing.*encode\(df, columns=\{'UserID': \.\.\.\}\)",
    ),
    "columns of two levels": (
        lambda: encode(pd.concat({"a": SIX}, axis=1)),
        r"'UserID' is missing; the frame has \[\('a', 'UserID'\)",
    ),
    "ids in the index": (
        lambda: encode(SIX.set_index("UserID")), r"'UserID' is missing; the frame has \['BookID'"
    ),
    "a book named (unknown)": (
        lambda: encode(SIX.assign(BookID=["(unknown)", *"abcde"]), unknown="reserve"),
        r"'BookID' has a value named '\(unknown\)'.*Rename it",
    ),
    "pandas' code -1": (
        lambda: BookDataset(SIX.assign(Genre=pd.Categorical([*"abcab", None]).codes)),
        r"'Genre' has the code -1.*df\[df\['Genre'\] >= 0\]",
    ),
    "ids in place of codes": (
        lambda: fit(BookRecommendationModel(3, 104, 3), loader(SIX.assign(Genre=0)), 1),
        r"user code 3.*codes 0 to 2.*same encoding",
    ),
    "a frame in place of a loader": (
        lambda: predict(BookRecommendationModel(30, 20, 4), rows_of_codes()),
        r"loader must be a loader, such as make_loader\(BookDataset\(frame\)\), not DataFrame",
    ),
    "an older model, a newer table": (
        lambda: embedding_table(
            BookRecommendationModel(3, 4, 3), "book", encode(pd.concat([SIX, LATER]))
        ),
        r"book table has 4 rows, but the encoding has 5 for 'BookID'.*trained with",
    ),
    "weights that are no numbers": (
        lambda: evaluate(broken(), loader(rows_of_codes())),
        r"grown out of bounds.*smaller lr",
    ),
    "steps that are too long": (
        lambda: fit(BookRecommendationModel(30, 20, 4), loader(rows_of_codes()), 5, lr=1e30),
        r"grown out of bounds.*smaller lr",
    ),
    "a model elsewhere": (
        lambda: fit(BookRecommendationModel(30, 20, 4).to("meta"), loader(rows_of_codes()), 1),
        r"the model is on meta.*model\.to\(\"cpu\"\)",
    ),
    "a model of half floats": (
        lambda: fit(BookRecommendationModel(30, 20, 4).bfloat16(), loader(rows_of_codes()), 1),
        r"batches do not fit the model.*float32.*model\.float\(\)",
    ),
    "tables too large for any machine": (
        lambda: BookRecommendationModel(10**10, 10, 10, 50, 50),
        r"500,000,000,\d+ numbers do not fit into this machine's memory",
    ),
    "neighbors in one dimension": (
        lambda: nearest(pd.DataFrame([[0.01], [0.5]], list("ab")), "a"),
        r"one column points only up or down.*\.abs\(\)",
    ),
    "neighbors of what points nowhere": (
        lambda: nearest(pd.DataFrame([[0, 0], [1, 0.5]], list("ab")), "a"), r"row 'a' are all 0"
    ),
    "a map of one point": (lambda: project(pd.DataFrame([[1.0, 2.0]])), r"At least 2 rows"),
}  # fmt: skip


def broken():
    model = BookRecommendationModel(30, 20, 4)
    model.book_embedding.weight.data[0, 0] = float("nan")
    return model


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_go_wrong_is_refused_with_the_way_out(case, recwarn):
    call, words = REFUSED[case]
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert re.search(words, str(caught.value), re.DOTALL), str(caught.value)
    assert not recwarn.list


KINDS = {
    "Int64": SIX.astype({"UserID": "Int64"}),
    "UInt8": SIX.astype({"UserID": "UInt8"}),
    "Float64": SIX.astype({"UserID": float}),
    "string": SIX.astype({"Genre": "string"}),
    "category": SIX.astype({"Genre": "category"}),
    "unused categories": SIX.assign(Genre=pd.Categorical(SIX["Genre"], list("XFRMZ"))),
    "boolean labels": SIX.astype({"Liked": bool}),
    "float labels": SIX.astype({"Liked": float}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_another_kind_gets_the_same_codes(kind):
    codes = encode(SIX).frame
    assert encode(KINDS[kind]).frame.equals(codes)
    assert encode(KINDS[kind]).transform(SIX).equals(codes)
    assert encode(SIX).transform(KINDS[kind]).equals(codes)


def test_genres_in_tuples_are_told_with_the_way_out():
    cells = SIX.assign(Genre=[("F", "R"), ("R",), ("F", "R"), ("M",), ("F",), ("R",)])
    with pytest.warns(UserWarning, match=r"several genres.*\('F', 'R'\).*df\['Genre'\]\.str\[0\]"):
        assert encode(cells).sizes["Genre"] == 4
    assert encode(cells.assign(Genre=cells["Genre"].str[0])).sizes["Genre"] == 3


def test_large_ids_are_kept_apart_and_their_floats_are_strangers():
    large = SIX.assign(UserID=[2**53 + i for i in range(6)])
    encoding = encode(large, unknown="reserve")
    assert encoding.frame["UserID"].tolist() == list(range(6))
    # The float nearest to 2**53 + 1 is another id.
    codes = encoding.transform(large.astype({"UserID": float}))["UserID"].tolist()
    assert codes[0] == 0 and all(code in (i, 6, *range(6)) for i, code in enumerate(codes))
    assert encoding.decode(encoding.frame)["UserID"].equals(large["UserID"])


def test_negative_ids_are_ids():
    assert encode(SIX.assign(UserID=[-1, -1, -2, -2, 0, 0])).frame["UserID"].nunique() == 3


def test_rows_with_one_label_only_train_and_say_what_they_can():
    rows = rows_of_codes().assign(Liked=1)
    model = BookRecommendationModel(30, 20, 4)
    fit(model, loader(rows), epochs=2)
    scores = evaluate(model, loader(rows))
    assert scores["log_loss"] < 0.7 and np.isnan(scores["auc"])
    assert (baselines(rows, rows)["log_loss"] < 0.02).all()
    assert len(sweep(rows, [1, 2], [0], epochs=1, n_jobs=1)) == 2


def test_rows_without_labels_can_be_predicted_and_not_trained_on():
    encoding = encode(SIX)
    codes = encoding.transform(SIX.drop(columns="Liked"))
    model = BookRecommendationModel(*encoding.sizes.values())
    chances, labels = predict(model, make_loader(BookDataset(codes), shuffle=False))
    known, _ = predict(model, make_loader(BookDataset(encoding.frame), shuffle=False))
    assert np.array_equal(chances, known) and np.isnan(labels).all()
    with pytest.raises(ValueError, match="without a label; they can only be predicted"):
        fit(model, make_loader(BookDataset(codes)), 1)


def test_the_row_for_strangers_is_not_moved_by_training():
    encoding = encode(rows_of_codes(), unknown="reserve")
    model = BookRecommendationModel(*encoding.sizes.values())
    before = model.user_embedding.weight[-1].clone()
    fit(model, loader(encoding.frame), epochs=2)
    assert torch.equal(before, model.user_embedding.weight[-1])


def test_workers_of_a_plain_loader_train_as_well():
    dataset = BookDataset(rows_of_codes(n=100))
    with_workers = DataLoader(dataset, 50, shuffle=True, num_workers=2)
    assert len(fit(BookRecommendationModel(30, 20, 4), with_workers, epochs=1).frame) == 1


def test_labels_of_another_shape_or_kind_are_named():
    users, books, genres, labels = BookDataset(rows_of_codes())[:]
    for wrong, words in ((labels.long(), "labels of float32"), (labels[:, None], "one shape")):
        loader = DataLoader(TensorDataset(users, books, genres, wrong), 64)
        with pytest.raises(ValueError, match=words):
            fit(BookRecommendationModel(30, 20, 4), loader, epochs=1)


def test_repeated_rows_are_told_where_they_would_flatter(capsys):
    data = planted_library(60, 40, 6, 800, seed=1).data
    twice = pd.concat([data, data], ignore_index=True)
    split(encode(twice).frame)
    told = capsys.readouterr().out
    assert re.search(r"\d+ of 320 validation rows repeat a pair .* drop repeats", told)
    sweep(twice, [1], [0], epochs=1, n_jobs=1)
    assert "validation rows repeat a pair" in capsys.readouterr().out
    doubts = choose_dimension(twice, widest=2, splits=1, l2=[0.02]).warnings
    assert any("800 rows repeat a pair" in doubt for doubt in doubts)


def test_a_library_without_any_taste_has_dimension_0():
    plain = planted_library(200, 100, 6, 6_000, 0, generosity=1.2, popularity=1.2)
    assert choose_dimension(plain.data, widest=4, splits=2, l2=[0.02, 0.04]).dimension == 0


def test_rows_about_strangers_only_are_told(capsys):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"UserID": range(500), "BookID": rng.integers(0, 90, 500), "Liked": 1})
    split(encode(rows).frame)
    assert "100 of 100 validation rows have a reader or a book" in capsys.readouterr().out


def test_no_neighbor_is_a_book_that_was_never_rated():
    table = pd.DataFrame([[1, 0], [1, 0.01], [1, 0.5], [0, 1]], list("abcd"), dtype=float)
    votes = pd.Series({"a": 40, "c": 30, "d": 50})
    assert nearest(table, "a", votes=votes, at_least=20).index.tolist() == ["c", "d"]


@pytest.mark.parametrize("genres", [8, 19])
def test_a_map_takes_any_number_of_genres(genres):
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 3)))
    genre_of = pd.Series([f"g{i % genres}" for i in range(40)])
    assert embedding_map(project(table), genre_of).alt.startswith("A flat map of 40 vectors")


def test_a_kind_of_id_that_would_not_come_back_is_refused_before_it_is_saved(tmp_path):
    encoding = encode(SIX.assign(BookID=pd.cut(range(6), 6)))
    model = BookRecommendationModel(*encoding.sizes.values())
    with pytest.raises(TypeError, match=r"'BookID' such as Interval.*astype\(str\)"):
        save_course_model(tmp_path / "a.model", model, encoding)
    assert list(tmp_path.iterdir()) == []
