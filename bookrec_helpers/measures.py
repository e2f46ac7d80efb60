"""Lesson 04: how good probabilities are, and the guesses that a model must beat."""

import math

import numpy as np
import pandas as pd
from sklearn.metrics import log_loss, roc_auc_score

from bookrec_helpers.encoding import LABEL


def measures(labels, probabilities) -> dict[str, float]:
    """The log loss and AUC of probabilities against what happened.

    Args:
        labels: 0 or 1, shape `(rows,)`.
        probabilities: Of a 1, shape `(rows,)`, between 0 and 1.

    Returns:
        A dict: `log_loss`, the mean negative logarithm of the probability given to what
        happened (0 is perfect, 0.693 is a coin), and `auc`, the chance that a row with 1
        gets a higher probability than a row with 0 (0.5 is a coin, 1 is perfect; nan
        where all labels are alike).

    Raises:
        TypeError: Labels or probabilities are not numbers.
        ValueError: The lengths differ or are 0, a label is not 0 or 1, or a probability
            is missing or not between 0 and 1.
    """
    labels, probabilities = as_floats("labels", labels), as_floats("probabilities", probabilities)
    if labels.shape != probabilities.shape or labels.ndim != 1 or not len(labels):
        raise ValueError(
            "Labels and probabilities must be two columns of one length, not "
            f"{labels.shape} and {probabilities.shape}."
        )
    if not np.isin(labels, (0, 1)).all():
        raise ValueError("Each label must be 0 or 1.")
    if not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise ValueError("Each probability must lie between 0 and 1.")
    mixed = len(np.unique(labels)) > 1
    return {
        "log_loss": float(log_loss(labels, probabilities, labels=[0, 1])),
        "auc": float(roc_auc_score(labels, probabilities)) if mixed else math.nan,
    }


def baselines(train: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """What two guesses without any network score on the validation rows.

    Args:
        train, validation: Encoded frames with `BookID` and `Liked`.

    Returns:
        A frame with the columns `log_loss` and `auc` and two rows: `overall rate` says
        the same for all, `each book's rate` the share of likes of the row's book, drawn
        towards the overall rate as if ten more readers had voted like the average.

    Raises:
        TypeError: One is not a data frame, or their books are not of one type.
        ValueError: A column is missing or doubled, a frame is empty, or a label is not 0
            or 1.
    """
    for frame in (train, validation):
        _check_rows(frame)
    if train["BookID"].dtype != validation["BookID"].dtype:
        kinds = f"{train['BookID'].dtype} and {validation['BookID'].dtype}"
        raise TypeError(f"Column 'BookID' must be of one type in both frames, not {kinds}.")
    rate = train[LABEL].mean()
    votes = train.groupby("BookID")[LABEL].agg(["sum", "count"])
    by_book = (votes["sum"] + 10 * rate) / (votes["count"] + 10)
    guesses = {
        "overall rate": np.full(len(validation), rate),
        "each book's rate": validation["BookID"].map(by_book).fillna(rate),
    }
    scores = {name: measures(validation[LABEL], guess) for name, guess in guesses.items()}
    return pd.DataFrame.from_dict(scores, orient="index")


def as_floats(name: str, values) -> np.ndarray:
    """The values as an array of floats.

    Raises:
        TypeError: They are not numbers, or no tensor of them can be read.
    """
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, RuntimeError):  # of no one shape, or still with a gradient
        array = np.array(None)
    if array.dtype.kind not in "biuf" and array.size:
        raise TypeError(f"{name} must be numbers in a column, a table or an array.")
    return array.astype(float)


def _check_rows(frame) -> None:
    """Raises unless it holds books and labels."""
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"A pandas data frame is needed, not {type(frame).__name__}.")
    if [list(frame).count(name) for name in ("BookID", LABEL)] != [1, 1] or frame.empty:
        raise ValueError(f"Rows with 'BookID' and {LABEL!r} are needed; got {list(frame)}.")
    if not frame[LABEL].isin([0, 1]).all():
        raise ValueError(f"Column {LABEL!r} must be 0 or 1. Encode the table first.")
