"""Ids and names to codes and back."""

import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bookrec_helpers.checks import COLUMNS
from bookrec_helpers.encoding import encode
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
        [2**70, 2**70 + 1, -(2**80), 5, 2**70, 5],
        pd.to_datetime(["2026-01-02", "2025-01-01"] * 3).tz_localize("Asia/Tokyo"),
        pd.array([1, 2, 3, 1, 2, 3], dtype="Int64"),
        pd.arrays.IntervalArray.from_tuples([(0, 2), (1, 3)] * 3),
        [(1, 2), (3, 4), (1, 2), ("a",), ("a",), (1, 2)],
        [datetime.date(2026, 1, 2), datetime.date(2025, 1, 1)] * 3,
    ],
    ids=[
        "categories",
        "dates",
        "booleans",
        "floats",
        "strings",
        "large ids",
        "larger ids",
        "dates with a zone",
        "nullable",
        "intervals that overlap",
        "tuples",
        "days",
    ],
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


def test_all_that_is_missing_is_one_category():
    df = table(Genre=pd.Series([None, np.nan, pd.NA, "a", pd.NaT, "b"], dtype=object))
    encoding = encode(df, missing="category")
    assert encoding.frame["Genre"].tolist() == [0, 0, 0, 1, 0, 2]
    assert encoding.transform(df).equals(encoding.frame)


# What the first frame holds, what the next one holds, and the codes (the reserved one is 6).
OTHER_KINDS = {
    "floats that are ids": ([1, 2, 3, 4, 5, 6], [1.0, 2.0, 2.5, 7.0, 5.0, 6.0], [0, 1, 6, 6, 4, 5]),
    "floats between ids": (
        [2**53, 2**53 + 1, 2**53 + 2, 2**53 + 3, 1, 2],
        [float(2**53), float(2**53 + 2), float(2**53 + 4), 1.0, 2.0, 3.0],
        [0, 2, 6, 4, 5, 6],
    ),
    "nullable": (
        [1, 2, 3, 4, 5, 6], pd.array([6, 5, 9, 1, 2, 3], dtype="Int64"), [5, 4, 6, 0, 1, 2],
    ),
    "negative for unsigned": (
        np.array([2**64 - 1, 1, 2, 3, 4, 5], dtype="uint64"),
        [-1, 1, 2, 3, 4, 5],
        [6, 1, 2, 3, 4, 5],
    ),
    "categories of text": (list("abcdef"), pd.Categorical(list("fedcbz")), [5, 4, 3, 2, 1, 6]),
    "dates in other units": (
        pd.date_range("2026-01-01", periods=6),
        pd.date_range("2026-01-02", periods=6).as_unit("s"),
        [1, 2, 3, 4, 5, 6],
    ),
}  # fmt: skip
# Ids that were read as another type: with "reserve", all their readers would become strangers.
FOREIGN_KINDS = {
    "truth values for numbers": ([0, 1, 2, 3, 4, 5], [True, False] * 3),
    "true among numbers": ([0, 1, 2, 3, 4, 5], pd.Series([True, 1, 2, 3, 4, False], dtype=object)),
    "text for numbers": ([1, 2, 3, 4, 5, 6], list("123456")),
    "text of floats": ([1, 2, 3, 4, 5, 6], ["1.0", "2.0", "3.0", "4.0", "5.0", "6.0"]),
    "numbers for text with leading zeros": (
        ["01", "02", "0x", "04", "05", "06"],
        [1, 2, 3, 4, 5, 6],
    ),
    "one letter made all of them text": ([1, 2, 3, 4, 5, 6], ["1", "2", "3", "4", "5", "r6"]),
    "text for dates": (
        pd.date_range("2026-01-01", periods=6),
        [f"2026-01-0{i}" for i in range(1, 7)],
    ),
    "points for intervals": (pd.interval_range(0, 6), [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]),
}


@pytest.mark.parametrize("first, second, codes", OTHER_KINDS.values(), ids=OTHER_KINDS)
def test_values_of_another_kind_are_known_only_where_they_are_equal(first, second, codes):
    encoding = encode(table(UserID=first), unknown="reserve")
    assert encoding.transform(table(UserID=second))["UserID"].tolist() == codes


@pytest.mark.parametrize("unknown", ["error", "reserve"])
@pytest.mark.parametrize("first, second", FOREIGN_KINDS.values(), ids=FOREIGN_KINDS)
def test_values_of_another_kind_are_no_strangers_but_a_mistake(first, second, unknown):
    encoding = encode(table(UserID=first), unknown=unknown)
    with pytest.raises(ValueError, match=r"'UserID' has values.*read both tables alike"):
        encoding.transform(table(UserID=second))


@pytest.mark.parametrize(
    "second",
    [
        pd.array([True, False] * 3, dtype="boolean"),
        pd.Series([True, False] * 3, dtype=object),
        pd.Categorical([True, False] * 3),
    ],
    ids=lambda values: str(values.dtype),
)
def test_booleans_of_another_type_are_known(second):
    encoding = encode(table(UserID=[True, False] * 3))
    assert encoding.transform(table(UserID=second))["UserID"].tolist() == [0, 1] * 3


@pytest.mark.parametrize(
    "index",
    [[0] * 6, pd.MultiIndex.from_product([[1, 2], list("abc")])],
    ids=["alike", "two levels"],
)
def test_any_index_stays_as_it_was(index):
    df = magical_library().set_index(pd.Index(index))
    encoding = encode(df, unknown="reserve")
    assert encoding.frame.index.equals(df.index)
    assert encoding.decode(encoding.transform(df)).equals(df)
    strange = encoding.transform(df.assign(UserID=9))
    assert encoding.decode(strange)["UserID"].tolist() == ["(unknown)"] * 6


def test_millions_of_rows_are_encoded_exactly():
    ids = np.random.default_rng(0).integers(2**53, 2**53 + 50_000, 3_000_000)
    rows = {"UserID": ids, "BookID": ids % 1000, "Genre": "a", "Liked": 1}
    encoding = encode(pd.DataFrame(rows))
    known = encoding.categories["UserID"].to_numpy()
    assert encoding.sizes == {"UserID": len(np.unique(ids)), "BookID": 1000, "Genre": 1}
    assert np.array_equal(known[encoding.frame["UserID"]], ids)


BAD = {
    "not a frame": ([1, 2], TypeError, "data frame"),
    "empty": (magical_library().iloc[:0], ValueError, "no rows"),
    "no book": (magical_library().drop(columns="BookID"), ValueError, "'BookID' is missing"),
    "missing": (table(Genre=[None, None, "a", "b", "c", "d"]), ValueError, "2 in column 'Genre'"),
    "label 2": (table(Liked=[0, 1, 2, 0, 1, 1]), ValueError, r"'Liked'.*\[2\]"),
    "label nan": (table(Liked=[0, 1, np.nan, 0, 1, 1]), ValueError, "'Liked' has 1 missing"),
    "label text": (table(Liked=list("yynyny")), ValueError, "'Liked' must become 0 or 1"),
    "label lists": (table(Liked=[[1]] * 6), ValueError, r"'Liked' must become 0 or 1.*\[\[1\]\]"),
    "lists": (table(Genre=[["a"]] * 6), TypeError, "'Genre' holds values that cannot"),
    "mixed": (
        table(Genre=pd.Series([1, True, 2, 3, 4, 5], dtype=object)),
        TypeError,
        "'Genre' mixes",
    ),
    "an id as number and as text": (
        table(BookID=pd.Series([101, "102", "101", 103, 104, 102], dtype=object)),
        TypeError,
        "'BookID' mixes numbers and texts that read like numbers",
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
        ({"like": lambda labels: labels[:2]}, "one value a row"),
        ({"like": lambda labels: labels * 7}, "'Liked' must become 0 or 1"),
        ({"like": lambda labels: None}, "not None"),
        ({"like": lambda labels: labels.sort_values()}, "in the order of column 'Liked'"),
        ({"like": lambda labels: labels >= "4"}, "like fails on column 'Liked'"),
        ({"like": lambda labels: labels >= labels.mean()}, "judges column 'Liked' by the other"),
        ({"like": lambda labels: labels.rank() > 2}, "judges column 'Liked' by the other"),
        ({"columns": {"Genre": "shelf"}}, "'shelf' is missing"),
    ],
)
def test_bad_options_are_refused_in_words(options, words):
    with pytest.raises(ValueError, match=words):
        encode(magical_library(), **options)


def test_a_table_without_a_genre_has_one_genre():
    df = magical_library().drop(columns="Genre")
    encoding = encode(df)
    assert encoding.sizes == {"UserID": 3, "BookID": 4, "Genre": 1}
    assert encoding.transform(df).equals(encoding.frame)
    assert encoding.frame["Genre"].tolist() == [0] * 6
    assert encoding.decode(encoding.frame)[["UserID", "BookID"]].equals(df[["UserID", "BookID"]])


@pytest.mark.parametrize("sign", ["|", ";", ", "])
def test_several_genres_in_one_cell_are_noticed(sign):
    lists = [f"Comedy{sign}Drama", f"Drama{sign}Comedy", "Comedy", "Drama", "Horror", "Drama"]
    with pytest.warns(UserWarning, match=r"'Genre' holds several genres.*Comedy.*\.str\[0\]"):
        assert encode(table(Genre=lists)).sizes["Genre"] == 5


def test_a_sign_within_a_genre_s_name_is_no_list(recwarn):
    encode(table(Genre=["Sword, Sorcery", "Love; Loss", "Rock|Pop", "a", "b", "c"]))
    assert len(recwarn) == 0


def test_a_book_with_the_name_of_the_reserved_row_is_refused():
    df = table(BookID=["(unknown)", "b", "(unknown)", "c", "d", "b"])
    assert encode(df).sizes["BookID"] == 4
    with pytest.raises(ValueError, match="'BookID' has a value named"):
        encode(df, unknown="reserve")


def test_a_frame_of_another_library_is_told_how_to_become_one():
    class DataFrame:
        def to_pandas(self):
            return magical_library()

    with pytest.raises(TypeError, match=r"pandas data frame is needed.*df\.to_pandas\(\)"):
        encode(DataFrame())


def test_codes_outside_the_table_are_not_decoded():
    encoding = encode(magical_library())
    with pytest.raises(ValueError, match=r"'BookID' holds the code 4.*0 to 3"):
        encoding.decode(encoding.frame.assign(BookID=4))
    with pytest.raises(ValueError, match="code -1"):
        encoding.decode(encoding.frame.assign(Genre=-1))
    with pytest.raises(ValueError, match="'Genre' holds True or False"):
        encoding.decode(encoding.frame.assign(Genre=True))


def test_an_option_of_the_wrong_type_is_refused():
    with pytest.raises(TypeError, match="like must be a function"):
        encode(magical_library(), like="stars >= 4")
    with pytest.raises(TypeError, match="columns must be a dict"):
        encode(magical_library(), columns=["reader"])
    with pytest.raises(TypeError, match="one name of yours"):
        encode(magical_library(), columns={"UserID": ["reader"]})


kinds = st.sampled_from(
    [
        st.integers(-(2**62), 2**62),
        st.text(max_size=5),
        st.booleans(),
        st.floats(allow_nan=False),
        st.dates(),
    ]
)


@st.composite
def frames(draw, kinds_of_columns=None):
    """Frames of the course's columns with ids and names of any kind."""
    values = kinds_of_columns or [draw(kinds) for _ in COLUMNS]
    rows = st.tuples(*values, st.sampled_from([0, 1]))
    return pd.DataFrame(draw(st.lists(rows, min_size=1, max_size=20)), columns=[*COLUMNS, "Liked"])


@st.composite
def two_frames(draw):
    """Two frames whose columns are read alike."""
    values = [draw(kinds) for _ in COLUMNS]
    return draw(frames(values)), draw(frames(values))


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


@given(two_frames())
def test_no_input_gets_a_code_outside_its_table(two):
    first, second = two
    encoding = encode(first, unknown="reserve")
    coded = encoding.transform(second)
    for name in COLUMNS:
        assert coded[name].between(0, encoding.sizes[name] - 1).all()


@given(two_frames())
def test_a_code_stands_for_an_equal_value_or_for_none(two):
    first, second = two
    encoding = encode(first, unknown="reserve")
    coded = encoding.transform(second)
    for name in COLUMNS:
        known = encoding.categories[name].tolist()
        for value, code in zip(second[name].tolist(), coded[name]):
            alike = [v == value and isinstance(v, bool) == isinstance(value, bool) for v in known]
            assert code == (alike.index(True) if any(alike) else len(known))


def doubled(df, name, row):
    return pd.concat([df, df[[name]]], axis=1)


def dropped(df, name, row):
    return df.drop(columns=name)


def listed(df, name, row):
    return df.assign(**{name: [[value] for value in df[name]]})


def holed(df, name, row):
    return df.assign(**{name: df[name].astype(object).where(np.arange(len(df)) != row % len(df))})


@given(
    frames(),
    st.sampled_from([doubled, dropped, listed, holed]),
    st.sampled_from([*COLUMNS, "Liked"]),
    st.integers(0, 19),
)
def test_every_bad_frame_is_refused_with_the_name_of_its_column(df, spoiled, name, row):
    assume((spoiled, name) != (dropped, "Genre"))  # a table may do without
    with pytest.raises((TypeError, ValueError), match=f"[Cc]olumn '{name}'"):
        encode(spoiled(df, name, row))


@given(frames(), st.lists(st.integers(-3, 9) | st.floats(), min_size=1, max_size=20))
def test_labels_on_another_scale_are_refused(df, labels):
    assume(any(label not in (0, 1) for label in labels[: len(df)]))
    labels = (labels * len(df))[: len(df)]
    with pytest.raises(ValueError, match=r"[Cc]olumn 'Liked'"):
        encode(df.assign(Liked=labels))


@given(frames(), st.sampled_from(COLUMNS), st.integers(0, 19))
def test_every_frame_with_a_hole_names_its_column(df, name, row):
    holed = df.astype({name: object})
    holed.loc[row % len(df), name] = None
    with pytest.raises(ValueError, match=f"1 in column '{name}'"):
        encode(holed)
