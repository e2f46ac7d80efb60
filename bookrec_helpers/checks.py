"""Ground floor: every question about an argument, asked once.

An answer that will not do becomes an error that names the argument, the value and the way out.
A public function asks in its first lines, so that nothing is lost when it says no.
"""

import math
import numbers
import os
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from functools import wraps
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


def positives(name: str, given: Iterable[float]) -> list[float]:
    """`given` as a list of numbers of at least 0, at least one, and none twice."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a list of numbers, not {given!r}.")
    found = [positive(f"Each of {name}", number, zero=True) for number in given]
    if not found or len(set(found)) < len(found):
        raise ValueError(f"{name} must hold at least one number, and none twice, not {found}.")
    return found


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


@contextmanager
def comparable(column: str):
    """Says in words that a column holds values which pandas cannot compare, such as lists."""
    try:
        yield
    except TypeError:
        raise TypeError(
            f"Column {column!r} holds values that cannot be compared, such as lists. "
            "Use numbers, strings, dates or booleans."
        ) from None


def no_lookalikes(column: pd.Series, kinds: np.ndarray) -> None:
    """Raises when a column mixes values that look alike: True and 1, or "101" and 101."""
    truths, numbers, texts = ((kinds == kind) & column.notna() for kind in range(3))
    told = "truth values and numbers, and Python takes True for 1" if truths.any() else ""
    if pd.to_numeric(column[texts], errors="coerce").notna().any():
        told = "numbers and texts that read like numbers"
    if told and numbers.any():
        raise TypeError(
            f"Column {column.name!r} mixes {told}. "
            f"Make it one kind first: df[{column.name!r}].astype(str)."
        )


def no_strangers(column: str, known: pd.Index, foreign: pd.Index, strangers, allowed: bool) -> None:
    """Raises when values are not known, or, where strangers are allowed, of another kind."""
    if allowed and not len(foreign):
        return
    shown = strangers if not allowed else foreign
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    way_out = (
        'Encode the first frame with unknown="reserve" to give such values a code of their own.'
        if not len(foreign)
        else "They are of another kind: read both tables alike, for example with "
        f"dtype={{{column!r}: str}}, or encode the first frame as text, too."
    )
    raise ValueError(
        f"Column {column!r} has values that were not in the first frame: "
        f"{shown[:5].tolist()}{more} (its {len(known)} known values are of type {known.dtype}). "
        f"{way_out}"
    )


def free_name(column: str, known: pd.Index) -> None:
    """Raises when a category has the name of the reserved row."""
    if UNKNOWN in known:
        raise ValueError(
            f"Column {column!r} has a value named {UNKNOWN!r}, which unknown='reserve' needs for "
            "the row of strangers. Give it another name first."
        )


def judged(column: pd.Series, like: Callable) -> pd.Series:
    """What the learner's own function makes of the labels: one answer a row, each by itself."""
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
    labels = pd.Series(labels, column.index)
    for row in np.flatnonzero(~column.duplicated())[:20]:
        if not np.array_equal(like(column.iloc[[row]]), labels.iloc[[row]]):
            raise ValueError(
                f"like judges column {column.name!r} by the other rows: {column.iloc[row]!r} alone "
                "gets another answer, and so would new rows. Use a fixed limit, such as "
                "like=lambda stars: stars >= 4."
            )
    return labels


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
    clean = df[list(names)].astype(np.int64)
    return clean.assign(**{LABEL: zeros_and_ones(LABEL, df[LABEL]) if LABEL in df else math.nan})


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


def array_of_vectors(given, rows: int = 1, columns: int | None = None) -> np.ndarray:
    """An array or a frame as an array of finite numbers, of shape `(rows, dimension)`."""
    array = floats("vectors", given)
    if array.ndim != 2:
        raise ValueError(f"Vectors of shape (rows, dimension) are needed, not {array.shape}.")
    if columns not in (None, array.shape[1]):
        raise ValueError(
            f"Vectors of dimension {columns} are needed, as the map was made of, "
            f"not {array.shape[1]}."
        )
    return vectors(pd.DataFrame(array), rows).to_numpy()


def two_of_one_shape(before, after) -> tuple[np.ndarray, np.ndarray]:
    """Two tables of the same rows, as arrays; the second has a spread."""
    frames = isinstance(before, pd.DataFrame) and isinstance(after, pd.DataFrame)
    if frames and not before.index.equals(after.index):
        raise ValueError("The two tables must have the same rows in the same order.")
    before, after = array_of_vectors(before), array_of_vectors(after, rows=2)
    if before.shape != after.shape:
        raise ValueError(f"Two tables of one shape are needed, not {before.shape}, {after.shape}.")
    return before, after


def one_direction(table: pd.DataFrame, name) -> pd.DataFrame:
    """The row `name` as a frame, if it is there once and points somewhere."""
    if not pd.api.types.is_hashable(name) or name not in table.index:
        raise ValueError(f"There is no row {name!r}; the first ones are {list(table.index[:5])}.")
    if table.shape[1] == 1:
        raise ValueError(
            "A table of one column points only up or down, so each cosine is 1 or -1. "
            "Compare its numbers: (table - table.loc[name]).abs()."
        )
    own = table.loc[[name]]
    if len(own) > 1 or not own.any(axis=None):
        what = "all 0 and point nowhere" if len(own) == 1 else f"there {len(own)} times"
        raise ValueError(f"The numbers of row {name!r} are {what}.")
    return own


def table_sizes(**tables: tuple[int, int]) -> None:
    """Raises unless tables of these rows and columns can exist, and fit into memory together."""
    for name, (rows, columns) in tables.items():
        whole(f"num_{name}", rows)
        whole(f"embedding_dim_{name}", columns)
    fit_memory(sum(rows * columns for rows, columns in tables.values()))


def fit_memory(numbers: int) -> None:
    """Raises when so many float32 numbers do not fit into this machine's memory."""
    from torch import empty  # lessons 00 to 02 do without

    try:
        empty(numbers)  # asks for the memory and does not touch it
    except (RuntimeError, TypeError, OverflowError):
        raise ValueError(
            f"Tables of {numbers:,} numbers do not fit into this machine's memory. "
            "Use fewer rows or smaller dimensions."
        ) from None


def asks_for_codes(forward: Callable) -> Callable:
    """A model's `forward` that names the codes which a table does not have.

    All that has another cause - no memory, another device, a hook - keeps its own words.
    """

    @wraps(forward)
    def asked(self, users, books, genres=None):
        try:
            return forward(self, users, books, genres)
        except (IndexError, RuntimeError, TypeError):
            _codes_of_one_shape({"users": users, "books": books, "genres": genres}, self)
            raise

    return asked


def _codes_of_one_shape(given: dict, model) -> None:
    """Raises unless all are tensors of codes, of one shape `(batch,)`, that the tables have."""
    from torch import Tensor, int32, int64

    asked = {n: c for n, c in given.items() if hasattr(model, f"{n[:-1]}_embedding")}
    for name, codes in asked.items():
        if not isinstance(codes, Tensor) or codes.dtype not in (int64, int32):
            kind = getattr(codes, "dtype", _name(codes))
            raise TypeError(
                f"{name} must be a tensor of codes (torch.int64), not {kind}."
            ) from None
    shapes = {tuple(codes.shape) for codes in asked.values()}
    if len(shapes) > 1 or len(*shapes) != 1:
        shown = ", ".join(str(tuple(codes.shape)) for codes in asked.values())
        raise ValueError(
            f"{', '.join(asked)} must be of one shape, (batch,), not {shown}."
        ) from None
    told = []
    for name, codes in asked.items():
        rows = getattr(model, f"{name[:-1]}_embedding").num_embeddings
        wrong = codes[(codes < 0) | (codes >= rows)]
        if wrong.numel():
            told.append(f"{name[:-1]} code {wrong[0].item()} (codes: 0 to {rows - 1})")
    if told:
        raise ValueError(
            f"Outside its embedding table: {', '.join(told)}. Encode with the same encoding."
        ) from None


def rows_to_load(dataset) -> None:
    """Raises unless `dataset` holds rows that a loader can fetch."""
    from torch import Tensor
    from torch.utils.data import Dataset

    if not isinstance(dataset, (Dataset, Tensor)) or not hasattr(dataset, "__len__"):
        raise TypeError(f"A BookDataset is needed, not {_name(dataset)}.")
    if len(dataset) == 0:
        raise ValueError("The dataset has no rows, so there is nothing to load.")


def part_edges(units: int, *shares: float | None) -> np.ndarray:
    """Where parts of these shares end in a row of `units`; each part must get at least one."""
    named = {
        name: share(name, value)
        for name, value in zip(("test", "validation"), shares)
        if value is not None or name == "validation"
    }
    sizes = {name: round(units * value) for name, value in named.items()}
    sizes["training"] = units - sum(sizes.values())
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(
                f"Shares of {', '.join(map(str, named.values()))} of {units} rows or readers leave "
                f"no {name} rows. Use more rows or other shares."
            )
    return np.cumsum(list(sizes.values())[:-1])


def times_of(frame: pd.DataFrame, times) -> np.ndarray:
    """The positions of the rows from the first to the last in time."""
    if not isinstance(times, pd.Series) or len(times) != len(frame):
        raise ValueError(
            'by="time" needs times: a column of your own table, one time or date for each of '
            f"these {len(frame)} rows, such as times=table['date']."
        )
    if not times.index.equals(frame.index) or times.hasnans:
        raise ValueError("times must go with the rows, same index, no value missing.")
    return times.argsort(kind="stable").to_numpy()


def has_tables(model, tables=TABLES[:2]):
    """`model`, if it has an embedding table of each of these names."""
    for table in tables:
        if not hasattr(getattr(model, f"{table}_embedding", None), "num_embeddings"):
            raise TypeError(f"A model with a {table}_embedding is needed, not {_name(model)}.")
    return model


def _name(thing) -> str:
    return type(thing).__name__


def on_the_cpu(model):
    """`model`, if its weights are where the course's tensors are."""
    for weights in model.parameters():
        if weights.device.type != "cpu":
            raise ValueError(
                f"The course runs on the CPU, but the model is on {weights.device}. "
                'Move it: model.to("cpu").'
            )
    return model


def training(model, epochs, lr, seed, snapshot, keep_best, l2, patience, validation) -> None:
    """Raises before anything is trained, so that nothing is lost."""
    on_the_cpu(has_tables(model))
    whole("epochs", epochs)
    positive("lr", lr)
    positive("l2", l2, zero=True)
    if seed is not None:
        whole("seed", seed, 0)
    if patience is not None:
        whole("patience", patience)
    if snapshot is not None:
        has_tables(model, [choice("snapshot", snapshot, TABLES)])
    if (flag("keep_best", keep_best) or patience is not None) and validation is None:
        raise ValueError("keep_best and patience need validation=, a loader of rows held back.")


def loader(name: str, given, labels: bool = False):
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
    known = getattr(getattr(given, "dataset", None), "labels", None)
    if labels and isinstance(known, Tensor) and known.isnan().any():
        raise ValueError(f"{name} holds rows without a label; they can only be predicted.")
    return given


def fits(model, loader) -> None:
    """Raises when a loader's rows hold a code that the model's tables do not have."""
    for table in TABLES:
        layer = getattr(model, f"{table}_embedding", None)
        codes = getattr(getattr(loader, "dataset", None), f"{table}s", None)
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


def jobs(n_jobs: int | None) -> int | None:
    """`n_jobs`, if joblib can take it: None, or a whole number other than 0."""
    if n_jobs is not None and whole("n_jobs", n_jobs, -LARGEST) == 0:
        raise ValueError("n_jobs must not be 0: 1 trains one model at a time, -1 one a core.")
    return n_jobs
