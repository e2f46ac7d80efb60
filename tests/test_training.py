"""The training loop."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import evaluate, fit


@pytest.fixture
def dataset():
    return BookDataset(encode(magical_library()).frame)


def new_model(seed=0, **options):
    torch.manual_seed(seed)
    return BookRecommendationModel(3, 4, 3, **options)


def test_the_losses_are_those_of_the_loop_written_out(dataset):
    model = new_model()
    optimizer, criterion = torch.optim.Adam(model.parameters(), lr=0.05), nn.BCELoss()
    expected = []
    for _ in range(4):
        total = 0.0
        for *codes, labels in DataLoader(dataset, batch_size=4, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(model(*codes), labels)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(labels)
        expected.append(total / 6)
    history = fit(new_model(), make_loader(dataset, 4), epochs=4, lr=0.05)
    assert history.frame["train_loss"].tolist() == pytest.approx(expected, abs=1e-6)
    assert history.frame.index.tolist() == [1, 2, 3, 4]


def test_training_learns_the_six_rows(dataset):
    model = new_model()
    history = fit(model, make_loader(dataset, seed=0), epochs=60)
    assert evaluate(model, make_loader(dataset, 6))["log_loss"] < 0.02
    assert history.frame["train_loss"].iloc[-1] < 0.02 < history.frame["train_loss"].iloc[0]


def test_a_seed_repeats_a_training_and_leaves_the_caller_s_randomness_alone(dataset):
    before = torch.random.get_rng_state()
    losses = [
        fit(new_model(), make_loader(dataset, 2), epochs=3, seed=seed).frame["train_loss"].tolist()
        for seed in (1, 1, 2)
    ]
    assert losses[0] == losses[1] != losses[2]
    torch.random.set_rng_state(before)
    fit(BookRecommendationModel(3, 4, 3), make_loader(dataset, 2), epochs=1, seed=9)
    after = torch.rand(1)
    torch.random.set_rng_state(before)
    BookRecommendationModel(3, 4, 3)
    assert torch.equal(after, torch.rand(1))


def test_the_caller_s_thread_setting_is_restored(dataset):
    torch.set_num_threads(2)
    fit(new_model(), make_loader(dataset, 2), epochs=1)
    assert torch.get_num_threads() == 2


def test_snapshots_hold_the_table_before_and_after_each_epoch(dataset):
    model = new_model()
    start = model.book_embedding.weight.detach().numpy().copy()
    snapshots = fit(model, make_loader(dataset), epochs=3, snapshot="book").snapshots
    assert len(snapshots) == 4
    assert np.array_equal(snapshots[0], start)
    assert np.array_equal(snapshots[-1], model.book_embedding.weight.detach().numpy())
    assert not np.array_equal(snapshots[1], snapshots[2])


def test_the_best_epoch_s_weights_can_be_kept():
    frame = encode(planted_library(30, 20, 4, 500).data).frame
    train, held = BookDataset(frame[:300]), make_loader(BookDataset(frame[300:]), 200, False)
    torch.manual_seed(0)
    model = BookRecommendationModel(30, 20, 4, 16, 16)
    history = fit(model, make_loader(train, 32, seed=0), 20, 0.05, validation=held, keep_best=True)
    losses = history.frame["validation_loss"]
    assert history.best_epoch == losses.idxmin() < 20
    assert evaluate(model, held)["log_loss"] == pytest.approx(losses.min())


def test_a_perfect_order_has_auc_one(dataset):
    class Oracle(nn.Module):
        def forward(self, users, books, genres):
            return torch.where(genres == 0, 0.9, 0.2) + 0.5 * ((users == 2) & (books == 1))

    found = evaluate(Oracle(), make_loader(dataset, 4))
    assert found["auc"] == 1.0
    by_hand = -(3 * math.log(0.9) + 2 * math.log(0.8) + math.log(0.7)) / 6
    assert found["log_loss"] == pytest.approx(by_hand, abs=1e-6)


def test_an_interrupt_keeps_the_finished_epochs(dataset, capsys):
    class Interrupted(BookDataset):
        fetched = 0

        def __getitem__(self, rows):
            Interrupted.fetched += 1
            if Interrupted.fetched == 8:  # three batches an epoch: in the third epoch
                raise KeyboardInterrupt
            return super().__getitem__(rows)

    loader = make_loader(Interrupted(encode(magical_library()).frame), 2)
    history = fit(new_model(), loader, epochs=50)
    assert len(history.frame) == 2
    assert "Interrupted in epoch 3 of 50; 2 are kept." in capsys.readouterr().out


@pytest.mark.parametrize(
    "options, error, words",
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"epochs": 2.5}, TypeError, "epochs"),
        ({"lr": 0}, ValueError, "lr must be"),
        ({"lr": -0.1}, ValueError, "lr must be"),
        ({"lr": float("nan")}, ValueError, "lr must be"),
        ({"lr": "fast"}, ValueError, "lr must be"),
        ({"snapshot": "reader"}, ValueError, "snapshot must be one of 'user', 'book', 'genre'"),
        ({"keep_best": True}, ValueError, "keep_best and patience need validation="),
        ({"seed": -1}, ValueError, "seed"),
    ],
)
def test_bad_settings_are_refused_before_anything_is_trained(dataset, options, error, words):
    model = new_model()
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    with pytest.raises(error, match=words):
        fit(model, make_loader(dataset), **options)
    assert all(torch.equal(before[name], w) for name, w in model.state_dict().items())


def test_rows_of_another_encoding_are_refused(dataset):
    with pytest.raises(ValueError, match=r"book code 3.*0 to 1"):
        fit(BookRecommendationModel(3, 2, 3), make_loader(dataset))
