"""Lesson 08: a trained model and its encoding in one file, and back."""

import json
import os
import uuid
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from bookrec_helpers import checks
from bookrec_helpers.checks import COLUMNS, LABEL, TABLES
from bookrec_helpers.encoding import Encoding
from bookrec_helpers.factorization import MatrixFactorization
from bookrec_helpers.model import BookRecommendationModel

FORMAT, VERSION = "course model", 2
ABOUT = "about.json"
NAME = "A file's name as path, such as 'shelf.model',"
MODELS = {model.__name__: model for model in (BookRecommendationModel, MatrixFactorization)}


def save_course_model(path, model, encoding):
    """Writes a model and its encoding to one file, whole or not at all (lesson 08, Keep your work).

    The file is a zip archive of NumPy arrays, the weights, and of a JSON text with all
    ids and names. It holds no rows and no code, so `like` is not saved: whoever loads
    the file gives it again.

    Args:
        path: Where to, such as "shelf.model". A file that is there is replaced.
        model: A `BookRecommendationModel` or a `MatrixFactorization`.
        encoding: The `Encoding` that the model was trained with.

    Raises:
        TypeError: `path`, `model` or `encoding` is something else, or ids or names are of a
            kind that would not come back as they were.
        ValueError: The two do not belong together, or a weight is not finite.
        OSError: Nothing can be written there.
    """
    path = Path(checks.instance(path, (str, os.PathLike), NAME))
    _check_pair(model, encoding)
    weights = {name: weight.detach().numpy() for name, weight in model.state_dict().items()}
    _check_weights(weights)
    about = {
        "format": FORMAT,
        "version": VERSION,
        "model": type(model).__name__,
        "columns": {name: _text(own) for name, own in encoding.columns.items()},
        "categories": {name: _plain(name, values) for name, values in encoding.categories.items()},
        "unknown": encoding.unknown,
        "like": encoding.like is not None,
        "init_std": float(model.init_std),
    }
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")  # two may save at the same time
    try:
        with open(draft, "wb") as file:
            np.savez(file, allow_pickle=False, **weights)
        with zipfile.ZipFile(draft, "a") as archive:
            archive.writestr(ABOUT, json.dumps(about))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def load_course_model(path, like=None):
    """Reads what `save_course_model` wrote; nothing in it is executed (lesson 08, Keep your work).

    Args:
        path: The file.
        like: The function that `encode` was given, if it was given one. Without it the
            encoding refuses further rows that have a label.

    Returns:
        `(model, encoding)`. The encoding knows all ids and names; its `frame` has no rows.

    Raises:
        TypeError: `path` is no path, or `like` no function.
        ValueError: The file is no such file or is damaged, a newer version of the course
            made it, or its parts do not belong together.
        OSError: The file cannot be read.
    """
    path = Path(checks.instance(path, (str, os.PathLike), NAME))
    checks.like_function(like)
    try:
        with zipfile.ZipFile(path) as archive:
            if any(part.compress_type for part in archive.infolist()):
                raise ValueError("it is compressed")  # these files never are; it could swell
            about = json.loads(archive.read(ABOUT))
            if about["format"] != FORMAT or about["version"] > VERSION:
                raise ValueError("it is of another kind, or a newer version of the course made it")
            weights = {name[:-4]: _array(archive, name) for name in archive.namelist()[:-1]}
        _check_weights(weights)
        encoding = _encoding(about, like)
        return _model(about, weights, encoding), encoding
    except OSError:
        raise
    except Exception as error:  # a damaged file fails in many ways
        raise ValueError(
            f"{path} cannot be read as a model of this course ({str(error).rstrip('.')}). "
            "Use a file that save_course_model wrote."
        ) from error


def _model(about, weights, encoding):
    """The model with these weights; no random number is drawn for it."""
    users, books, genres = encoding.sizes.values()
    kind = MODELS[about.get("model", "BookRecommendationModel")]
    tables = [f"{table}_embedding.weight" for table in TABLES]
    wide = [weights[table].shape[1] for table in tables if table in weights]
    with torch.device("meta"):
        if kind is MatrixFactorization:
            model = kind(users, books, embedding_dim=wide[0], init_std=about["init_std"])
        else:
            model = kind(users, books, genres, *wide, about["init_std"])
    model.load_state_dict({n: torch.tensor(w) for n, w in weights.items()}, assign=True)
    return model


def _encoding(about, like):
    """The encoding without its rows."""
    checks.choice("unknown", about["unknown"], ("error", "reserve"))
    categories = {name: _index(about["categories"][name]) for name in COLUMNS}
    for name, values in categories.items():
        if not values.is_unique:
            raise ValueError(f"a category of {name!r} is there twice")
    columns = checks.column_names({name: _value(own) for name, own in about["columns"].items()})
    frame = pd.DataFrame({name: np.array([], np.int64) for name in (*COLUMNS, LABEL)})
    like = like or (_not_saved if about["like"] else None)
    return Encoding(frame, categories, columns, like, about["unknown"])


def _not_saved(column):
    raise ValueError("the file does not hold it: use load_course_model(path, like=...)")


def _plain(name, values):
    """Categories as what JSON can hold, if it brings them back as they are."""
    try:
        plain = _in_json(values)
        back = _index(json.loads(json.dumps(plain)))
        faithful = back.dtype == values.dtype and back.equals(values)
    except (TypeError, ValueError, NotImplementedError):
        faithful = False
    if not faithful:
        raise TypeError(
            f"Values of {name!r} such as {values[0]!r}, type {type(values[0]).__name__}, cannot be "
            "saved such that they come back the same. Encode numbers, text, dates or booleans, "
            "for example by df[column].astype(str)."
        )
    return plain


def _in_json(values):
    if isinstance(values.dtype, pd.CategoricalDtype):
        among = {"among": _in_json(values.dtype.categories), "ordered": values.dtype.ordered}
        return {"dtype": "category", "values": values.codes.tolist(), **among}
    if isinstance(values, (pd.DatetimeIndex, pd.TimedeltaIndex)):
        return {"dtype": str(values.dtype), "values": values.asi8.tolist()}
    return {"dtype": str(values.dtype), "values": [_text(value) for value in values.tolist()]}


def _index(plain):
    """The categories behind `_plain`."""
    dtype, values = pd.api.types.pandas_dtype(plain["dtype"]), plain["values"]
    if isinstance(dtype, pd.CategoricalDtype):
        among, ordered = _index(plain["among"]), plain["ordered"]
        return pd.Index(pd.Categorical.from_codes(values, among, ordered))
    if dtype.kind in "mM":
        return pd.Index(np.array(values, np.int64)).astype(dtype)
    return pd.Index([_value(value) for value in values], dtype=dtype)


def _text(value):
    """A value as JSON has it: a date becomes `{"date": ...}`, what is missing null."""
    value = value.item() if isinstance(value, np.generic) else value
    if type(value) is date:
        return {"date": value.isoformat()}
    if value is pd.NA or value is None or value is pd.NaT or value != value:
        return None
    if not isinstance(value, (bool, int, float, str)):
        raise TypeError(
            f"{value!r} of type {type(value).__name__} cannot be saved. "
            "Encode numbers, text, dates or booleans, for example by df[column].astype(str)."
        )
    return value


def _value(text):
    """The value behind `_text`."""
    if isinstance(text, dict):
        return date.fromisoformat(text["date"])
    return np.nan if text is None else text


def _array(archive, name):
    with archive.open(name) as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def _check_weights(weights):
    """Raises unless all are finite numbers of one type."""
    if {weight.dtype for weight in weights.values()} not in ({np.dtype("f4")}, {np.dtype("f8")}):
        raise ValueError("The weights are not all float32 or all float64.")
    for name, weight in weights.items():
        if not np.isfinite(weight).all():
            raise ValueError(f"The weight {name} holds missing or infinite numbers.")


def _check_pair(model, encoding):
    """Raises unless the model's tables have the rows that the encoding says."""
    if type(model) not in MODELS.values():
        raise TypeError(f"A {' or a '.join(MODELS)} is needed, not {type(model).__name__}.")
    checks.instance(encoding, Encoding, "An Encoding")
    checks.has_tables(model)
    for table in TABLES:
        if hasattr(model, f"{table}_embedding"):
            checks.as_many_rows(model, table, encoding)
