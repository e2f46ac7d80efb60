"""Ids and names to codes and back."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookrec_helpers.encoding import COLUMNS, encode
from bookrec_helpers.library import magical_library

PRINTED = """\
   UserID  BookID  Genre  Liked
0       0       0      0      1
1       0       1      1      0
2       1       0      0      1
3       1       2      2      0
4       2       3      0      1
5       2       1      1      1"""


def table(**changes):
    """The six rows with some columns changed."""
    return magical_library().assign(**changes)


def test_the_tutorial_s_frame_is_printed_exactly():
    assert str(encode(magical_library()).frame) == PRINTED


def test_sizes_are_cardinalities():
    assert encode(magical_library()).sizes == {"UserID": 3, "BookID": 4, "Genre": 3}


def test_further_rows_get_the_known_codes():
    encoding = encode(magical_library())
    shuffled = magical_library().sample(frac=1, random_state=1)
    assert encoding.transform(shuffled).equals(encoding.frame.loc[shuffled.index])


def test_rows_without_a_label_are_encoded():
    coded = encode(magical_library()).transform(magical_library().drop(columns="Liked"))
    assert list(coded) == list(COLUMNS)


def test_a_stranger_is_an_error_that_names_column_and_value():
    with pytest.raises(ValueError, match=r"'BookID'.*\[999\].*reserve"):
        encode(magical_library()).transform(table(BookID=[101, 102, 999, 103, 104, 102]))


def test_at_most_five_strangers_are_listed():
    with pytest.raises(ValueError, match="and 1 more"):
        encode(magical_library()).transform(table(UserID=range(70, 76)))


def test_ids_of_another_type_are_strangers_not_silently_others():
    with pytest.raises(ValueError, match="type int64"):
        encode(magical_library()).transform(table(UserID=list("112233")))
    flags = encode(table(UserID=[True, False] * 3))
    with pytest.raises(ValueError, match="'UserID'"):
        flags.transform(table(UserID=[1, 0] * 3))


def test_strangers_share_one_reserved_row():
    encoding = encode(magical_library(), unknown="reserve")
    coded = encoding.transform(table(UserID=[1, 7, 8, 2, 3, 3]))
    assert coded["UserID"].tolist() == [0, 3, 3, 1, 2, 2]
    assert encoding.sizes["UserID"] == 4
    assert encoding.decode(coded)["UserID"].tolist() == [1, "(unknown)", "(unknown)", 2, 3, 3]


def test_own_column_names_and_own_labels():
    shelf = pd.DataFrame(
        {
            "reader": ["Ann ", "ann"],
            "isbn": [2**60, 2**60 + 1],
            "shelf": ["x", "😀"],
            "stars": [5, 2],
        }
    )
    names = {"UserID": "reader", "BookID": "isbn", "Genre": "shelf", "Liked": "stars"}
    encoding = encode(shelf, columns=names, like=lambda stars: stars >= 4)
    assert encoding.frame.to_numpy().tolist() == [[0, 0, 0, 1], [1, 1, 1, 0]]
    back = encoding.decode(encoding.frame)
    assert back[["reader", "isbn", "shelf"]].equals(shelf[["reader", "isbn", "shelf"]])


@pytest.mark.parametrize(
    "values",
    [
        pd.Categorical(["b", "a", "b", "c", "a", "b"]),
        pd.to_datetime(["2026-01-02", "2025-01-01"] * 3),
        [True, False] * 3,
        [1.5, 2.0, 1.5, -1.0, 2.0, 0.0],
        ["Fantasy", "fantasy", " Fantasy", "😀", "", "Fantasy"],
        [2**60, 2**60 + 1, 2**60, 5, 2**60 + 1, 5],
    ],
    ids=["categories", "dates", "booleans", "floats", "strings", "large ids"],
)
def test_any_kind_of_column_comes_back_as_it_was(values):
    df = table(Genre=values)
    encoding = encode(df)
    assert encoding.decode(encoding.frame)["Genre"].equals(df["Genre"])
    assert encoding.transform(df).equals(encoding.frame)


def test_missing_names_can_be_a_category_of_their_own():
    df = table(Genre=["Fantasy", None, "Fantasy", "Mystery", None, "Romance"])
    encoding = encode(df, missing="category")
    assert encoding.frame["Genre"].tolist() == [0, 1, 0, 2, 1, 3]
    assert encoding.transform(df).equals(encoding.frame)
    assert encoding.decode(encoding.frame)["Genre"].isna().tolist() == df["Genre"].isna().tolist()


BAD = {
    "not a frame": ([1, 2], TypeError, "data frame"),
    "empty": (magical_library().iloc[:0], ValueError, "no rows"),
    "no genre": (magical_library().drop(columns="Genre"), ValueError, "'Genre' is missing"),
    "missing": (table(Genre=[None, None, "a", "b", "c", "d"]), ValueError, "2 in column 'Genre'"),
    "label 2": (table(Liked=[0, 1, 2, 0, 1, 1]), ValueError, r"'Liked'.*\[2\]"),
    "label nan": (table(Liked=[0, 1, np.nan, 0, 1, 1]), ValueError, "'Liked' has 1 missing"),
    "label text": (table(Liked=list("yynyny")), ValueError, "'Liked' must become 0 or 1"),
    "lists": (table(Genre=[["a"]] * 6), TypeError, "'Genre' holds values that cannot"),
    "mixed": (
        table(Genre=pd.Series([1, True, 2, 3, 4, 5], dtype=object)),
        TypeError,
        "'Genre' mixes",
    ),
    "twice": (
        pd.concat([magical_library(), magical_library()[["Genre"]]], axis=1),
        ValueError,
        "'Genre' is there twice",
    ),
}


@pytest.mark.parametrize("df, error, words", BAD.values(), ids=BAD)
def test_bad_frames_are_refused_in_words(df, error, words):
    with pytest.raises(error, match=words):
        encode(df)


@pytest.mark.parametrize(
    "options, words",
    [
        ({"unknown": "ignore"}, "unknown must be one of"),
        ({"missing": 0}, "missing must be one of"),
        ({"columns": {"Book": "isbn"}}, "columns names 'Book'"),
        ({"columns": {"BookID": "UserID"}}, "twice"),
        ({"like": lambda labels: labels[:2]}, "one a row"),
        ({"like": lambda labels: labels * 7}, "'Liked' must become 0 or 1"),
    ],
)
def test_bad_options_are_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        encode(magical_library(), **options)


def test_codes_outside_the_table_are_not_decoded():
    encoding = encode(magical_library())
    with pytest.raises(ValueError, match=r"'BookID' holds the code 4.*0 to 3"):
        encoding.decode(encoding.frame.assign(BookID=4))
    with pytest.raises(ValueError, match="code -1"):
        encoding.decode(encoding.frame.assign(Genre=-1))


ids = st.one_of(
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=20),
    st.lists(st.text(max_size=5), min_size=1, max_size=20),
    st.lists(st.booleans(), min_size=1, max_size=20),
    st.lists(st.floats(allow_nan=False), min_size=1, max_size=20),
    st.lists(st.dates(), min_size=1, max_size=20),
)


@st.composite
def frames(draw):
    """Frames of the course's columns with ids and names of any kind."""
    columns = [draw(ids) for _ in COLUMNS]
    rows = min(map(len, columns))
    labels = draw(st.lists(st.sampled_from([0, 1]), min_size=rows, max_size=rows))
    frame = {name: column[:rows] for name, column in zip(COLUMNS, columns)}
    return pd.DataFrame(frame | {"Liked": labels})


@given(frames())
def test_encoding_then_decoding_changes_nothing(df):
    encoding = encode(df)
    assert encoding.decode(encoding.frame).equals(df)


@given(frames())
def test_codes_are_contiguous_by_first_appearance(df):
    encoding = encode(df)
    for name in COLUMNS:
        codes = encoding.frame[name]
        assert codes.drop_duplicates().tolist() == list(range(encoding.sizes[name]))


@given(frames(), st.randoms())
def test_the_order_of_rows_does_not_matter_to_a_known_table(df, random):
    encoding = encode(df)
    order = random.sample(range(len(df)), len(df))
    assert encoding.transform(df.iloc[order]).equals(encoding.frame.iloc[order])


@given(frames(), frames())
def test_no_input_gets_a_code_outside_its_table(first, second):
    encoding = encode(first, unknown="reserve")
    coded = encoding.transform(second)
    for name in COLUMNS:
        assert coded[name].between(0, encoding.sizes[name] - 1).all()


@given(frames(), st.sampled_from(COLUMNS), st.integers(0, 19))
def test_every_frame_with_a_hole_names_its_column(df, name, row):
    holed = df.astype({name: object})
    holed.loc[row % len(df), name] = None
    with pytest.raises(ValueError, match=f"1 in column '{name}'"):
        encode(holed)
