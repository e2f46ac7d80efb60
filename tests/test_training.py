"""The training loop."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import NO_GENRE, encode
from bookrec_helpers.factorization import MatrixFactorization
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import evaluate, fit, predict, recommend


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


@pytest.fixture(scope="module")
def a_shelf():
    """Forty readers with one taste each, a factorization of it, and the encoding."""
    pairs = [(f"r{u}", f"b{b}", int(u % 2 == b % 2)) for u in range(40) for b in range(20)]
    table = pd.DataFrame(pairs, columns=["UserID", "BookID", "Liked"])
    table.loc[table["BookID"].isin(["b4", "b5"]), "Liked"] = 1  # which everybody likes
    encoding = encode(table[table["BookID"] != "b6"].sample(frac=0.7, random_state=0))
    torch.manual_seed(0)
    model = MatrixFactorization(*list(encoding.sizes.values())[:2], embedding_dim=2)
    fit(model, make_loader(BookDataset(encoding.frame), 64, seed=0), epochs=40, lr=0.02, l2=0.01)
    return model, encoding


def test_the_best_books_are_those_that_a_reader_likes_and_has_not_judged(a_shelf):
    model, encoding = a_shelf
    found = recommend(model, encoding, "r2", k=30)
    table = encoding.decode(encoding.frame)
    judged = set(table["BookID"][table["UserID"] == "r2"])
    assert set(found.index) == set(table["BookID"]) - judged
    assert found["probability"].is_monotonic_decreasing
    liked = found.index[found["probability"] > 0.5]
    assert {int(book[1:]) % 2 for book in liked if book not in ("b4", "b5")} == {0}
    assert recommend(model, encoding, "r2", k=2).equals(found[:2])


def test_a_reader_s_probabilities_are_the_model_s(a_shelf):
    model, encoding = a_shelf
    [(book, chance)] = recommend(model, encoding, "r3", k=1)["probability"].items()
    codes = encoding.transform(pd.DataFrame({"UserID": ["r3"], "BookID": book, "Genre": NO_GENRE}))
    assert predict(model, make_loader(BookDataset(codes)))[0] == pytest.approx([chance])


def test_a_stranger_gets_what_everybody_likes_and_is_told_so(a_shelf, capsys):
    model, encoding = a_shelf
    found = recommend(model, encoding, "somebody new", k=2)
    assert set(found.index) == {"b4", "b5"}
    assert "'somebody new' is a stranger" in capsys.readouterr().out
    assert found.equals(recommend(model, replace(encoding, unknown="reserve"), "another", k=2))


def test_books_are_chosen_among_the_rows_that_are_given(a_shelf):
    model, encoding = a_shelf
    rows = encoding.frame[encoding.frame["BookID"] < 5]
    known = set(encoding.categories["BookID"][:5])
    assert set(recommend(model, encoding, "stranger", k=30, rows=rows).index) == known
    with pytest.raises(ValueError, match=r"rows=encoding\.transform"):
        recommend(model, replace(encoding, frame=encoding.frame[:0]), "r2")


def test_the_network_has_nothing_to_tell_a_stranger(a_shelf):
    _, encoding = a_shelf
    network = BookRecommendationModel(*encoding.sizes.values())
    assert len(recommend(network, encoding, "r2", k=3)) == 3
    with pytest.raises(ValueError, match=r"'new' is a stranger.*Ask a MatrixFactorization"):
        recommend(network, encoding, "new")
    with pytest.raises(ValueError, match="of another kind"):
        recommend(network, encoding, 2)
