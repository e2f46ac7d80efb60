"""The product model, and one training cut to every dimension."""

import numpy as np
import pytest
import torch

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import MatrixFactorization, centered, cut, losses_by_dimension
from bookrec_helpers.inspection import embedding_table
from bookrec_helpers.library import planted_library
from bookrec_helpers.training import evaluate, fit, predict

SMALL = {"num_users": 40, "num_books": 30, "num_genres": 5, "num_rows": 1_000}


@pytest.fixture(scope="module")
def encoding():
    return encode(planted_library(**SMALL, taste_dim=2, seed=1).data)


def random_model(users=40, books=30, dimension=6):
    """A model whose weights, the biases included, are all drawn at random."""
    torch.manual_seed(0)
    model = MatrixFactorization(users, books, embedding_dim=dimension)
    for weights in model.parameters():
        torch.nn.init.normal_(weights)
    return model


def scores(model):
    """The log odds of every pair, shape (readers, books), worked out in NumPy."""
    tables = (model.user_embedding, model.book_embedding, model.user_bias, model.book_bias)
    users, books, user_bias, book_bias = (t.weight.detach().double().numpy() for t in tables)
    return model.mean.item() + user_bias + book_bias.T + users @ books.T, users @ books.T


def all_pairs(model):
    users, books = (
        torch.arange(t.num_embeddings) for t in (model.user_embedding, model.book_embedding)
    )
    pairs = torch.cartesian_prod(users, books).unbind(1)
    with torch.no_grad():
        return torch.logit(model.double()(*pairs)).view(len(users), len(books)).numpy()


def test_a_forward_pass_is_the_formula():
    model = random_model()
    assert np.allclose(all_pairs(model), scores(model)[0], atol=1e-6)


def test_biases_start_at_zero_and_vectors_small():
    model = MatrixFactorization(2_000, 1_000, init_std=0.3)
    assert model.user_embedding.embedding_dim == model.book_embedding.embedding_dim == 16
    assert model.user_embedding.weight.std().item() == pytest.approx(0.3, rel=0.05)
    assert not any(
        part.any() for part in (model.user_bias.weight, model.book_bias.weight, model.mean)
    )


def test_the_genres_count_cannot_become_the_dimension(encoding):
    with pytest.raises(TypeError):
        MatrixFactorization(*encoding.sizes.values())


def test_a_centered_model_has_the_same_scores_and_no_means():
    model = random_model()
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    moved = centered(model)
    assert np.allclose(scores(moved)[0], scores(model)[0], atol=1e-4)
    products = scores(moved)[1]
    assert np.abs(products.mean(0)).max() < 1e-5 and np.abs(products.mean(1)).max() < 1e-5
    assert all(torch.equal(before[name], weights) for name, weights in model.state_dict().items())
    again = scores(centered(moved))[1]
    assert np.allclose(again, products, atol=1e-5), "a second time moves nothing"


def test_a_bias_in_disguise_is_no_direction_of_taste():
    model = random_model(dimension=1)
    torch.nn.init.ones_(model.book_embedding.weight)  # a lift with each book: the reader's own
    assert np.abs(scores(cut(centered(model), 1))[1]).max() < 1e-5
    assert np.allclose(scores(cut(centered(model), 0))[0], scores(model)[0], atol=1e-4)


@pytest.mark.parametrize(
    "users, books, dimension", [(40, 30, 6), (4, 30, 6), (40, 3, 6), (2, 2, 5)]
)
def test_a_cut_at_full_width_leaves_every_score_as_it_was(users, books, dimension):
    model = random_model(users, books, dimension)
    state = torch.get_rng_state()
    whole = cut(model, dimension)
    assert torch.equal(state, torch.get_rng_state())
    assert whole.user_embedding.weight.shape == (users, dimension)
    assert np.allclose(all_pairs(whole), all_pairs(model), atol=1e-4)


@pytest.mark.parametrize("d", range(7))
def test_cut_scores_are_numpys_truncated_decomposition_of_all_scores(d):
    model = random_model()
    everything, products = scores(model)
    left, strength, right = np.linalg.svd(products)
    best = (left[:, :d] * strength[:d]) @ right[:d]
    assert np.allclose(scores(cut(model, d))[1], best, atol=1e-5)
    assert np.allclose(all_pairs(cut(model, d)), everything - products + best, atol=1e-4)


def test_directions_come_strongest_first_and_shared_by_both_tables():
    model = random_model()
    turned = cut(model, 6)
    lengths = [
        t.weight.detach().norm(dim=0) for t in (turned.user_embedding, turned.book_embedding)
    ]
    assert torch.allclose(*lengths, atol=1e-4)
    strength = np.linalg.svd(scores(model)[1], compute_uv=False)[:6]
    assert np.allclose((lengths[0] * lengths[1]).numpy(), strength, rtol=1e-4)


def test_a_cut_changes_nothing_of_its_model_and_can_be_trained_on(encoding):
    model = random_model()
    before = {name: weights.clone() for name, weights in model.state_dict().items()}
    smaller = cut(model, 2)
    loader = make_loader(BookDataset(encoding.frame), 100, seed=0)
    losses = fit(smaller, loader, 3).frame["train_loss"]
    assert losses.iloc[-1] < losses.iloc[0]
    assert all(torch.equal(before[name], weights) for name, weights in model.state_dict().items())


def test_a_cut_never_makes_a_table_of_readers_by_books():
    model = MatrixFactorization(300_000, 200_000, embedding_dim=4)  # 240 GB of scores
    assert cut(model, 1).user_embedding.weight.shape == (300_000, 1)


def test_the_curve_is_what_evaluate_says_of_each_cut(encoding):
    model = random_model()
    check = make_loader(BookDataset(encoding.frame), 300, shuffle=False)
    curve = losses_by_dimension(model, check)
    assert list(curve) == ["loss", "error"] and curve.index.name == "dimension"
    assert list(curve.index) == list(range(7))
    for d, loss in curve["loss"].items():
        assert evaluate(cut(model, d), check)["log_loss"] == pytest.approx(loss, abs=1e-5)


def test_the_error_is_that_of_the_gap_row_by_row(encoding):
    model = random_model()
    check = make_loader(BookDataset(encoding.frame), 300, shuffle=False)
    curve = losses_by_dimension(model, check)
    losses = []
    for d in curve.index:
        probability, label = predict(cut(model, d), check)
        losses.append(-np.log(np.where(label == 1, probability, 1 - probability)))
    gaps = np.array(losses) - losses[curve["loss"].argmin()]
    expected = gaps.std(axis=1) / 1_000**0.5
    assert np.allclose(curve["error"], expected, atol=1e-5)
    assert curve["error"][curve["loss"].idxmin()] == 0


def test_one_wide_training_shows_the_planted_dimension():
    encoding = encode(planted_library(150, 100, 8, 10_000, taste_dim=2, seed=3).data)
    train, held_back = (BookDataset(part) for part in split(encoding.frame))
    torch.manual_seed(0)
    model = MatrixFactorization(150, 100)
    check = make_loader(held_back, 2_000, shuffle=False)
    loader = make_loader(train, 128, seed=0)
    fit(model, loader, 20, 0.02, validation=check, keep_best=True, l2=0.02, patience=4)
    loss = losses_by_dimension(model, check)["loss"]
    assert loss[0] - loss[1] > 0.03 and loss[1] - loss[2] > 0.03
    assert loss[2] - loss.min() < 0.01


def test_a_cut_tables_rows_have_their_names(encoding):
    table = embedding_table(cut(random_model(), 2), "book", encoding)
    assert table.shape == (30, 2) and list(table.index) == list(encoding.categories["BookID"])


@pytest.mark.parametrize(
    "wrong, error, words",
    [
        ({"d": 7}, ValueError, "at most 6"),
        ({"d": -1}, ValueError, "d must be at least 0"),
        ({"d": 1.0}, TypeError, "d must be a whole number"),
        ({"model": torch.nn.Linear(1, 1)}, TypeError, "A MatrixFactorization is needed"),
    ],
)
def test_a_wrong_cut_is_refused_in_words(wrong, error, words):
    with pytest.raises(error, match=words):
        cut(**{"model": random_model(), "d": 2} | wrong)


def test_codes_outside_their_table_are_named():
    with pytest.raises(ValueError, match="Outside its embedding table"):
        random_model()(torch.tensor([40]), torch.tensor([0]))
