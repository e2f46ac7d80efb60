"""The network."""

import pytest
import torch
from torch import nn

from bookrec_helpers.model import BookRecommendationModel

LOW = """\
BookRecommendationModel(
  (user_embedding): Embedding(3, 3)
  (book_embedding): Embedding(4, 3)
  (genre_embedding): Embedding(3, 2)
  (fc1): Linear(in_features=8, out_features=32, bias=True)
  (fc2): Linear(in_features=32, out_features=1, bias=True)
)"""
HIGH = """\
BookRecommendationModel(
  (user_embedding): Embedding(1000, 50)
  (book_embedding): Embedding(10000, 50)
  (genre_embedding): Embedding(1000, 20)
  (fc1): Linear(in_features=120, out_features=32, bias=True)
  (fc2): Linear(in_features=32, out_features=1, bias=True)
)"""


def codes(*values):
    return [torch.tensor([value]) for value in values]


def test_both_models_print_as_in_the_tutorial():
    assert str(BookRecommendationModel(3, 4, 3)) == LOW
    assert str(BookRecommendationModel(1000, 10000, 1000, 50, 50, 20)) == HIGH


def test_one_seed_gives_pytorch_s_own_weights():
    torch.manual_seed(7)
    expected = [nn.Embedding(3, 3), nn.Embedding(4, 3), nn.Embedding(3, 2), nn.Linear(8, 32)]
    torch.manual_seed(7)
    model = BookRecommendationModel(3, 4, 3)
    for layer, own in zip(expected, model.children()):
        assert torch.equal(layer.weight, own.weight)


def test_the_forward_pass_is_the_formula():
    model = BookRecommendationModel(3, 4, 3)
    users, books, genres = torch.tensor([0, 2]), torch.tensor([3, 1]), torch.tensor([0, 1])
    vectors = [model.user_embedding.weight[users], model.book_embedding.weight[books]]
    x = torch.cat([*vectors, model.genre_embedding.weight[genres]], dim=1)
    hidden = (x @ model.fc1.weight.T + model.fc1.bias).clamp(min=0)
    z = hidden @ model.fc2.weight.T + model.fc2.bias
    assert torch.allclose(model(users, books, genres), 1 / (1 + torch.exp(-z[:, 0])))


@pytest.mark.parametrize("rows", [1, 2, 7])
def test_a_batch_of_any_size_comes_out_as_a_row(rows):
    batch = torch.zeros(rows, dtype=torch.long)
    assert BookRecommendationModel(3, 4, 3)(batch, batch, batch).shape == (rows,)


def test_a_small_start_is_small_in_the_tables_only():
    torch.manual_seed(0)
    model = BookRecommendationModel(500, 500, 500, init_std=0.1)
    assert model.book_embedding.weight.std().item() == pytest.approx(0.1, rel=0.1)
    torch.manual_seed(0)
    assert torch.equal(model.fc1.weight, BookRecommendationModel(500, 500, 500).fc1.weight)


@pytest.mark.parametrize(
    "values, words",
    [
        ((3, 0, 0), "user code 3 .codes: 0 to 2"),
        ((0, 4, 0), "book code 4"),
        ((0, 0, -1), "genre code -1"),
    ],
)
def test_a_code_outside_its_table_is_named(values, words):
    with pytest.raises(ValueError, match=words):
        BookRecommendationModel(3, 4, 3)(*codes(*values))


@pytest.mark.parametrize("name", ["num_users", "num_books", "num_genres", "embedding_dim_users",
                                  "embedding_dim_books", "embedding_dim_genres"])  # fmt: skip
@pytest.mark.parametrize("value, error", [(0, ValueError), (-1, ValueError), (2.5, TypeError),
                                          ("3", TypeError), (None, TypeError)])  # fmt: skip
def test_sizes_and_dimensions_are_whole_and_positive(name, value, error):
    sizes = {"num_users": 3, "num_books": 4, "num_genres": 3} | {name: value}
    with pytest.raises(error, match=name):
        BookRecommendationModel(**sizes)


@pytest.mark.parametrize("std", [0, -1, float("nan"), float("inf"), "small"])
def test_a_start_needs_a_spread(std):
    with pytest.raises(ValueError, match="init_std"):
        BookRecommendationModel(3, 4, 3, init_std=std)
