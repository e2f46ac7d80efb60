"""A sweep trains exactly the models that its members alone would become."""

import math
import signal
import time

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
from bookrec_helpers.measures import measures
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.sweep import aucs, log_losses, stack, sweep, train_epoch
from bookrec_helpers.training import evaluate, fit

DIMS, SEEDS = [1, 3, 20], [0, 4]


@pytest.fixture(scope="module")
def encoding():
    return encode(planted_library(40, 30, 5, 1_000, seed=1).data)


@pytest.fixture
def float64():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def train_alone(encoding, dimension, seed, epochs):
    """The lines of the docstring: the history, and the AUC after the last epoch."""
    train, held_back = split(encoding.frame, 0.2, 0)
    torch.manual_seed(seed)
    model = BookRecommendationModel(*encoding.sizes.values(), dimension, dimension, 2, init_std=0.1)
    check = make_loader(BookDataset(held_back), 64, shuffle=False)
    loader = make_loader(BookDataset(train), 64, seed=seed)
    history = fit(model, loader, epochs, lr=0.02, validation=check)
    return history.frame, evaluate(model, check)["auc"], sum(p.numel() for p in model.parameters())


@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("limits", [{}, {"STACKED": 4_000}, {"FULL": 1}])
def test_each_member_is_its_own_lone_training(encoding, monkeypatch, limits):
    for name, value in limits.items():  # a group or two, more of them, each member alone
        monkeypatch.setattr(module, name, value)
    swept = sweep(encoding, DIMS, SEEDS, epochs=3, batch_size=64, lr=0.02)
    members = swept.groupby(["dimension", "seed"])
    assert len(members) == 6
    for (dimension, seed), rows in members:
        alone, auc, parameters = train_alone(encoding, dimension, seed, 3)
        ours = rows.set_index("epoch")[["train_loss", "validation_loss"]]
        np.testing.assert_allclose(ours, alone, rtol=0, atol=1e-10)
        assert math.isclose(rows["auc"].iloc[-1], auc, abs_tol=1e-10)
        assert (rows["parameters"] == parameters).all()


@pytest.mark.usefixtures("float64")
def test_stacked_weights_are_the_lone_trainings_and_their_padding_stays_zero(encoding):
    def new_model(dimension):
        torch.manual_seed(1)
        return BookRecommendationModel(*encoding.sizes.values(), dimension, dimension, 2)

    rows = BookDataset(encoding.frame)
    model = stack([new_model(5), new_model(2)], width=5)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.02, fused=True)
    order = make_loader(torch.arange(len(rows)), len(rows), seed=9)
    for _ in range(3):
        numbers = torch.stack([next(iter(order))] * 2)
        train_epoch(model, rows, numbers.split(64, dim=1), optimizer)
    alone = new_model(2)
    order = make_loader(torch.arange(len(rows)), len(rows), seed=9)
    epochs = [[rows[batch] for batch in next(iter(order)).split(64)] for _ in range(3)]
    fit(alone, [batch for epoch in epochs for batch in epoch], 1, lr=0.02)
    weights = model.state_dict()
    tables = {name: weights[f"{name}_embedding.weight"][1] for name in ("user", "book")}
    readers = weights["fc1.weight"][1].split([5, 5, 2], dim=1)
    for (name, table), reader in zip(tables.items(), readers, strict=False):
        mine = getattr(alone, f"{name}_embedding").weight
        torch.testing.assert_close(table[:, :2], mine, rtol=0, atol=1e-10)
        assert table[:, 2:].eq(0).all() and reader[:, 2:].eq(0).all()
    kept = torch.cat([readers[0][:, :2], readers[1][:, :2], readers[2]], dim=1)
    torch.testing.assert_close(kept, alone.fc1.weight, rtol=0, atol=1e-10)


def test_the_measures_of_all_members_are_those_of_sklearn():
    rng = np.random.default_rng(0)
    chances = rng.random((7, 500), dtype=np.float32)
    chances[1] = chances[1].round(1)  # many ties
    chances[2] = 0.5  # nothing but ties
    chances[3] = chances[3].round()  # certain, and often wrong
    labels = rng.integers(0, 2, 500)
    tensors = torch.from_numpy(chances), torch.from_numpy(labels)
    for member, loss, auc in zip(chances, log_losses(*tensors), aucs(*tensors), strict=True):
        expected = measures(labels, member)
        assert math.isclose(loss, expected["log_loss"], abs_tol=1e-6)
        assert math.isclose(auc, expected["auc"], abs_tol=1e-6)
    assert aucs(tensors[0], torch.ones(500)).isnan().all()


def test_the_frame_holds_every_member_and_epoch_in_order(encoding):
    swept = sweep(encoding, [4, 2], [3, 1], epochs=2)
    assert list(swept) == [
        "dimension", "seed", "epoch", "train_loss", "validation_loss", "auc", "parameters",
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


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_an_interrupt_stops_all_work_and_keeps_the_epochs_that_are_done(
    encoding, capsys, monkeypatch, n_jobs
):
    threads, calls, added = torch.get_num_threads(), [], module.Finished.add

    def interrupted_add(self, rows):
        added(self, rows)
        calls.append(len(self.rows))
        if len(calls) == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(module, "FULL", 1)  # so that there are several groups
    monkeypatch.setattr(module.Finished, "add", interrupted_add)
    swept = sweep(encoding, [2, 3], [0, 1], epochs=50_000, n_jobs=n_jobs)
    assert 4 <= len(swept) < 4_000
    assert f"{len(swept)} of 200000 epochs" in capsys.readouterr().out
    assert torch.get_num_threads() == threads
    time.sleep(0.3)  # longer than an epoch takes
    worked = len(calls)
    time.sleep(0.3)
    assert len(calls) == worked
    full = sweep(encoding, [2, 3], [0, 1], epochs=2, n_jobs=n_jobs)
    both = swept.merge(full, on=["dimension", "seed", "epoch"])
    assert len(both) and np.allclose(both["train_loss_x"], both["train_loss_y"], atol=1e-5)


def test_joblib_sends_the_groups_to_a_dask_cluster(encoding):
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


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        ({"dims": []}, ValueError, "dims must hold at least one"),
        ({"dims": 3}, TypeError, "dims must be a list"),
        ({"dims": [2, 2]}, ValueError, "none twice"),
        ({"dims": [0]}, ValueError, "at least 1"),
        ({"dims": [1.5]}, TypeError, "whole number"),
        ({"seeds": []}, ValueError, "seeds must hold at least one"),
        ({"seeds": [-1]}, ValueError, "at least 0"),
        ({"seeds": "01"}, TypeError, "seeds must be a list"),
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"lr": 0}, ValueError, "lr must be"),
        ({"init_std": -1}, ValueError, "init_std must be"),
        ({"validation": 1.0}, ValueError, "validation must be"),
        ({"genre_dim": 0}, ValueError, "at least 1"),
        ({"encoding": [1, 2]}, TypeError, "data frame"),
    ],
)
def test_wrong_arguments_are_told_in_words(encoding, wrong, kind, message):
    given = {"encoding": encoding, "dims": [1], "seeds": [0]} | wrong
    with pytest.raises(kind, match=message):
        sweep(**given)
