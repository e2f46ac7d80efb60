"""The data of the course."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from bookrec_helpers.library import magical_library, mystery_library, planted_library

SMALL = {"num_users": 20, "num_books": 15, "num_genres": 4, "num_rows": 200}


def test_the_six_rows_are_the_tutorial_s():
    assert magical_library().to_numpy().tolist() == [
        [1, 101, "Fantasy", 1],
        [1, 102, "Romance", 0],
        [2, 101, "Fantasy", 1],
        [2, 103, "Mystery", 0],
        [3, 104, "Fantasy", 1],
        [3, 102, "Romance", 1],
    ]


def test_a_planted_library_is_the_same_for_the_same_seed_only():
    first, again, other = (planted_library(**SMALL, seed=seed) for seed in (1, 1, 2))
    assert first.data.equals(again.data)
    assert first.books.equals(again.books)
    assert not first.data.equals(other.data)


def checksum(planted):
    parts = (planted.data, planted.chance.round(9), planted.users.round(9), planted.books.round(9))
    told = b"".join(
        pd.util.hash_pandas_object(part).to_numpy().tobytes() for part in (*parts, planted.genre_of)
    )
    return hashlib.sha256(told).hexdigest()[:16]


def test_a_seed_gives_the_library_that_it_has_always_given():
    assert checksum(planted_library(20, 15, 4, 200, 2, 3.0, 5)) == "0c03b25101dbefc3"
    assert checksum(planted_library(seed=1)) == "83ba413a24020e8e"


def test_biases_change_the_likes_and_nothing_else():
    plain, biased = planted_library(), planted_library(generosity=2.0, popularity=0.5)
    rest = ["UserID", "BookID", "Genre"]
    assert plain.data[rest].equals(biased.data[rest]) and plain.users.equals(biased.users)
    assert not plain.generosity.any() and not plain.popularity.any()
    assert biased.generosity.std() == pytest.approx(2, rel=0.2)
    assert biased.popularity.std() == pytest.approx(0.5, rel=0.2)

    def logit(library):
        return np.log(library.chance / (1 - library.chance))

    user, book = (biased.data[name] for name in rest[:2])
    added = biased.generosity[user].to_numpy() + biased.popularity[book].to_numpy()
    assert np.allclose(logit(biased) - logit(plain), added, atol=1e-6)


def test_no_dimension_plants_no_taste():
    plain = planted_library(taste_dim=0)
    assert plain.users.shape == (300, 0) and (plain.chance == 0.5).all()
    biased = planted_library(taste_dim=0, generosity=1.0)
    assert biased.chance.groupby(biased.data["UserID"]).nunique().eq(1).all()
    assert biased.noise_floor["log_loss"] < plain.noise_floor["log_loss"] - 0.05


def test_its_ids_and_names_are_those_of_a_real_library():
    planted = planted_library()
    data = planted.data
    assert list(data) == list(magical_library())
    assert len(data) == 40_000
    assert not data.duplicated(["UserID", "BookID"]).any()
    assert data["BookID"].nunique() == 200 == len(planted.books)
    assert data["Genre"].nunique() == 12
    ids = np.sort(planted.users.index)
    assert len(set(ids)) == 300 and (np.diff(ids) > 1).any()
    assert (data["Genre"].to_numpy() == planted.genre_of[data["BookID"]].to_numpy()).all()


def test_names_do_not_run_out():
    planted = planted_library(num_users=5, num_books=900, num_genres=40, num_rows=4_500)
    assert planted.data["BookID"].nunique() == 900
    assert planted.data["Genre"].nunique() == 40


def test_likes_follow_the_true_chance():
    planted = planted_library(taste_dim=2, strength=3.0, seed=5)
    data = planted.data
    scores = (planted.users.loc[data["UserID"]].to_numpy() * planted.books.loc[data["BookID"]]).sum(
        axis=1
    )
    expected = 1 / (1 + np.exp(-3.0 / np.sqrt(2) * scores.to_numpy()))
    assert np.allclose(planted.chance, expected)
    certain = data["Liked"].groupby(planted.chance.round(1).to_numpy()).mean()
    assert (certain - certain.index).abs().max() < 0.03


def test_nobody_beats_the_one_who_knows_the_truth():
    planted = planted_library()
    liked, chance = planted.data["Liked"], planted.chance
    bolder = (chance + 0.05 * np.sign(chance - 0.5)).clip(0.001, 0.999)
    shyer = 0.9 * chance + 0.05
    for guess in (bolder, shyer):
        loss = -np.log(np.where(liked == 1, guess, 1 - guess)).mean()
        assert loss > planted.noise_floor["log_loss"]
    assert 0.5 < planted.noise_floor["auc"] < 1


def test_sizes_may_be_numpys():
    sizes = {name: np.int64(size) for name, size in SMALL.items()}
    assert planted_library(**sizes, strength=np.float32(4)).data.equals(
        planted_library(**SMALL).data
    )


def test_the_most_decided_readers_have_no_doubt():
    assert planted_library(**SMALL, strength=1e6).chance.round(6).isin([0, 1]).mean() > 0.95


def test_weaker_tastes_are_noisier():
    floors = [planted_library(strength=s).noise_floor["log_loss"] for s in (1.0, 4.0, 16.0)]
    assert floors == sorted(floors, reverse=True)


@pytest.mark.parametrize(
    "changes, error, words",
    [
        ({"taste_dim": -1}, ValueError, "taste_dim must be at least 0"),
        ({"generosity": -1}, ValueError, "generosity must be a finite number of at least 0"),
        ({"popularity": "high"}, ValueError, "popularity"),
        ({"taste_dim": 2.0}, TypeError, "taste_dim must be a whole number"),
        ({"num_genres": 1}, ValueError, "num_genres must be at least 2"),
        ({"num_genres": 16}, ValueError, "16 genres for 15 books"),
        ({"num_rows": 301}, ValueError, "num_rows is 301.*only 300 pairs"),
        ({"num_rows": 0}, ValueError, "num_rows"),
        ({"strength": 0}, ValueError, "strength"),
        ({"strength": float("nan")}, ValueError, "strength"),
        ({"seed": -1}, ValueError, "seed"),
        ({"num_users": 10**9}, ValueError, "would take 13,.* numbers"),
        ({"taste_dim": 10**8}, ValueError, "Use fewer"),
    ],
)
def test_impossible_libraries_are_refused_in_words(changes, error, words):
    with pytest.raises(error, match=words):
        planted_library(**SMALL | changes)


def test_a_mystery_keeps_its_secret_until_an_answer_stands(capsys):
    mystery = mystery_library(3)
    assert "taste" not in repr(mystery).lower()
    with pytest.raises(ValueError, match="Commit to an answer first"):
        mystery.open_envelope()
    mystery.commit(2, because="the spectrum has two large directions")
    with pytest.raises(ValueError, match="You have committed to 2"):
        mystery.commit(3, because="I changed my mind")
    truth = mystery.open_envelope()
    assert truth.data is mystery.data
    told = capsys.readouterr().out
    assert f"the taste dimension is {truth.taste_dim}." in told and "You said 2" in told


def truth_of(number):
    mystery = mystery_library(number)
    mystery.commit(0, because="a guess")
    return mystery.open_envelope()


def test_every_whole_number_from_0_on_is_a_mystery():
    assert truth_of(0).data.equals(mystery_library(0).data)
    assert len(mystery_library(2**62).data)
    with pytest.raises(ValueError, match="at least 0"):
        mystery_library(-1)


def test_mysteries_differ_in_answer_shape_and_biases():
    truths = [truth_of(number) for number in range(40)]
    kinds = {}
    for truth in truths:
        kinds.setdefault((len(truth.users), len(truth.data)), []).append(truth)
    assert set(kinds) == {(300, 40_000), (300, 8_000), (2_000, 50_000)}
    assert {truth.taste_dim for truth in truths} >= set(range(6))
    for (_, rows), alike in kinds.items():
        most = max(truth.taste_dim for truth in alike)
        assert most <= (6 if rows == 40_000 else 5)
        assert {bool(truth.generosity.any()) for truth in alike} == {True, False}


@pytest.mark.parametrize("because", ["", "  ", None, 3])
def test_a_mystery_wants_evidence(because):
    with pytest.raises(ValueError, match="evidence"):
        mystery_library(1).commit(3, because)
