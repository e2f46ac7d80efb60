"""Lesson 04: how good probabilities are, and the guesses that a model must beat."""

import math

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from bookrec_helpers import checks
from bookrec_helpers.checks import COLUMNS, LABEL

VOTES = 10  # imaginary average votes by which a rate is drawn to the average


def measures(labels, probabilities) -> dict[str, float]:
    """The log loss and AUC of probabilities against what happened (lesson 04, Held-back rows).

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
    labels = checks.floats("labels", labels)
    probabilities = checks.floats("probabilities", probabilities)
    checks.same_rows(labels, probabilities)
    mixed = len(np.unique(labels)) > 1  # with labels of one kind only there is no order to judge
    return {
        "log_loss": float(log_loss(labels, probabilities, labels=[0, 1])),
        "auc": float(roc_auc_score(labels, probabilities)) if mixed else math.nan,
    }


def baselines(train: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """What four guesses without any embedding score on held-back rows (lesson 04, Held-back rows).

    Args:
        train, validation: Encoded frames with `Liked`.

    Returns:
        A frame with the columns `log_loss` and `auc` and four rows. `overall rate` says the
        same for all; `each book's rate` the book's share of likes; `reader and book biases`
        the overall rate, plus how much better the book does, plus how much more generous the
        reader is (Koren 2010, "Factor in the neighbors", baseline predictors); all drawn to
        the average as if ten more had voted like it. `logistic regression` learns a weight
        for each reader, book and genre (scikit-learn, one-hot, its own penalty).

    Raises:
        TypeError: One is no data frame, or its columns are no codes.
        ValueError: A column is missing or doubled, a frame is empty, or a label is not 0
            or 1.
    """
    train, validation = (
        checks.code_columns(checks.data_frame(part, empty="compare"), label=True)
        for part in (train, validation)
    )
    # Each guess knows the training rows only; the held-back rows judge it.
    rate = train[LABEL].mean()
    book = _lean(train["BookID"], train[LABEL] - rate)
    # The reader explains only what the book has left over, or both would claim the same.
    left = train[LABEL] - rate - train["BookID"].map(book)
    reader = _lean(train["UserID"], left)
    by_book = rate + validation["BookID"].map(book).fillna(0)
    both = by_book + validation["UserID"].map(reader).fillna(0)
    guesses = {
        "overall rate": np.full(len(validation), rate),
        "each book's rate": by_book,
        # A sum of rates can leave 0 to 1, and a sure mistake would cost without end.
        "reader and book biases": both.clip(0.01, 0.99),
        "logistic regression": _regression(train, validation),
    }
    scores = {name: measures(validation[LABEL], guess) for name, guess in guesses.items()}
    return pd.DataFrame.from_dict(scores, orient="index")


def _lean(codes: pd.Series, over: pd.Series) -> pd.Series:
    """By how much the rows of each code lie over the average, drawn towards 0."""
    # With one vote a rate is 0 or 1; ten votes of nobody keep it near the average.
    sums = over.groupby(codes).agg(["sum", "count"])
    return sums["sum"] / (sums["count"] + VOTES)


def _regression(train: pd.DataFrame, validation: pd.DataFrame) -> np.ndarray:
    """The probabilities of a logistic regression; of the only kind of label where there is one."""
    if train[LABEL].nunique() == 1:
        return np.full(len(validation), train[LABEL].iloc[0])
    columns = list(COLUMNS)
    # One column for each reader, book and genre, nearly all 0: a sparse table stays small.
    steps = OneHotEncoder(handle_unknown="ignore"), LogisticRegression(solver="liblinear")
    model = make_pipeline(*steps).fit(train[columns], train[LABEL])
    return model.predict_proba(validation[columns])[:, 1]
