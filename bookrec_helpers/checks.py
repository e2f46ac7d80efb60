"""Ground floor: every question about an argument, asked once.

An answer that will not do becomes an error that names the argument, the value and the way out.
A public function asks in its first lines, so that nothing is lost when it says no.
"""

import math
import numbers
import os
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = ("UserID", "BookID", "Genre")
LABEL = "Liked"
TABLES = ("user", "book", "genre")  # a column each, in the order of COLUMNS
UNKNOWN = "(unknown)"  # the name of the row that is reserved for values never seen
LARGEST = 2**63 - 1  # that PyTorch can count to
HUGE = 1e150  # larger numbers have no square


def whole(name: str, value: int, least: int = 1) -> int:
    """`value` as an int, if it is a whole number from `least` on (True and 3.0 are none)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number, not {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}.")
    if value > LARGEST:
        raise ValueError(f"{name} must be at most 2**63 - 1.")
    return int(value)


def whole_numbers(name: str, given: Iterable[int], least: int) -> list[int]:
    """`given` as a list of whole numbers, at least one, and none twice."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a list of whole numbers, not {given!r}.")
    found = [whole(f"Each of {name}", number, least) for number in given]
    if not found or len(set(found)) < len(found):
        raise ValueError(f"{name} must hold at least one number, and none twice, not {found}.")
    return found


def positive(name: str, value: float, zero: bool = False) -> float:
    """`value` as a float, if it is a finite number above 0, or 0 where `zero` allows it."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        number = float(value) if real else math.nan
    except OverflowError:
        number = math.inf
    if not (0 < number < math.inf or (zero and number == 0)):
        bound = "of at least 0" if zero else "above 0"
        raise ValueError(f"{name} must be a finite number {bound}, not {value!r:.80}.")
    return number


def share(name: str, value: float) -> float:
    """`value`, if it lies between 0 and 1."""
    if not isinstance(value, numbers.Real) or isinstance(value, bool) or not 0 < value < 1:
        raise ValueError(f"{name} must be a share between 0 and 1, not {value!r}.")
    return value


def flag(name: str, value: bool) -> bool:
    """`value`, if it is True or False."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, not {value!r}.")
    return value


def choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """`value`, if it is one of the words that are allowed."""
    if not isinstance(value, str) or value not in tuple(allowed):
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}.")
    return value


def words(name: str, value: str, example: str) -> str:
    """`value`, if it is a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{name} must be a sentence, such as {name}={example!r}.")
    return value


def instance(value, kind: type, needed: str):
    """`value`, if it is of that kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{needed} is needed, not {type(value).__name__}.")
    return value


def like_function(like: Callable | None) -> Callable | None:
    """`like`, if it can make likes of labels."""
    if like is not None and not callable(like):
        raise TypeError(f"like must be a function, such as lambda stars: stars >= 4, not {like!r}.")
    return like


def file_path(path: str | os.PathLike) -> Path:
    """`path` as a Path."""
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be a file's name, such as 'shelf.model', not {path!r}.")
    return Path(path)


def column_names(columns: dict[str, str] | None) -> dict[str, str]:
    """The course's column names to the learner's own."""
    if columns is not None and not isinstance(columns, dict):
        raise TypeError(f"columns must be a dict such as {{'BookID': 'isbn'}}, not {columns!r}.")
    names = {name: name for name in (*COLUMNS, LABEL)}
    for name, own in (columns or {}).items():
        if not pd.api.types.is_hashable(own):
            raise TypeError(f"columns must give one name of yours for each, not {own!r}.")
        if name not in names:
            raise ValueError(
                f"columns names {name!r}; its keys are {', '.join((*COLUMNS, LABEL))}, "
                "and its values your own names."
            )
        names[name] = own
    if len(set(names.values())) < len(names):
        raise ValueError(f"columns uses one column of yours twice: {names}.")
    return names


def data_frame(df, names=(), optional=(), empty: str = "") -> pd.DataFrame:
    """`df`, if it is a data frame with each named column once.

    Args:
        names: The columns, or a dict of the course's names to the learner's own.
        optional: Those of them that may be absent.
        empty: What cannot be done without rows; where not given, rows are not asked for.
    """
    if not isinstance(df, pd.DataFrame):
        way_out = " Turn it into one: df.to_pandas()." if hasattr(df, "to_pandas") else ""
        raise TypeError(f"A pandas data frame is needed, not {type(df).__name__}.{way_out}")
    for name, own in names.items() if isinstance(names, dict) else zip(names, names):
        count = list(df.columns).count(own)
        if count > 1 or (count == 0 and name not in optional):
            raise ValueError(
                f"Column {own!r} is {'there twice' if count else 'missing'}; the frame has "
                f"{list(df.columns)}. If it goes by another name, say columns={{{name!r}: ...}}."
            )
    if empty and df.empty:
        raise ValueError(f"The data frame has no rows, so there is nothing to {empty}.")
    return df


def no_missing_values(df: pd.DataFrame, columns: list[str]) -> None:
    """Raises when one of these columns has holes."""
    told = [f"{n} in column {name!r}" for name in columns if (n := int(df[name].isna().sum()))]
    if told:
        raise ValueError(
            f"There are missing values: {', '.join(told)}. Drop those rows with df.dropna(), "
            'or encode a first frame that has some with missing="category".'
        )


def zeros_and_ones(name: str, labels: pd.Series) -> np.ndarray:
    """A column of labels as int64 zeros and ones."""
    if labels.isna().any():
        raise ValueError(
            f"Column {name!r} has {labels.isna().sum()} missing labels. "
            f"Drop those rows first: df.dropna(subset=[{name!r}])."
        )
    wrong = labels[~labels.isin([0, 1])]
    if len(wrong):
        shown = list(dict.fromkeys(map(repr, wrong.tolist())))[:5]
        raise ValueError(
            f"Column {name!r} must become 0 or 1, but holds [{', '.join(shown)}]. "
            "Say what counts as a like when you encode: like=lambda stars: stars >= 4."
        )
    return labels.to_numpy().astype(np.int64)


def code_columns(df: pd.DataFrame, names=COLUMNS, label: bool = False) -> pd.DataFrame:
    """`df`, if these columns hold codes, and the label, where asked for or there, 0 and 1."""
    data_frame(df, (*names, LABEL), () if label else (LABEL,))
    for name in names:
        if not pd.api.types.is_integer_dtype(df[name]) or df[name].hasnans:
            raise TypeError(
                f"Column {name!r} must hold codes, whole numbers from 0 on, but is "
                f"{df[name].dtype}. Use encode(df).frame."
            )
        if len(df) and not 0 <= df[name].min() <= df[name].max() <= LARGEST:
            wrong = df[name].min() if df[name].min() < 0 else df[name].max()
            raise ValueError(
                f"Column {name!r} has the code {wrong}; codes count from 0, and pandas' -1 means "
                f"missing. Drop those rows, df[df[{name!r}] >= 0], or encode the names themselves."
            )
    if LABEL in df:
        zeros_and_ones(LABEL, df[LABEL])
    return df


def known_codes(name: str, codes: pd.Series, size: int) -> pd.Series:
    """`codes`, if a table of `size` rows has them all."""
    if pd.api.types.is_bool_dtype(codes):
        raise ValueError(f"Column {name!r} holds True or False, but codes are numbers.")
    outside = codes[~codes.isin(range(size))]
    if len(outside):
        raise ValueError(
            f"Column {name!r} holds the code {outside.tolist()[0]}, "
            f"but its table has the codes 0 to {size - 1}."
        )
    return codes


def floats(name: str, values) -> np.ndarray:
    """The values as an array of floats."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):  # of no one shape, or still with a gradient
        array = np.array(None)
    if array.dtype.kind not in "biuf" and array.size:
        raise TypeError(f"{name} must be numbers in a column, a table or an array.")
    return array.astype(float)


def same_rows(labels: np.ndarray, probabilities: np.ndarray) -> None:
    """Raises unless they are labels and probabilities, one of each a row."""
    if labels.shape != probabilities.shape or labels.ndim != 1 or not len(labels):
        raise ValueError(
            "Labels and probabilities must be two columns of one length, not "
            f"{labels.shape} and {probabilities.shape}."
        )
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("Each label must be 0 or 1; rows without one can only be predicted.")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError(
            "Each probability must lie between 0 and 1. Missing ones come from weights that have "
            "grown out of bounds: train a new model with a smaller lr."
        )


def vectors(table: pd.DataFrame, rows: int = 1) -> pd.DataFrame:
    """`table`, if it is a frame of finite numbers with a column, that many rows, and a spread.

    Two or more rows that are all alike have no directions and no distances.
    """
    if not isinstance(table, pd.DataFrame) or not all(
        pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes
    ):
        raise TypeError("A data frame of vectors is needed, such as embedding_table returns.")
    if len(table) < rows or table.shape[1] < 1:
        raise ValueError(f"At least {rows} rows and a column are needed, not {table.shape}.")
    values = table.to_numpy(float)
    if not (np.abs(values) < HUGE).all():
        raise ValueError(f"The table holds missing or infinite numbers, or larger than {HUGE}.")
    if rows > 1 and (values == values[0]).all():
        raise ValueError("The vectors are all alike, so there is no direction and no distance.")
    return table


def array_of_vectors(given) -> np.ndarray:
    """An array or a frame as an array of finite numbers, of shape `(rows, dimension)`."""
    array = floats("vectors", given)
    if array.ndim != 2:
        raise ValueError(f"Vectors of shape (rows, dimension) are needed, not {array.shape}.")
    return vectors(pd.DataFrame(array)).to_numpy()


def has_tables(model, tables=TABLES[:2]):
    """`model`, if it has an embedding table of each of these names."""
    for table in tables:
        if not hasattr(getattr(model, f"{table}_embedding", None), "num_embeddings"):
            raise TypeError(f"A model with a {table}_embedding is needed, not {_name(model)}.")
    return model


def _name(thing) -> str:
    return type(thing).__name__


def loader(name: str, given):
    """`given`, if it gives batches of users, books, genres and labels, and gives them each time."""
    from torch import Tensor  # lessons 00 to 02 do without
    from torch.utils.data import DataLoader

    if not isinstance(given, (DataLoader, list, tuple)):
        raise TypeError(
            f"{name} must be a loader, such as make_loader(BookDataset(frame)), not {_name(given)}."
        )
    if not len(given):
        raise ValueError(f"{name} has no batches.")
    made = isinstance(given, DataLoader)  # which makes tensors of what it gets
    first = given.dataset[0] if made else given[0]
    four = isinstance(first, (list, tuple)) and len(first) == 4
    if not four or not (made or all(isinstance(column, Tensor) for column in first)):
        raise TypeError(f"{name} must give users, books, genres and labels, four tensors a batch.")
    if len({tuple(np.shape(column)) for column in first}) > 1:
        raise ValueError(f"{name} must give four tensors of one shape a batch.")
    return given


def fits(model, dataset) -> None:
    """Raises when a dataset holds a code that the model's tables do not have."""
    for table in TABLES:
        layer, codes = (getattr(model, f"{table}_embedding", None), getattr(dataset, f"{table}s", None))
        rows = getattr(layer, "num_embeddings", math.inf)
        if codes is not None and len(codes) and codes.max() >= rows:
            raise ValueError(
                f"The rows hold the {table} code {codes.max().item()}, but the model's "
                f"{table} table has the codes 0 to {rows - 1}. Use the sizes of the same encoding."
            )


def as_many_rows(model, table: str, encoding) -> None:
    """Raises unless a model's table has the rows that the encoding says."""
    column = COLUMNS[TABLES.index(table)]
    rows, size = getattr(model, f"{table}_embedding").num_embeddings, encoding.sizes[column]
    if rows != size:
        raise ValueError(
            f"The model's {table} table has {rows} rows, but the encoding has {size} for "
            f"{column!r}. Use the encoding it was trained with."
        )
