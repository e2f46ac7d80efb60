"""The data of the course."""

import numpy as np
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
        ({"taste_dim": 0}, ValueError, "taste_dim must be at least 1"),
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
    assert truth.data.equals(mystery.data)
    told = capsys.readouterr().out
    assert f"the taste dimension is {truth.taste_dim}." in told and "You said 2" in told


def test_mysteries_differ_in_their_answers():
    def answer(number):
        mystery = mystery_library(number)
        mystery.commit(1, because="a guess")
        return mystery.open_envelope().taste_dim

    assert answer(1) == answer(1)
    assert len({answer(number) for number in range(1, 13)}) == 4


@pytest.mark.parametrize("because", ["", "  ", None, 3])
def test_a_mystery_wants_evidence(because):
    with pytest.raises(ValueError, match="evidence"):
        mystery_library(1).commit(3, because)
