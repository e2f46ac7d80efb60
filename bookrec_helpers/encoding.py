"""Lesson 01: from the names and ids in a table to codes 0, 1, 2, ... and back."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bookrec_helpers import checks
from bookrec_helpers.checks import COLUMNS, LABEL, UNKNOWN

NO_GENRE = "(no genre)"


@dataclass(frozen=True)
class Encoding:
    """A table in codes, and what is needed to encode further rows the same way (lesson 01, Codes).

    Attributes:
        frame: The encoded rows: `UserID`, `BookID`, `Genre` as codes (int64), and
            `Liked` as 0 or 1, with the index of the original frame.
        categories: For each of the three columns its known values; the code of a
            value is its position. In order of first appearance.
        columns: The course's column name to the name in the learner's own table.
        like: What turns the label column into 0 and 1, or None.
        unknown: `"error"` or `"reserve"`: what `transform` does with a new value.
    """

    frame: pd.DataFrame
    categories: dict[str, pd.Index]
    columns: dict[str, str]
    like: Callable | None = None
    unknown: str = "error"

    @property
    def sizes(self) -> dict[str, int]:
        """Rows that each embedding table needs, by column, a reserved row included."""
        # The reserved row comes last, so the codes of known values stay as they are.
        reserved = int(self.unknown == "reserve")
        return {name: len(values) + reserved for name, values in self.categories.items()}

    def transform(self, df: pd.DataFrame) -> pd.DataFrame:
        """Encodes further rows with the categories already known (lesson 01, Someone new).

        Args:
            df: Rows with the learner's own column names. The label column may be absent.

        Returns:
            A frame of codes like `frame`. With `unknown="reserve"`, a value never
            seen before gets the code n, one past the last known one.

        Raises:
            TypeError: `df` is no data frame, or holds values that cannot be compared.
            ValueError: A column or a value is missing, the frame is empty, a label is
                not 0 or 1, a value is unknown while `unknown="error"`, or of another kind
                than all that are known, such as text where ids are numbers.
        """
        if NO_GENRE in self.categories["Genre"]:
            df = _with_a_genre(df, self.columns)
        checks.data_frame(df, self.columns, optional=(LABEL,), empty="encode")
        known = self.categories.items()
        checks.no_missing_values(df, [self.columns[n] for n, values in known if not values.hasnans])
        # The old categories and no new ones: code 3 must mean the same book as in training.
        codes = {name: self._codes(values, df[self.columns[name]]) for name, values in known}
        return _coded_frame(codes, df, self.columns, self.like)

    def _codes(self, known: pd.Index, column: pd.Series) -> np.ndarray:
        """The codes of one column; strangers are refused, or get the code n."""
        codes = _look_up(known, column)
        strange = codes < 0
        if strange.any():
            strangers = pd.Index(column[strange].unique(), tupleize_cols=False)
            foreign = strangers[~np.isin(_kinds(strangers), _kinds(known))]
            checks.no_strangers(column.name, known, strangers, foreign, self.unknown == "reserve")
        # All strangers share one code; the model can tell none of them from another.
        return np.where(strange, len(known), codes)

    def decode(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Turns codes back into ids and names, under the learner's column names.

        A reserved code comes back as "(unknown)". `Liked`, where present, is kept
        (lesson 01, Codes).

        Raises:
            TypeError: `frame` is no data frame.
            ValueError: A column is missing, or a code lies outside its table.
        """
        checks.data_frame(frame, COLUMNS, empty="decode")
        decoded = {}
        for name, known in self.categories.items():
            checks.known_codes(name, frame[name], self.sizes[name])
            decoded[self.columns[name]] = _names(known, frame[name])
        if LABEL in frame:
            decoded[self.columns[LABEL]] = frame[LABEL]
        return pd.DataFrame(decoded, index=frame.index)


def encode(df, columns=None, like=None, unknown="error", missing="error") -> Encoding:
    """Gives each user, book and genre a code, by first appearance (lesson 01, Codes).

    Args:
        df: One row a reader and book, with the columns `UserID`, `BookID`, `Genre`,
            `Liked`, or others named by `columns`. Ids and names may be of any kind
            that pandas holds; they are compared exactly, case and spaces included.
            Where there is no genre at all, all books have one and the same.
        columns: The names in your own table, for those that differ, for example
            `{"BookID": "isbn", "Liked": "stars"}`.
        like: What makes 0 or 1 of the label column, for example
            `lambda stars: stars >= 4`. It gets the whole column, a Series, and judges
            each value by itself.
        unknown: `"error"`, or `"reserve"` to give each table one row more, with the
            code n, for values that appear only later.
        missing: `"error"`, or `"category"` to treat missing ids and names as a
            category of their own. A missing label is always an error.

    Raises:
        TypeError: `df` is no data frame, `like` no function, or a column holds values that
            cannot be compared or that look alike, such as True and 1, or 101 and "101".
        ValueError: A column is absent or doubled, a value is missing, the frame is
            empty, a label is not 0 or 1, `like` fails or judges a value by the others,
            or an option is not one of those above.
    """
    names = checks.column_names(columns)
    checks.choice("unknown", unknown, ("error", "reserve"))
    checks.choice("missing", missing, ("error", "category"))
    checks.ask(like is None or callable(like), "like", value=like)
    df = _with_a_genre(df, names) if "Genre" not in (columns or {}) else df
    checks.data_frame(df, names, empty="encode")
    if missing == "error":
        checks.no_missing_values(df, [names[name] for name in COLUMNS])
    # One numbering a column: reader 0 and book 0 have nothing to do with each other.
    codes, categories = {}, {}
    for name in COLUMNS:
        codes[name], categories[name] = _factorize(df[names[name]], missing == "category")
        free = unknown != "reserve" or UNKNOWN not in categories[name]
        checks.ask(free, "unknown_name", column=names[name], name=UNKNOWN)
    _tell_of_several_genres(names["Genre"], categories["Genre"])
    return Encoding(_coded_frame(codes, df, names, like), categories, names, like, unknown)


def _factorize(column: pd.Series, keep_missing: bool) -> tuple[np.ndarray, pd.Index]:
    """Codes and categories of one column."""
    with checks.comparable(column.name):
        # factorize numbers values as they appear and remembers them in that order.
        codes, values = pd.factorize(column, use_na_sentinel=not keep_missing)
    if column.dtype == object:
        checks.no_lookalikes(column, _kinds(pd.Index(column, tupleize_cols=False)))
    return codes.astype(np.int64, copy=False), pd.Index(values, tupleize_cols=False)


def _look_up(known: pd.Index, column: pd.Series) -> np.ndarray:
    """The code of each value; -1 where it is not known.

    Two types are compared value by value, as Python does it: pandas would turn ids beyond
    2**53 into floats, text into dates, and look for numbers inside intervals.
    """
    kind = np.float32 if column.dtype == np.float16 else None  # an index has no half floats
    wanted = pd.Index(column, dtype=kind, tupleize_cols=False)
    if known.dtype != wanted.dtype or isinstance(known.dtype, pd.IntervalDtype):
        known, wanted = known.astype(object), wanted.astype(object)
    with checks.comparable(column.name):
        codes = known.get_indexer(wanted)
    # Found means equal, and True equals 1: only the kind tells them apart.
    codes = np.where(_kinds(known)[codes] == _kinds(wanted), codes, -1)
    return np.where(wanted.isna(), known.isna().argmax() if known.hasnans else -1, codes)


KINDS = {"boolean": 0, "integer": 1, "floating": 1, "complex": 1, "string": 2}


def _kinds(values: pd.Index) -> np.ndarray:
    """Of what kind each value is: 0 a truth value, 1 a number, 2 text, 3 anything else.

    The rule of comparing: two values are one category when they are equal and of one kind.
    Python takes True for 1; here True is no 1, and the text "1" is no number either.
    """
    # A column of categories holds codes itself; the kinds are those of what they stand for.
    if isinstance(values, pd.CategoricalIndex):
        return np.append(_kinds(values.categories), 3).astype(np.int8)[values.codes]
    kind = KINDS.get(pd.api.types.infer_dtype(values), 3)
    if values.dtype != object or kind < 3:
        return np.full(len(values), kind, np.int8)
    each = (pd.api.types.infer_dtype([value]) for value in values)
    return np.array([KINDS.get(kind, 3) for kind in each], np.int8)


def _with_a_genre(df: pd.DataFrame, names: dict) -> pd.DataFrame:
    """The frame, with one genre for all books where it has no such column."""
    flat = isinstance(df, pd.DataFrame) and df.columns.nlevels == 1
    lacks_it = flat and names["Genre"] not in df
    return df.assign(**{names["Genre"]: NO_GENRE}) if lacks_it else df


def _tell_of_several_genres(column: str, genres: pd.Index) -> None:
    """Warns where cells hold lists such as "Comedy|Drama": each would be a genre of its own."""
    tuples = pd.Series([genre for genre in genres if isinstance(genre, tuple)], dtype=object)
    texts = pd.Series([genre for genre in genres if isinstance(genre, str)], dtype=str)
    lists = {".str[0]": (tuples, tuples)}
    for sign in ("|", ";", ","):
        several = texts[texts.str.contains(sign, regex=False)]
        lists[f".str.split({sign!r}).str[0]"] = several, several.str.split(sign)
    for first, (several, parts) in lists.items():
        if parts.explode().astype(str).str.strip().duplicated().any():
            told = {"column": column, "value": several.iloc[0], "first": first}
            warnings.warn(checks.words("several_genres", **told), stacklevel=3)


def _names(known: pd.Index, codes: pd.Series) -> pd.Series:
    """The values behind the codes of one column."""
    # The code past the last is nobody in particular.
    reserved = codes.to_numpy() == len(known)
    taken = pd.Series(known.take(np.where(reserved, 0, codes).astype(int)), index=codes.index)
    return taken.astype(object).where(~reserved, UNKNOWN) if reserved.any() else taken


def _coded_frame(codes: dict, df: pd.DataFrame, names: dict, like: Callable | None) -> pd.DataFrame:
    """The encoded frame, with the label where the table has one."""
    coded = pd.DataFrame(codes, index=df.index)
    if names[LABEL] in df:
        column = df[names[LABEL]]
        # A missing judgment is no dislike: it is left to the check, which refuses it.
        judged = column if like is None or column.hasnans else checks.judged(column, like)
        coded[LABEL] = checks.zeros_and_ones(column.name, judged)
    return coded
