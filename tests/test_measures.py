"""Log loss, AUC, and the guesses that a model must beat."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bookrec_helpers.encoding import encode
from bookrec_helpers.measures import baselines, count_first, guesses, measures


def test_log_loss_and_auc_of_a_small_case_by_hand():
    found = measures([1, 0, 1, 0], [0.9, 0.2, 0.4, 0.6])
    by_hand = -(math.log(0.9) + math.log(0.8) + math.log(0.4) + math.log(0.4)) / 4
    assert found["log_loss"] == pytest.approx(by_hand)
    assert found["auc"] == pytest.approx(3 / 4)  # of four pairs, only 0.4 against 0.6 is wrong


def test_a_coin_and_certainty():
    assert measures([0, 1], [0.5, 0.5])["log_loss"] == pytest.approx(math.log(2))
    assert measures([0, 1], [0.0, 1.0])["log_loss"] == pytest.approx(0, abs=1e-9)
    assert math.isnan(measures([1, 1], [0.5, 0.7])["auc"])


@pytest.mark.parametrize(
    "labels, guesses, words",
    [([1], [0.5, 0.5], "one length"), ([], [], "one length"), ([2, 0], [0.1, 0.2], "label"),
     ([1, 0], [1.2, 0.1], "probability"), ([1, 0], [np.nan, 0.1], "probability")],
)  # fmt: skip
def test_what_cannot_be_measured_is_refused(labels, guesses, words):
    with pytest.raises(ValueError, match=words):
        measures(labels, guesses)


def test_baselines_know_rates_only():
    train = pd.DataFrame({"BookID": [0] * 50 + [1] * 50, "Liked": [1] * 40 + [0] * 50 + [1] * 10})
    train = train.assign(UserID=range(100), Genre=0)
    validation = pd.DataFrame({"UserID": 500, "BookID": [0, 1, 2], "Genre": 0, "Liked": [1, 0, 1]})
    scores = baselines(train, validation)
    assert scores.loc["overall rate", "log_loss"] == pytest.approx(math.log(2))
    by_book = np.array([45 / 60, 15 / 60, 0.5])  # ten more votes at the overall rate of 0.5
    assert scores.loc["each book's rate"].to_dict() == pytest.approx(measures([1, 0, 1], by_book))


def test_baselines_know_generous_readers():
    pairs = pd.MultiIndex.from_product([range(40), range(30)], names=["UserID", "BookID"])
    rows = pairs.to_frame(index=False).sample(frac=1, random_state=0).assign(Genre=0)
    rows["Liked"] = (rows["UserID"] < 20).astype(int)
    scores = baselines(rows[:900], rows[900:])["auc"]
    assert scores["each book's rate"] < 0.6
    assert scores["reader and book biases"] > 0.99 and scores["logistic regression"] > 0.99


def test_baselines_of_likes_only_are_sure_of_it():
    rows = pd.DataFrame({"UserID": range(9), "BookID": 0, "Genre": 0, "Liked": 1})
    assert (baselines(rows, rows)["log_loss"] < 0.02).all()


def test_baselines_need_rows():
    with pytest.raises(ValueError, match="'UserID' is missing"):
        baselines(pd.DataFrame({"Liked": [1]}), pd.DataFrame({"BookID": [0], "Liked": [1]}))


def test_count_first_says_what_kind_of_table_it_is():
    rows = [(1, "a", 1), (1, "b", 0), (1, "a", 1), (2, "a", 1), (3, "c", 0), (3, "a", 0)]
    table = pd.DataFrame(rows, columns=["UserID", "BookID", "Liked"])
    counts = count_first(encode(table, unknown="reserve"))["count"]
    assert counts.to_dict() == {
        "rows": 6,
        "readers": 3,
        "books": 3,
        "share of all pairs": pytest.approx(6 / 9),
        "rows of a reader, median": 2,
        "rows of a reader, least": 1,
        "rows of a book, median": 1,
        "rows of a book, least": 1,
        "rows that repeat a pair": 1,
        "share of likes": pytest.approx(0.5),
        "readers with a single row": 1,
        "books with a single row": 2,
    }


def test_only_an_encoding_with_rows_and_labels_can_be_counted():
    table = pd.DataFrame({"UserID": [1, 2], "BookID": [1, 1], "Liked": [0, 1]})
    with pytest.raises(TypeError, match="An Encoding is needed, not DataFrame"):
        count_first(table)
    with pytest.raises(ValueError, match="'Liked' is missing"):
        count_first(encode(table.drop(columns="Liked")))
    with pytest.raises(ValueError, match="nothing to count"):
        count_first(replace(encode(table), frame=encode(table).frame[:0]))


def test_the_baselines_are_measured_on_their_guesses():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 9, (400, 2))
    rows = pd.DataFrame({"UserID": codes[:, 0], "BookID": codes[:, 1], "Genre": 0})
    rows["Liked"] = rng.integers(0, 2, 400)
    train, part = rows[:300], rows[300:].sample(frac=1, random_state=0)
    chances, scores = guesses(train, part), baselines(train, part)
    assert chances.index.equals(part.index) and list(chances) == list(scores.index)
    for name, chance in chances.items():
        assert measures(part["Liked"], chance) == pytest.approx(scores.loc[name].to_dict())
