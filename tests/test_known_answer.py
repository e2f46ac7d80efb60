"""The heart of the course, in small: the elbow and the spectrum find the planted dimension.

The whole table, over more dimensions and seeds, is printed by benchmarks/known_answer.py.
"""

import pytest
import torch

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.inspection import embedding_table, spectrum
from bookrec_helpers.library import planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import fit

SETTINGS = {"epochs": 15, "batch_size": 256, "lr": 0.03}


@pytest.fixture(scope="module")
def planted():
    return planted_library(taste_dim=2, num_users=200, num_books=120, num_rows=20_000)


def test_the_elbow_stands_at_the_planted_dimension(planted):
    result = sweep(planted.data, [1, 2, 8], [0, 1], init_std=0.1, **SETTINGS)
    best = result.groupby(["dimension", "seed"])["validation_loss"].min()
    loss = best.groupby("dimension").mean()
    assert loss[2] < loss.min() + 0.02
    assert loss[1] > loss[2] + 0.03
    assert loss.min() > planted.noise_floor["log_loss"] - 0.02


@pytest.mark.parametrize("taste_dim", [2, 3, 4])
def test_the_spectrum_counts_the_planted_dimensions(taste_dim):
    encoding = encode(planted_library(taste_dim=taste_dim).data)
    train, validation = (BookDataset(part) for part in split(encoding.frame))
    torch.manual_seed(0)
    model = BookRecommendationModel(*encoding.sizes.values(), 50, 50, 2, init_std=0.1)
    held = make_loader(validation, 8192, shuffle=False)
    fit(model, make_loader(train, 512, seed=0), 12, 0.02, validation=held, keep_best=True)
    books = embedding_table(model, "book", encoding)
    assert spectrum(books)["stands_out"].sum() == taste_dim
