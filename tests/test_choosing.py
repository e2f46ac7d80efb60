"""The whole procedure: the right answer on small planted tables, and its doubts in words."""

import signal

import joblib
import numpy as np
import pandas as pd
import pytest
import torch

from bookrec_helpers import choosing, runtime
from bookrec_helpers.choosing import choose_dimension
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import losses_by_dimension
from bookrec_helpers.library import magical_library, planted_library

SMALL = {"num_users": 100, "num_books": 80, "num_genres": 8, "num_rows": 6_000}
QUICK = {"widest": 6, "splits": 2, "l2": [0.01, 0.04]}


@pytest.fixture(scope="module")
def table():
    return planted_library(50, 40, 5, num_rows=1_800, taste_dim=2, seed=3).data


@pytest.fixture(scope="module")
def choice(table):
    return choose_dimension(table, **QUICK)


@pytest.mark.parametrize("taste_dim, bias", [(0, 0.0), (1, 1.0), (2, 0.0), (3, 1.0)])
def test_the_planted_dimension_is_found(taste_dim, bias):
    planted = planted_library(**SMALL, taste_dim=taste_dim, generosity=bias, popularity=bias)
    assert choose_dimension(planted.data, **QUICK).dimension == taste_dim


def test_strong_biases_do_not_pass_for_a_dimension():
    planted = planted_library(taste_dim=2, generosity=1.0, popularity=1.0, seed=0)
    assert choose_dimension(planted.data, widest=8, splits=1, l2=[0.01]).dimension == 2


def test_the_choice_is_the_rule_applied_to_its_runs(choice):
    mean = choice.runs.groupby(["l2", "dimension"])[["loss", "error"]].mean()
    assert choice.l2 == mean["loss"].idxmin()[0]
    curve = mean.loc[choice.l2]
    assert np.allclose(choice.frame["loss"], curve["loss"])
    assert np.allclose(choice.frame["error"], curve["error"] / 2**0.5)
    gap = choice.frame["loss"] - choice.frame["loss"].min()
    within = gap <= choice.frame["error"].clip(lower=0.0005)
    assert within[choice.dimension] and not within[: choice.dimension - 1].any()


def test_runs_hold_every_split_penalty_and_dimension(choice):
    assert len(choice.runs) == 2 * 2 * 7
    assert set(choice.runs) == {"split", "l2", "dimension", "loss", "error"}
    assert list(choice.frame.index) == list(range(7))


def test_what_matters_sets_the_smallest_difference_that_counts(table):
    assert choose_dimension(table, **QUICK, matters=10).dimension == 0


def test_the_same_seed_gives_the_same_numbers_and_leaves_torchs_state(table, choice):
    state = torch.get_rng_state()
    assert choose_dimension(encode(table), **QUICK).runs.equals(choice.runs)
    assert torch.equal(state, torch.get_rng_state())
    other = choose_dimension(table, **QUICK, seed=1)
    assert not other.frame.equals(choice.frame)


def test_processes_and_threads_give_the_same_numbers(table, choice):
    with joblib.parallel_config("loky", n_jobs=2):
        pd.testing.assert_frame_equal(choose_dimension(table, **QUICK).runs, choice.runs, rtol=1e-6)
    with joblib.parallel_config("threading"):
        again = choose_dimension(table, **QUICK, n_jobs=4)
    pd.testing.assert_frame_equal(again.runs, choice.runs, rtol=1e-6)


def test_a_seed_gives_the_same_numbers_while_other_threads_draw():
    def start(seed):
        with runtime.seeded(seed):
            return torch.stack([torch.rand(()) for _ in range(200)])

    seeds = list(range(8)) * 8
    alone = [start(seed) for seed in seeds]
    side_by_side = joblib.Parallel(8, backend="threading")(map(joblib.delayed(start), seeds))
    assert all(map(torch.equal, alone, side_by_side))


def test_it_shows_itself_as_a_sentence_and_its_curve(choice):
    told = repr(choice)
    assert told.startswith(f"{choice.dimension} dimensions. Held-back log loss 0.")
    assert f"{choice.frame['loss'][0]:.4f}" in told
    html = choice._repr_html_()
    assert html.count("<tr") == 9 and "<p>2 dimensions." in html


def test_an_answer_that_is_the_widest_tried_says_so(table, choice):
    narrow = choose_dimension(table, widest=1, splits=1, l2=[0.01])
    assert narrow.dimension == 1
    assert "widest that was tried" in narrow.warnings[0] and narrow.warnings[0] in repr(narrow)
    assert not any("widest" in warning for warning in choice.warnings)


@pytest.mark.parametrize("taste_dim, best, way", [(2, "0.02", "smaller"), (0, "1", "larger")])
def test_a_best_penalty_at_the_end_of_the_list_says_so(taste_dim, best, way):
    planted = planted_library(**SMALL, taste_dim=taste_dim)
    (warning,) = choose_dimension(planted.data, widest=4, splits=1, l2=[0.02, 1.0]).warnings
    assert f"best penalty, {best}, stands" in warning and f"try {way} ones" in warning


def test_few_rows_a_reader_and_repeated_pairs_are_told(table, choice):
    assert not any("rows to train on" in warning for warning in choice.warnings)
    few = choose_dimension(table[:1_000], widest=4, splits=1, l2=[0.01])
    assert "A reader has about 16 rows to train on" in few.warnings[-1]
    twice = choose_dimension(pd.concat([table, table[:50]]), widest=4, splits=1, l2=[0.01])
    assert "50 rows repeat a pair" in twice.warnings[-1]


def test_six_rows_are_no_reason_to_fail():
    choice = choose_dimension(magical_library())
    assert 0 <= choice.dimension <= 16 and choice.frame.notna().all(axis=None)


@pytest.mark.parametrize(
    "rows, pace", [(15_999, 128), (16_000, 512), (160_000, 512), (160_001, 8_192)]
)
def test_the_batch_grows_with_the_rows(rows, pace):
    assert choosing._pace(rows)[1] == pace


def stop_at(monkeypatch, call):
    """Presses the stop button in the middle of one split's training."""
    made = []

    def stopping(*given):
        made.append(given)
        if len(made) == call:
            signal.raise_signal(signal.SIGINT)
        return losses_by_dimension(*given)

    monkeypatch.setattr(choosing, "losses_by_dimension", stopping)


def test_an_interrupt_keeps_the_splits_that_are_done(table, choice, monkeypatch, capsys):
    stop_at(monkeypatch, call=4)
    kept = choose_dimension(table, **QUICK)
    assert "Interrupted: 1 of 2 splits are done." in capsys.readouterr().out
    assert kept.warnings[-1] == "Interrupted: this rests on 1 of 2 splits."
    assert kept.runs.equals(choice.runs[choice.runs["split"] == 0])


def test_an_interrupt_of_the_first_split_gives_no_answer(table, monkeypatch, capsys):
    stop_at(monkeypatch, call=2)
    with pytest.raises(KeyboardInterrupt):
        choose_dimension(table, **QUICK)
    assert "Interrupted: 0 of 2 splits are done." in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"table": None}, TypeError, "A pandas data frame is needed"),
        ({"table": magical_library().drop(columns="Liked")}, ValueError, "'Liked'"),
        ({"table": magical_library()[:2]}, ValueError, "Use more rows"),
        ({"widest": 0}, ValueError, "widest must be at least 1"),
        ({"splits": 0}, ValueError, "splits must be at least 1"),
        ({"splits": 2.0}, TypeError, "splits must be a whole number"),
        ({"l2": 0.01}, TypeError, "l2 must be a list of numbers"),
        ({"l2": []}, ValueError, "l2 must hold at least one number"),
        ({"l2": [0.01, 0.01]}, ValueError, "none twice"),
        ({"l2": [-1]}, ValueError, "Each of l2 must be a finite number of at least 0"),
        ({"matters": -1}, ValueError, "matters must be"),
        ({"seed": -1}, ValueError, "seed must be at least 0"),
        ({"n_jobs": 0}, ValueError, "n_jobs must not be 0"),
    ],
)
def test_wrong_arguments_are_told_in_words(wrong, error, words):
    with pytest.raises(error, match=words):
        choose_dimension(**{"table": magical_library()} | wrong)
