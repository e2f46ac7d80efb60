"""Lesson 01: from the names and ids in a table to codes 0, 1, 2, ... and back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

COLUMNS = ("UserID", "BookID", "Genre")
LABEL = "Liked"
UNKNOWN = "(unknown)"


@dataclass(frozen=True)
class Encoding:
    """A table in codes, and what is needed to encode further rows the same way.

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
        reserved = int(self.unknown == "reserve")
        return {name: len(values) + reserved for name, values in self.categories.items()}

    def transform(self, df: pd.DataFrame) -> pd.DataFrame:
        """Encodes further rows with the categories already known.

        Args:
            df: Rows with the learner's own column names. The label column may be absent.

        Returns:
            A frame of codes like `frame`. With `unknown="reserve"`, a value never
            seen before gets the code n, one past the last known one.

        Raises:
            TypeError: `df` is not a data frame, or a column holds values that cannot be
                compared.
            ValueError: A column or a value is missing, the frame is empty, a label is
                not 0 or 1, or a value is unknown while `unknown="error"`.
        """
        _check_frame(df, self.columns, optional=LABEL)
        codes = {
            name: _lookup(values, df[self.columns[name]])
            for name, values in self.categories.items()
        }
        _check_missing(df, self.columns, self.categories)
        for name, values in self.categories.items():
            strange = codes[name] < 0
            if strange.any() and self.unknown == "error":
                raise ValueError(_unknown_message(self.columns[name], df, strange, values))
            codes[name] = np.where(strange, len(values), codes[name])
        return _coded_frame(codes, df, self.columns, self.like)

    def decode(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Turns a frame of codes back into ids and names, under the learner's column names.

        A reserved code comes back as "(unknown)". `Liked`, where present, is kept.

        Raises:
            ValueError: A column is missing, or a code lies outside its table.
        """
        _check_frame(frame, {name: name for name in COLUMNS})
        decoded = {
            self.columns[name]: _names(values, frame[name], self.sizes[name])
            for name, values in self.categories.items()
        }
        if LABEL in frame:
            decoded[self.columns[LABEL]] = frame[LABEL]
        return pd.DataFrame(decoded, index=frame.index)


def encode(
    df: pd.DataFrame,
    columns: dict[str, str] | None = None,
    like: Callable | None = None,
    unknown: str = "error",
    missing: str = "error",
) -> Encoding:
    """Gives each distinct user, book and genre a code: 0, 1, 2, ... by first appearance.

    Args:
        df: One row a reader and book, with the columns `UserID`, `BookID`, `Genre`,
            `Liked`, or others named by `columns`. Ids and names may be of any kind
            that pandas holds; they are compared exactly, case and spaces included.
        columns: The names in your own table, for those that differ, for example
            `{"BookID": "isbn", "Liked": "stars"}`.
        like: What makes 0 or 1 of the label column, for example
            `lambda stars: stars >= 4`. It gets the whole column, a Series.
        unknown: `"error"`, or `"reserve"` to give each table one row more, with the
            code n, for values that appear only later.
        missing: `"error"`, or `"category"` to treat missing ids and names as a
            category of their own. A missing label is always an error.

    Returns:
        An `Encoding`.

    Raises:
        TypeError: `df` is not a data frame, `like` is no function, or a column holds
            values that cannot be compared.
        ValueError: A column is absent or doubled, a value is missing, the frame is
            empty, a label is not 0 or 1, `like` fails, or an option is not one of
            those above.
    """
    check_choice("unknown", unknown, ("error", "reserve"))
    check_choice("missing", missing, ("error", "category"))
    check_like(like)
    names = column_names(columns)
    _check_frame(df, names)
    codes, categories = {}, {}
    for name in COLUMNS:
        codes[name], categories[name] = _factorize(df[names[name]], missing == "category")
    _check_missing(df, names, categories)
    frame = _coded_frame(codes, df, names, like)
    return Encoding(frame, categories, names, like, unknown)


def _factorize(column: pd.Series, keep_missing: bool) -> tuple[np.ndarray, pd.Index]:
    """Codes and categories of one column; -1 where missing, unless that is a category."""
    try:
        codes, values = pd.factorize(column, use_na_sentinel=not keep_missing)
    except TypeError:
        raise _not_comparable(column) from None
    if _may_mix(column) and (mixed := _lookalikes(column)):
        raise TypeError(
            f"Column {column.name!r} mixes {mixed}, and Python takes True for 1. "
            f"Make it one kind first: df[{column.name!r}].astype(str)."
        )
    return codes.astype(np.int64, copy=False), pd.Index(values, tupleize_cols=False)


def _not_comparable(column: pd.Series) -> TypeError:
    return TypeError(
        f"Column {column.name!r} holds values that cannot be compared, such as lists. "
        "Use numbers, strings, dates or booleans."
    )


def _may_mix(values: pd.Series | pd.Index) -> bool:
    """Whether values of several kinds may be among them; a quick look, mostly at text."""
    return values.dtype == object and pd.api.types.infer_dtype(values) != "string"


def _lookalikes(column: pd.Series) -> str:
    """The kinds in a mixed column that compare as equal although they differ."""
    kinds = {type(value) for value in column.dropna()}
    numbers = {kind for kind in kinds if issubclass(kind, (int, float, np.number, np.bool_))}
    truths = {kind for kind in numbers if issubclass(kind, (bool, np.bool_))}
    return " and ".join(sorted(k.__name__ for k in numbers)) if truths and numbers - truths else ""


def _lookup(values: pd.Index, column: pd.Series) -> np.ndarray:
    """The code of each value; -1 where it is missing or not known.

    Two types are compared value by value, as Python does it: pandas would turn ids beyond
    2**53 into floats, text into dates, and look for numbers inside intervals.
    """
    kind = np.float32 if column.dtype == np.float16 else None  # an index has no half floats
    wanted = pd.Index(column, dtype=kind, tupleize_cols=False)
    if values.dtype != wanted.dtype or isinstance(values.dtype, pd.IntervalDtype):
        values, wanted = values.astype(object), wanted.astype(object)
    try:
        codes = values.get_indexer(wanted)
    except TypeError:
        raise _not_comparable(column) from None
    codes = np.where(_truths(values)[codes] == _truths(wanted), codes, -1)
    own = np.flatnonzero(values.isna())
    return np.where(wanted.isna(), own[0] if len(own) else -1, codes)


def _truths(values: pd.Index) -> np.ndarray:
    """Which of the values are True or False, which equal 1 and 0 but are no numbers."""
    if _may_mix(values):
        return np.array([isinstance(value, (bool, np.bool_)) for value in values])
    return np.full(len(values), pd.api.types.is_bool_dtype(values.dtype))


def _names(values: pd.Index, codes: pd.Series, size: int) -> pd.Series:
    """The values behind the codes of one column."""
    if pd.api.types.is_bool_dtype(codes):
        raise ValueError(f"Column {codes.name!r} holds True or False, but codes are numbers.")
    outside = ~codes.isin(range(size))
    if outside.any():
        raise ValueError(
            f"Column {codes.name!r} holds the code {codes[outside].tolist()[0]}, "
            f"but its table has the codes 0 to {size - 1}."
        )
    reserved = codes.to_numpy() == len(values)
    taken = pd.Series(values.take(np.where(reserved, 0, codes).astype(int)), index=codes.index)
    return taken.astype(object).where(~reserved, UNKNOWN) if reserved.any() else taken


def _coded_frame(codes: dict, df: pd.DataFrame, names: dict, like: Callable | None) -> pd.DataFrame:
    """The encoded frame, with the label where the table has one."""
    coded = pd.DataFrame(codes, index=df.index)
    if names[LABEL] in df:
        coded[LABEL] = _labels(df[names[LABEL]], like)
    return coded


def _labels(column: pd.Series, like: Callable | None) -> np.ndarray:
    """The label column as int64 zeros and ones."""
    if column.isna().any():
        raise ValueError(
            f"Column {column.name!r} has {column.isna().sum()} missing labels. "
            f"Drop those rows first: df.dropna(subset=[{column.name!r}])."
        )
    labels = column if like is None else _liked(column, like)
    wrong = labels[~labels.isin([0, 1])]
    if len(wrong):
        shown = list(dict.fromkeys(map(repr, wrong.tolist())))[:5]
        raise ValueError(
            f"Column {column.name!r} must become 0 or 1, but holds [{', '.join(shown)}]. "
            "Say what counts as a like, for example like=lambda stars: stars >= 4."
        )
    return labels.to_numpy().astype(np.int64)


def _liked(column: pd.Series, like: Callable) -> pd.Series:
    """What the learner's own function makes of the labels, in the order of the rows."""
    try:
        labels = like(column)
    except Exception as error:
        raise ValueError(
            f"like fails on column {column.name!r} ({error}). It gets the whole column, a Series "
            f"of type {column.dtype}."
        ) from error
    moved = isinstance(labels, pd.Series) and not labels.index.equals(column.index)
    if np.shape(labels) != column.shape or moved:
        raise ValueError(
            f"like must return one value a row, in the order of column {column.name!r} "
            f"({len(column)} rows), not {np.shape(labels) or labels!r}."
        )
    return pd.Series(labels, column.index)


def column_names(columns: dict[str, str] | None) -> dict[str, str]:
    """The course's names to the learner's, checked."""
    if columns is not None and not isinstance(columns, dict):
        raise TypeError(f"columns must be a dict such as {{'BookID': 'isbn'}}, not {columns!r}.")
    own = {name: name for name in (*COLUMNS, LABEL)}
    strange = [name for name in columns or {} if name not in own]
    for name in (columns or {}).values():
        if not pd.api.types.is_hashable(name):
            raise TypeError(f"columns must give one name of yours for each, not {name!r}.")
    if strange:
        raise ValueError(f"columns names {strange[0]!r}; its keys are {', '.join(own)}.")
    names = own | (columns or {})
    if len(set(names.values())) < len(names):
        raise ValueError(f"columns uses one column of yours twice: {names}.")
    return names


def check_like(like: Callable | None) -> None:
    """Raises unless it can make likes of labels."""
    if like is not None and not callable(like):
        raise TypeError(f"like must be a function, such as lambda stars: stars >= 4, not {like!r}.")


def check_choice(option: str, given: str, allowed: tuple[str, ...]) -> None:
    """Raises unless `given` is one of the words that are allowed."""
    if not isinstance(given, str) or given not in allowed:
        raise ValueError(f"{option} must be one of {', '.join(map(repr, allowed))}, not {given!r}.")


def _check_frame(df: pd.DataFrame, names: dict[str, str], optional: str = "") -> None:
    """Raises unless df is a frame with rows and with each named column exactly once."""
    if not isinstance(df, pd.DataFrame):
        raise TypeError(f"A pandas data frame is needed, not {type(df).__name__}.")
    for name, own in names.items():
        count = list(df.columns).count(own)
        if count > 1 or (count == 0 and name != optional):
            raise ValueError(
                f"Column {own!r} is {'there twice' if count else 'missing'}; the frame has "
                f"{list(df.columns)}. If it goes by another name, say columns={{{name!r}: ...}}."
            )
    if df.empty:
        raise ValueError("The data frame has no rows, so there is nothing to encode.")


def _check_missing(df: pd.DataFrame, names: dict[str, str], categories: dict) -> None:
    """Raises when ids or names are missing that are no category of their own."""
    counts = {
        names[name]: int(df[names[name]].isna().sum())
        for name, values in categories.items()
        if not values.hasnans
    }
    if any(counts.values()):
        told = ", ".join(f"{n} in column {name!r}" for name, n in counts.items() if n)
        raise ValueError(
            f"There are missing values: {told}. Drop those rows with df.dropna(), "
            'or encode a first frame that has some with missing="category".'
        )


def _unknown_message(column: str, df: pd.DataFrame, strange: np.ndarray, values: pd.Index) -> str:
    seen = df.loc[strange, column].unique()
    more = f" and {len(seen) - 5} more" if len(seen) > 5 else ""
    return (
        f"Column {column!r} has values that were not in the first frame: "
        f"{seen[:5].tolist()}{more} (its {len(values)} known values are of type {values.dtype}). "
        'Encode the first frame with unknown="reserve" to give such values a code of their own.'
    )
