"""Lesson 08: a trained model and its encoding in one file, and back."""

import io
import os
import uuid
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import torch

from bookrec_helpers import checks
from bookrec_helpers.checks import COLUMNS, LABEL, TABLES
from bookrec_helpers.encoding import Encoding
from bookrec_helpers.factorization import MatrixFactorization
from bookrec_helpers.model import BookRecommendationModel

FORMAT = "course model, version 3"
NAME = "A file's name as path, such as 'shelf.model',"
MODELS = {"BookRecommendationModel": TABLES, "MatrixFactorization": TABLES[:2]}
VALUES = {bool, int, float, str, date, type(None)}  # what ids and names may be in a file
torch.serialization.add_safe_globals([date])  # the others are read anyway


def save_course_model(path, model, encoding):
    """Writes a model and its encoding to one file, whole or not at all (lesson 08, Keep your work).

    The file is what `torch.save` makes of one dict: the weights, all ids and names, and
    which model it was. It holds no rows and no code, so `like` is not saved: whoever loads
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
    kind = type(model).__name__
    checks.ask(kind in MODELS, "instance", needed=f"A {' or a '.join(MODELS)}", kind=type(model))
    checks.as_many_rows(model, encoding, MODELS[kind])
    about = {
        "format": FORMAT,
        "model": kind,
        "init_std": float(model.init_std),
        "weights": model.state_dict(),
        "columns": _plain("columns", pd.Index([*encoding.columns.values()], dtype=object)),
        "categories": {name: _plain(name, values) for name, values in encoding.categories.items()},
        "unknown": encoding.unknown,
        "like": encoding.like is not None,
    }
    _model(about, encoding)  # refuses what could not be loaded
    torch.save(about, file := io.BytesIO())
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")  # two may save at the same time
    try:
        draft.write_bytes(file.getvalue())
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
        ValueError: The file is no such file or is damaged, an older or a newer version of the
            course made it, or its parts do not belong together.
        OSError: The file cannot be read.
    """
    path = Path(checks.instance(path, (str, os.PathLike), NAME))
    checks.ask(like is None or callable(like), "like", value=like)
    data = path.read_bytes()
    try:
        about = _read(data)
        encoding = _encoding(about, like)
        return _model(about, encoding), encoding
    except Exception as error:  # a damaged file fails in many ways
        why = str(error).split(". ")[0].rstrip(".")  # torch goes on with advice for programmers
        checks.ask(False, "course_file", path=path, why=why)


def _read(data):
    """What was saved; torch makes nothing of a file but tensors and the `VALUES`."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    packed = any(part.compress_type for part in archive.infolist())
    checks.ask(not packed, "compressed")  # these files never are; it could swell
    checks.ask(archive.testzip() is None, "damaged")  # torch does not look at the checksums
    checks.ask("about.json" not in archive.namelist(), "other_version")  # as until version 2
    about = torch.load(io.BytesIO(data), weights_only=True)
    checks.ask(about["format"] == FORMAT, "other_version")
    return about


def _encoding(about, like):
    """The encoding without its rows."""
    checks.choice("unknown", about["unknown"], ("error", "reserve"))
    categories = {name: _index(about["categories"][name]) for name in COLUMNS}
    for name, values in categories.items():
        checks.ask(values.is_unique, "category_twice", name=name)
    columns = checks.column_names(dict(zip((*COLUMNS, LABEL), _index(about["columns"]))))
    frame = pd.DataFrame(columns=[*COLUMNS, LABEL], dtype="int64")
    like = like or (_not_saved if about["like"] else None)
    return Encoding(frame, categories, columns, like, about["unknown"])


def _not_saved(column):
    raise ValueError("the file does not hold it: use load_course_model(path, like=...)")


def _model(about, encoding):
    """The model with these weights; no random number is drawn for it."""
    sizes, weights = [*encoding.sizes.values()], about["weights"]
    kinds = {weight.dtype for weight in weights.values()}
    checks.ask(kinds in ({torch.float32}, {torch.float64}), "weights")
    wide = [w.shape[1] for name, w in weights.items() if name.endswith("_embedding.weight")]
    with torch.device("meta"):
        if about["model"] == "MatrixFactorization":
            model = MatrixFactorization(*sizes[:2], embedding_dim=wide[0])
        else:
            model = BookRecommendationModel(*sizes, *wide)
    model.init_std = checks.positive("init_std", about["init_std"])
    for name, weight in weights.items():
        there = weight.untyped_storage().nbytes() >= weight.nbytes  # and no number many times
        checks.ask(there and weight.isfinite().all(), "weight", name=name)
    model.load_state_dict(weights, assign=True)
    return model


def _plain(name, values):
    """Categories as plain values of Python, refused unless these bring them back as they are."""
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        among = _plain(name, kind.categories)
        plain = {"values": values.codes.tolist(), "among": among, "ordered": kind.ordered}
    else:
        listed = (values.asi8 if kind.kind in "mM" else values).tolist()  # times: units since 1970
        plain = {"values": [_bare(value) for value in listed], "dtype": str(kind)}
    try:
        same = (back := _index(plain)).dtype == kind and back.equals(values)
    except (TypeError, ValueError, NotImplementedError):
        same = False
    checks.ask(same, "not_saved", name=name, dtype=kind, value=values[0])
    return plain


def _bare(value):
    """A value without the dress of NumPy or pandas."""
    value = value.item() if hasattr(value, "item") else value
    return None if value is pd.NA else value


def _index(plain):
    """The categories behind `_plain`."""
    values, among = plain["values"], plain.get("among")
    checks.ask(VALUES.issuperset(map(type, values)), "plain_values")
    if among:
        return pd.Index(pd.Categorical.from_codes(values, _index(among), plain["ordered"]))
    return pd.Index(values, dtype=plain["dtype"])
