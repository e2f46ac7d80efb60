"""Ground floor: every question about an argument, asked once.

An answer that will not do becomes an error that names the argument, the value and the way out;
its words stand in `checks.toml`. A public function asks in its first lines, so that nothing is
lost when it says no.
"""

import math
import numbers
import tomllib
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd

COLUMNS = ("UserID", "BookID", "Genre")
LABEL = "Liked"
TABLES = ("user", "book", "genre")  # a column each, in the order of COLUMNS
UNKNOWN = "(unknown)"  # the name of the row that is reserved for values never seen
LARGEST = 2**63 - 1  # that PyTorch can count to
HUGE = 1e150  # larger numbers have no square


def toml_beside(module: str) -> dict:
    """What stands in the TOML file beside a module, named like it; `module` is its `__file__`."""
    return tomllib.loads(Path(module).with_suffix(".toml").read_text("utf-8"))


WORDS = toml_beside(__file__)


def ask(fine: bool, question: str, **told) -> None:
    """Raises the error of that question unless all is fine."""
    if not fine:
        kind = TypeError if question in WORDS["TypeError"] else ValueError
        raise kind(words(question, kind.__name__, **told))


def words(name: str, about: str = "said", /, **told) -> str:
    """A sentence of `checks.toml` by its name, and the part that it stands in."""
    return WORDS[about][name].format(**told)


def whole(name: str, value: int, least: int = 1) -> int:
    """`value` as an int, if it is a whole number from `least` on (True and 3.0 are none)."""
    number = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    ask(number, "whole", name=name, value=value)
    ask(value >= least, "least", name=name, value=value, least=least)
    ask(value <= LARGEST, "most", name=name)
    return int(value)


def several(name: str, given: Iterable, one: Callable, what: str = "numbers", **bound) -> list:
    """`given` as a list of numbers that `one` takes, at least one, and none twice."""
    listed = isinstance(given, Iterable) and not isinstance(given, str)
    ask(listed, "list", name=name, value=given, what=what)
    found = [one(f"Each of {name}", number, **bound) for number in given]
    ask(0 < len(set(found)) == len(found), "none_twice", name=name, value=found)
    return found


def positive(name: str, value: float, zero: bool = False) -> float:
    """`value` as a float, if it is a finite number above 0, or 0 where `zero` allows it."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    countable = real and (not isinstance(value, int) or value <= LARGEST)
    fine = countable and (0 < value < math.inf or (zero and value == 0))
    bound = "of at least 0" if zero else "above 0"
    ask(fine, "positive", name=name, value=value, bound=bound)
    return float(value)


def flag(name: str, value: bool) -> bool:
    """`value`, if it is True or False."""
    ask(isinstance(value, bool), "flag", name=name, value=value)
    return value


def choice(name: str, value: str, allowed: Iterable[str]) -> str:
    """`value`, if it is one of the words that are allowed."""
    fine = isinstance(value, str) and value in tuple(allowed)
    ask(fine, "choice", name=name, value=value, allowed=", ".join(map(repr, allowed)))
    return value


def instance(value, kind: type | tuple, needed: str):
    """`value`, if it is of that kind."""
    ask(isinstance(value, kind), "instance", needed=needed, kind=type(value))
    return value


def jobs(n_jobs: int | None) -> int | None:
    """`n_jobs`, if joblib can take it: None, or a whole number other than 0."""
    ask(n_jobs is None or whole("n_jobs", n_jobs, -LARGEST) != 0, "jobs")
    return n_jobs


def column_names(columns: dict[str, str] | None) -> dict[str, str]:
    """The course's column names to the learner's own."""
    ask(columns is None or isinstance(columns, dict), "columns", value=columns)
    names = {name: name for name in (*COLUMNS, LABEL)}
    for name, own in (columns or {}).items():
        ask(pd.api.types.is_hashable(own), "own_name", value=own)
        ask(name in names, "course_name", value=name, names=", ".join(names))
        names[name] = own
    ask(len(set(names.values())) == len(names), "twice", names=names)
    return names


def data_frame(df, names=(), optional=(), empty: str = "") -> pd.DataFrame:
    """`df`, if it is a data frame with each named column once.

    Args:
        names: The columns, or a dict of the course's names to the learner's own.
        optional: Those of them that may be absent.
        empty: What cannot be done without rows; where not given, rows are not asked for.
    """
    way_out = " Turn it into one: df.to_pandas()." if hasattr(df, "to_pandas") else ""
    ask(isinstance(df, pd.DataFrame), "frame", kind=type(df), way_out=way_out)
    for name, own in names.items() if isinstance(names, dict) else zip(names, names):
        count = list(df.columns).count(own)
        fine = count == 1 or (count == 0 and name in optional)
        what = "there twice" if count else "missing"
        ask(fine, "column", own=own, what=what, columns=list(df.columns), name=name)
    ask(not (empty and df.empty), "empty", what=empty)
    return df


def no_missing_values(df: pd.DataFrame, columns: list[str]) -> None:
    """Raises when one of these columns has holes."""
    holes = [f"{n} in column {name!r}" for name in columns if (n := int(df[name].isna().sum()))]
    ask(not holes, "holes", holes=", ".join(holes))


@contextmanager
def comparable(column: str):
    """Says in words that a column holds values which pandas cannot compare."""
    try:
        yield
    except TypeError:
        ask(False, "comparable", column=column)


def no_lookalikes(column: pd.Series, kinds: np.ndarray) -> None:
    """Raises when a column mixes values that look alike: True and 1, or "101" and 101."""
    truths, figures, texts = ((kinds == kind) & column.notna() for kind in range(3))
    what = "truth values and numbers, and Python takes True for 1" if truths.any() else ""
    if figures.any() and pd.to_numeric(column[texts], errors="coerce").notna().any():
        what = "numbers and texts that read like numbers"
    ask(not (what and figures.any()), "lookalikes", column=column.name, what=what)


def judged(column: pd.Series, like: Callable) -> pd.Series:
    """What the learner's own function makes of the labels: one answer a row, each by itself."""
    told = {"column": column.name, "kind": column.dtype, "n": len(column)}
    try:
        labels = like(column)
    except Exception as error:
        ask(False, "like_fails", error=error, **told)
    moved = isinstance(labels, pd.Series) and not labels.index.equals(column.index)
    fine = np.shape(labels) == column.shape and not moved
    ask(fine, "like_rows", value=np.shape(labels) or labels, **told)
    labels = pd.Series(labels, column.index)
    for row in np.flatnonzero(~column.duplicated())[:20]:
        alone = np.array_equal(like(column.iloc[[row]]), labels.iloc[[row]])
        ask(alone, "like_relative", value=column.iloc[row], **told)
    return labels


def zeros_and_ones(column: str, labels: pd.Series) -> np.ndarray:
    """A column of labels as int64 zeros and ones."""
    ask(not labels.hasnans, "no_label", column=column, n=labels.isna().sum())
    wrong = labels[~labels.isin([0, 1])].head(50).map(repr)
    ask(wrong.empty, "label", column=column, values=", ".join(wrong.unique()[:5]))
    return labels.to_numpy().astype(np.int64)


def code_columns(df: pd.DataFrame, label: bool = False, empty: str = "") -> pd.DataFrame:
    """The codes as int64; the label as 0 and 1, or nan where it may be absent and is."""
    data_frame(df, (*COLUMNS, LABEL), () if label else (LABEL,), empty)
    for name in COLUMNS:
        fine = pd.api.types.is_integer_dtype(df[name]) and not df[name].hasnans
        ask(fine, "codes", column=name, kind=df[name].dtype)
        wrong = df[name][(df[name] < 0) | (df[name] > LARGEST)]
        ask(wrong.empty, "code", column=name, value=wrong.max())
    clean = df[list(COLUMNS)].astype(np.int64)
    return clean.assign(**{LABEL: zeros_and_ones(LABEL, df[LABEL]) if LABEL in df else math.nan})


def known_codes(column: str, codes: pd.Series, size: int) -> None:
    """Raises unless a table of `size` rows has all these codes."""
    ask(not pd.api.types.is_bool_dtype(codes), "truth_codes", column=column)
    wrong = codes[~codes.isin(range(size))].tolist() or [None]
    ask(wrong == [None], "outside", column=column, value=wrong[0], last=size - 1)


def floats(name: str, values) -> np.ndarray:
    """The values as an array of floats."""
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):  # of no one shape, or still with a gradient
        array = np.array(None)
    ask(array.dtype.kind in "biuf" or not array.size, "floats", name=name)
    return array.astype(float)


def same_rows(labels: np.ndarray, guesses: np.ndarray) -> None:
    """Raises unless they are labels and probabilities, one of each a row."""
    fine = labels.shape == guesses.shape and labels.ndim == 1 and len(labels)
    ask(fine, "one_length", shapes=f"{labels.shape} and {guesses.shape}")
    ask(np.isin(labels, (0, 1)).all(), "labels")
    ask(((guesses >= 0) & (guesses <= 1)).all(), "probabilities")


def vectors(table: pd.DataFrame, rows: int = 1) -> pd.DataFrame:
    """`table`, if it is a frame of finite numbers with a column and that many rows.

    Two or more rows that are all alike have no directions and no distances.
    """
    frame = isinstance(table, pd.DataFrame)
    ask(frame and all(map(pd.api.types.is_numeric_dtype, table.dtypes)), "vectors")
    ask(len(table) >= rows and table.shape[1] > 0, "shape", rows=rows, shape=table.shape)
    values = table.to_numpy(float)
    ask((np.abs(values) < HUGE).all(), "finite", most=HUGE)
    ask(rows < 2 or (values != values[0]).any(), "alike")
    return table


def array_of_vectors(given, rows: int = 1, columns: int | None = None) -> np.ndarray:
    """An array or a frame as an array of finite numbers, of shape `(rows, dimension)`."""
    array = floats("vectors", given)
    fine = array.ndim == 2 and columns in (None, array.shape[-1])
    ask(fine, "two_axes", columns=columns or "dimension", shape=array.shape)
    return vectors(pd.DataFrame(array), rows).to_numpy()


def two_of_one_shape(before, after) -> tuple[np.ndarray, np.ndarray]:
    """Two tables of the same rows, as arrays; the second has a spread."""
    frames = isinstance(before, pd.DataFrame) and isinstance(after, pd.DataFrame)
    ask(not frames or before.index.equals(after.index), "same_rows")
    before, after = array_of_vectors(before), array_of_vectors(after, rows=2)
    ask(before.shape == after.shape, "one_shape", shapes=f"{before.shape}, {after.shape}")
    return before, after


def one_direction(table: pd.DataFrame, name) -> pd.DataFrame:
    """The row `name` as a frame, if it is there once and points somewhere."""
    there = pd.api.types.is_hashable(name) and name in table.index
    ask(there, "no_row", name=name, names=list(table.index[:5]))
    ask(table.shape[1] > 1, "one_column")
    own = table.loc[[name]]
    what = "all 0 and point nowhere" if len(own) == 1 else f"there {len(own)} times"
    ask(len(own) == 1 and own.any(axis=None), "direction", name=name, what=what)
    return own


def part_edges(units: int, test: float | None, validation: float) -> np.ndarray:
    """Where test and validation end in a row of `units`; each part must get at least one."""
    shares = {} if test is None else {"test": test}
    shares["validation"] = validation
    sizes = {}
    for name, value in shares.items():
        ask(isinstance(value, numbers.Real) and 0 < value < 1, "share", name=name, value=value)
        sizes[name] = round(units * value)
    for name, size in (*sizes.items(), ("training", units - sum(sizes.values()))):
        ask(size > 0, "part", shares=shares, units=units, name=name)
    return np.cumsum([*sizes.values()])


def times_of(frame: pd.DataFrame, times) -> np.ndarray:
    """The positions of the rows from the first to the last in time."""
    ask(isinstance(times, pd.Series) and len(times) == len(frame), "times", n=len(frame))
    ask(times.index.equals(frame.index) and not times.hasnans, "times_index")
    return times.argsort(kind="stable").to_numpy()


def has_tables(model, tables):
    """`model`, if it has these embedding tables, on the CPU as the course's tensors are."""
    for table in tables:
        layer = getattr(model, f"{table}_embedding", None)
        ask(hasattr(layer, "num_embeddings"), "table", table=table, kind=type(model))
    devices = {str(weights.device) for weights in model.parameters()} - {"cpu"}
    ask(not devices, "cpu", device=" and ".join(devices))
    return model


def training(model, epochs, lr, seed, snapshot, keep_best, l2, patience, validation) -> None:
    """Raises before anything is trained, so that nothing is lost."""
    kept = [] if snapshot is None else [choice("snapshot", snapshot, TABLES)]
    has_tables(model, [*TABLES[:2], *kept])
    whole("epochs", epochs)
    positive("lr", lr)
    positive("l2", l2, zero=True)
    whole("seed", 0 if seed is None else seed, 0)
    whole("patience", 1 if patience is None else patience)
    asked = flag("keep_best", keep_best) or patience is not None
    ask(validation is not None or not asked, "validation")


def fits(model, dataset) -> None:
    """Raises when a dataset holds a code that the model's tables do not have."""
    for table in TABLES:
        rows = getattr(getattr(model, f"{table}_embedding", None), "num_embeddings", math.inf)
        codes = getattr(dataset, f"{table}s", ())
        highest = int(codes.max()) if len(codes) else -1
        ask(highest < rows, "fits", table=table, code=highest, last=rows - 1)


def as_many_rows(model, encoding, tables) -> None:
    """Raises unless a model has these tables, with the rows that the encoding says."""
    has_tables(model, tables)
    ask(hasattr(encoding, "sizes"), "instance", needed="An Encoding", kind=type(encoding))
    for table in tables:
        column = COLUMNS[TABLES.index(table)]
        rows, size = getattr(model, f"{table}_embedding").num_embeddings, encoding.sizes[column]
        ask(rows == size, "encoding", table=table, rows=rows, size=size, column=column)


def no_strangers(column: str, known: pd.Index, strange: pd.Index, foreign: pd.Index, allowed):
    """Raises when values are not known; where strangers are allowed, when they are foreign."""
    shown = foreign if len(foreign) else strange
    more = f" and {len(shown) - 5} more" if len(shown) > 5 else ""
    told = {"values": shown[:5].tolist(), "more": more, "n": len(known), "kind": known.dtype}
    question = "foreign" if len(foreign) else "strangers"
    ask(allowed and not len(foreign), question, column=column, **told)
