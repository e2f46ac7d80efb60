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
from bookrec_helpers.encoding import Encoding

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
    auc = roc_auc_score(labels, probabilities) if mixed else math.nan
    return {"log_loss": float(log_loss(labels, probabilities, labels=[0, 1])), "auc": float(auc)}


def count_first(encoding) -> pd.DataFrame:
    """What to know of a table before anything is trained on it (lesson 08, Count first).

    Args:
        encoding: An `Encoding` with its rows.

    Returns:
        A frame with one column, `count`: rows, readers and books; which share of all pairs of
        the two there is; how many rows a reader and a book have, the median and the least; how
        many rows repeat a pair; the share of likes; and how many have a single row, from which
        nothing about a taste can be told.

    Raises:
        TypeError: `encoding` is no `Encoding`.
        ValueError: It has no rows or no labels, as after `load_course_model`.
    """
    rows = checks.instance(encoding, Encoding, "An Encoding").frame
    rows = checks.code_columns(rows, label=True, empty="count")
    by_reader, by_book = (rows[column].value_counts() for column in COLUMNS[:2])
    counts = {
        "rows": len(rows),
        "readers": len(by_reader),
        "books": len(by_book),
        "share of all pairs": len(rows) / (len(by_reader) * len(by_book)),
        "rows of a reader, median": by_reader.median(),
        "rows of a reader, least": by_reader.min(),
        "rows of a book, median": by_book.median(),
        "rows of a book, least": by_book.min(),
        "rows that repeat a pair": int(rows.duplicated(["UserID", "BookID"]).sum()),
        "share of likes": rows[LABEL].mean(),
        "readers with a single row": int((by_reader == 1).sum()),
        "books with a single row": int((by_book == 1).sum()),
    }
    return pd.DataFrame({"count": pd.Series(counts, dtype=object)})


def baselines(train: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """What four guesses without any embedding score on held-back rows (lesson 04, Held-back rows).

    Args:
        train, validation: Encoded frames with `Liked`.

    Returns:
        A frame with the columns `log_loss` and `auc`, and one row for each of the `guesses`.

    Raises:
        TypeError: One is no data frame, or its columns are no codes.
        ValueError: A column is missing or doubled, a frame is empty, or a label is not 0
            or 1.
    """
    found = guesses(train, validation)
    scores = {name: measures(validation[LABEL], guess) for name, guess in found.items()}
    return pd.DataFrame.from_dict(scores, orient="index")


def guesses(train: pd.DataFrame, validation: pd.DataFrame) -> pd.DataFrame:
    """The chance of a like for each held-back row, by four guesses (lesson 09, Side by side).

    Args:
        train, validation: Encoded frames with `Liked`.

    Returns:
        A frame with the rows of `validation` and a column a guess. `overall rate` says the
        same for all; `each book's rate` the book's share of likes; `reader and book biases`
        the overall rate, plus how much better the book does, plus how much more generous the
        reader is (Koren 2010, "Factor in the neighbors", baseline predictors); all drawn to
        the average as if ten more had voted like it. `logistic regression` learns a weight
        for each reader, book and genre (scikit-learn, one-hot, its own penalty).

    Raises:
        TypeError, ValueError: As `baselines` does.
    """
    train = checks.code_columns(train, label=True, empty="compare")
    validation = checks.code_columns(validation, label=True, empty="compare")
    # Each guess knows the training rows only; the held-back rows judge it.
    rate = train[LABEL].mean()
    book = _lean(train["BookID"], train[LABEL] - rate)
    # The reader explains only what the book has left over, or both would claim the same.
    reader = _lean(train["UserID"], train[LABEL] - rate - train["BookID"].map(book))
    by_book = rate + validation["BookID"].map(book).fillna(0)
    both = by_book + validation["UserID"].map(reader).fillna(0)
    columns = {
        "overall rate": rate,
        "each book's rate": by_book,
        # A sum of rates can leave 0 to 1, and a sure mistake would cost without end.
        "reader and book biases": both.clip(0.01, 0.99),
        "logistic regression": _regression(train, validation),
    }
    return pd.DataFrame(columns, index=validation.index)


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
