"""A sweep trains exactly the models that its members alone would become."""

import signal

import joblib
import numpy as np
import pandas as pd
import pytest
import torch
from distributed import Client, LocalCluster

from bookrec_helpers import sweep as module
from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import fit

DIMS, SEEDS = [1, 3, 20], [0, 4]


@pytest.fixture(scope="module")
def encoding():
    return encode(planted_library(40, 30, 5, 1_000, seed=1).data)


def train_alone(encoding, dimension, seed, epochs):
    """What a member is: its history and its parameters."""
    train, held_back = split(encoding.frame, 0.2, 0)
    torch.manual_seed(seed)
    model = BookRecommendationModel(*encoding.sizes.values(), dimension, dimension, 2, init_std=0.1)
    check = make_loader(BookDataset(held_back), 64, shuffle=False)
    loader = make_loader(BookDataset(train), 64, seed=seed)
    history = fit(model, loader, epochs, lr=0.02, validation=check)
    return history.frame, sum(p.numel() for p in model.parameters())


def test_each_member_is_its_own_lone_training(encoding):
    swept = sweep(encoding, DIMS, SEEDS, epochs=3, batch_size=64, lr=0.02)
    members = swept.groupby(["dimension", "seed"])
    assert len(members) == 6
    for (dimension, seed), rows in members:
        alone, parameters = train_alone(encoding, dimension, seed, 3)
        ours = rows.set_index("epoch")[["train_loss", "validation_loss"]]
        np.testing.assert_allclose(ours, alone, rtol=0, atol=1e-6)
        assert (rows["parameters"] == parameters).all()


def test_the_frame_holds_every_member_and_epoch_in_order(encoding):
    swept = sweep(encoding, [4, 2], [3, 1], epochs=2)
    assert list(swept) == [
        "dimension", "seed", "epoch", "train_loss", "validation_loss", "parameters",
    ]  # fmt: skip
    keys = [(d, s, e) for d in (2, 4) for s in (1, 3) for e in (1, 2)]
    assert list(swept[["dimension", "seed", "epoch"]].itertuples(index=False, name=None)) == keys
    assert swept.notna().all(axis=None)


def test_the_same_call_gives_the_same_frame_and_leaves_torchs_state(encoding):
    state, threads = torch.get_rng_state(), torch.get_num_threads()
    first = sweep(encoding, [2, 5], [0, 1], epochs=2)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_num_threads() == threads
    pd.testing.assert_frame_equal(first, sweep(encoding, [2, 5], [0, 1], epochs=2))


def test_a_plain_frame_is_encoded_first():
    library = magical_library()
    options = {"epochs": 2, "batch_size": 2, "validation": 0.3}
    swept = sweep(library, range(1, 4), [0], **options)
    pd.testing.assert_frame_equal(swept, sweep(encode(library), [1, 2, 3], [0], **options))


def test_other_rows_are_held_back_with_another_split_seed(encoding):
    first, second = (sweep(encoding, [2], [0], epochs=1, split_seed=seed) for seed in (0, 1))
    assert first["validation_loss"].iloc[0] != second["validation_loss"].iloc[0]


def test_each_seed_may_hold_back_rows_of_its_own(encoding):
    fixed = sweep(encoding, [2], [0, 1], epochs=1, n_jobs=1)
    own = sweep(encoding, [2], [0, 1], epochs=1, n_jobs=1, split_seed=None)
    assert fixed.iloc[0].equals(own.iloc[0]) and not fixed.iloc[1].equals(own.iloc[1])
    moved = sweep(encoding, [2], [1], epochs=1, n_jobs=1, split_seed=1)
    pd.testing.assert_series_equal(own.iloc[1], moved.iloc[0], check_names=False)


def test_an_interrupt_keeps_what_is_done(encoding, capsys, monkeypatch):
    def interrupted(model, *loader, **options):
        history = fit(model, *loader, **options)
        if model.user_embedding.embedding_dim == 3:
            signal.raise_signal(signal.SIGINT)
        return history

    monkeypatch.setattr(module, "fit", interrupted)
    swept = sweep(encoding, [2, 3, 4], [0, 1], epochs=2, n_jobs=1)
    assert "Interrupted: 2 of 6 trainings are kept." in capsys.readouterr().out
    monkeypatch.undo()
    pd.testing.assert_frame_equal(swept, sweep(encoding, [2], [0, 1], epochs=2, n_jobs=1))


def test_joblib_sends_the_trainings_to_a_dask_cluster(encoding):
    expected = sweep(encoding, [2, 20], [0, 1], epochs=2)
    with (
        LocalCluster(n_workers=1, threads_per_worker=2, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        before = cluster.scheduler.transition_counter
        with joblib.parallel_config(backend="dask"):
            swept = sweep(encoding, [2, 20], [0, 1], epochs=2)
        assert cluster.scheduler.transition_counter > before
    pd.testing.assert_frame_equal(swept, expected)


def test_processes_give_the_same_frame(encoding):
    expected = sweep(encoding, [2, 20], [0, 1], epochs=2)
    with joblib.parallel_config(backend="loky"):
        swept = sweep(encoding, [2, 20], [0, 1], epochs=2, n_jobs=2)
    pd.testing.assert_frame_equal(swept, expected)


def test_patience_ends_what_is_past_its_best_and_changes_nothing_before(encoding):
    options = {"dims": [20], "seeds": [0, 1], "epochs": 12, "lr": 0.05}
    whole = sweep(encoding, **options)
    ended = sweep(encoding, **options, patience=2)
    for seed, rows in ended.groupby("seed"):
        last, best = rows["epoch"].max(), rows.loc[rows["validation_loss"].idxmin(), "epoch"]
        assert best == last - 2 < 10
        same = whole[(whole["epoch"] <= last) & (whole["seed"] == seed)]
        pd.testing.assert_frame_equal(rows.reset_index(drop=True), same.reset_index(drop=True))
