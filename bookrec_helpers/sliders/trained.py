"""What the labs train, and what they keep of it."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch

from bookrec_helpers import runtime
from bookrec_helpers.checks import LABEL
from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import MatrixFactorization, cut, losses_by_dimension
from bookrec_helpers.library import planted_library
from bookrec_helpers.measures import measures
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import evaluate, fit, train_epoch


class Trained(NamedTuple):
    """What there is of a training after an epoch.

    Attributes:
        frame: The losses by epoch, as in `History.frame`.
        tables: The book table before the first epoch and after each, shape
            `(epochs + 1, rows, dimension)`.
        floor: The loss that no model can beat, where it is known.
    """

    frame: pd.DataFrame
    tables: np.ndarray
    floor: float | None = None


class Journey(NamedTuple):
    """A table's way through a training, on the main directions of where it ended.

    Attributes:
        tables: Shape `(epochs + 1, rows, dimension)`.
        steps: The same on three directions, shape `(epochs + 1, rows, 3)`; 0 where there are less.
        shares: What each of the three carries of the final table's variance.
        loss: The loss by epoch, of the validation rows where there are any.
    """

    tables: np.ndarray
    steps: np.ndarray
    shares: np.ndarray
    loss: pd.Series


class Planted(NamedTuple):
    """A planted library, ready to be trained on."""

    truth: object
    encoding: object
    train: BookDataset
    validation: BookDataset
    floor: float


@lru_cache(maxsize=4)
def planted(rows=40_000, **options) -> Planted:
    """The planted library with these options, split."""
    truth = planted_library(num_rows=rows, **options)
    encoding = encode(truth.data)
    train, validation = split(encoding.frame)
    floor = measures(validation[LABEL], truth.chance[validation.index])["log_loss"]
    return Planted(truth, encoding, BookDataset(train), BookDataset(validation), floor)


def train_planted(dimension, epochs, init_std=0.1, seed=0, lr=0.02, **options):
    """A training on the planted library with these options, epoch by epoch: see `train`."""
    library = planted(**options)
    held = make_loader(library.validation, len(library.validation), shuffle=False)
    loader = make_loader(library.train, 512, seed=seed)
    for trained in train(library.encoding, loader, dimension, epochs, init_std, seed, lr, held):
        yield trained._replace(floor=library.floor)


def train(encoding, loader, dimension, epochs, init_std, seed, lr, held=None):
    """Trains a model whose users and books get `dimension` numbers, as `fit` does.

    Yields:
        A `Trained` after each epoch.
    """
    runtime.warm_up()
    with runtime.seeded(seed):  # the reader's own random numbers stay as they are
        sizes = encoding.sizes.values()
        model = BookRecommendationModel(*sizes, dimension, dimension, init_std=init_std)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    rows, tables = [], [model.book_embedding.weight.detach().numpy().copy()]
    for epoch in range(1, epochs + 1):
        with runtime.quick_settings(model), runtime.in_words():
            model.train()
            row = {"epoch": epoch, "train_loss": train_epoch(model, loader, optimizer)}
            if held is not None:
                row["validation_loss"] = evaluate(model, held)["log_loss"]
        rows.append(row)
        tables.append(model.book_embedding.weight.detach().numpy().copy())
        yield Trained(pd.DataFrame(rows).set_index("epoch"), np.stack(tables))


def journey(trained: Trained) -> Journey:
    """The way of the book table through its training."""
    tables, middle = trained.tables, trained.tables[-1].mean(axis=0)
    _, strengths, directions = np.linalg.svd(tables[-1] - middle, full_matrices=False)
    room = max(0, 3 - len(directions))
    steps = np.pad((tables - middle) @ directions[:3].T, ((0, 0), (0, 0), (0, room)))
    shares = np.pad(strengths**2 / (strengths**2).sum(), (0, room))[:3]
    return Journey(tables, steps, shares, trained.frame.iloc[:, -1])


def nearest(vectors, row, count=5):
    """The rows nearest to a row, itself left out."""
    order = np.argsort(np.linalg.norm(vectors - vectors[row], axis=1), kind="stable")
    return [other for other in order if other != row][:count]


def train_wide(library, widest, l2, epochs):
    """Matrix factorization on a planted library, trained once.

    Returns:
        What `losses_by_dimension` returns, and what each direction adds to the scores: the
        root of its mean square over all pairs, a Series by direction from 1.
    """
    few = len(library.train) < 16_000
    with runtime.seeded(0):
        sizes = list(library.encoding.sizes.values())[:2]
        model = MatrixFactorization(*sizes, embedding_dim=widest)
    held = make_loader(library.validation, len(library.validation), shuffle=False)
    loader = make_loader(library.train, 128 if few else 512, seed=0)
    settings = {"validation": held, "keep_best": True, "patience": 8}
    history = fit(model, loader, epochs, 0.02 if few else 0.01, l2=l2, **settings)
    if history.interrupted:
        raise KeyboardInterrupt
    turned = cut(model, widest)
    lengths = (
        t.weight.detach().norm(dim=0) for t in (turned.user_embedding, turned.book_embedding)
    )
    strengths = np.prod([*lengths], axis=0) / np.sqrt(np.prod(sizes))
    return losses_by_dimension(model, held), pd.Series(strengths, range(1, widest + 1))
