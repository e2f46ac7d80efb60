"""What the labs train, and what they keep of it."""

from functools import lru_cache

import numpy as np
import pandas as pd

from bookrec_helpers import runtime
from bookrec_helpers.checks import LABEL
from bookrec_helpers.choosing import wide_model
from bookrec_helpers.dataset import BookDataset, divide, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import cut, losses_by_dimension
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.measures import measures
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.movielens import load_movielens
from bookrec_helpers.training import train_on

WIDEST = 16  # of the dials


class Rows:
    """An encoded table, a fifth of its rows held back, ready to be trained on.

    A planted library has its `truth` with it, and the noise `floor` of the rows held back.
    """

    def __init__(self, encoding, truth=None):
        self.encoding, self.truth = encoding, truth
        train, held_back = divide(encoding.frame)
        self.train = BookDataset(train)
        self.check = make_loader(BookDataset(held_back), 8_192, shuffle=False)
        if truth:
            self.floor = measures(held_back[LABEL], truth.chance[held_back.index])["log_loss"]


@lru_cache(maxsize=4)
def planted(rows=40_000, **options) -> Rows:
    """The planted library with these options."""
    truth = planted_library(num_rows=rows, **options)
    return Rows(encode(truth.data), truth)


def train_planted(dimension, epochs, init_std=0.1, seed=0, lr=0.02, **options):
    """A training on the planted library with these options: what `train` yields, and the floor."""
    library = planted(**options)
    loader = make_loader(library.train, 512, seed=seed)
    settings = (dimension, epochs, init_std, seed, lr, library.check)
    for frame, tables in train(library.encoding, loader, *settings):
        yield frame, tables, library.floor


def train_magical(dimension, epochs, init_std):
    """A training on the six rows of the magical library: what `train` yields."""
    encoding = encode(magical_library())
    loader = make_loader(BookDataset(encoding.frame), len(encoding.frame), seed=13)
    return train(encoding, loader, dimension, epochs, init_std, 13, 0.03)


def train(encoding, loader, dimension, epochs, init_std, seed, lr, check=None):
    """Trains a model whose users and books get `dimension` numbers, as `fit` does.

    Yields:
        After each epoch the losses so far, as in `History.frame`; and the book table before the
        first epoch and after each, shape `(epochs + 1, rows, dimension)`.
    """
    runtime.warm_up()
    with runtime.seeded(seed):  # the reader's own random numbers stay as they are
        sizes = encoding.sizes.values()
        model = BookRecommendationModel(*sizes, dimension, dimension, init_std=init_std)
    table = model.book_embedding.weight.detach().numpy()  # which the optimizer changes
    rows, tables = [], [table.copy()]
    for row in train_on(model, loader, epochs, lr, check):
        rows.append(row)
        tables.append(table.copy())
        yield pd.DataFrame(rows).set_index("epoch"), np.stack(tables)


def train_wide(rows: Rows, l2, epochs, patience=8):
    """Matrix factorization, trained once.

    Returns:
        The model, as `wide_model` makes it; what `losses_by_dimension` returns; and what each
        direction adds to the scores: the root of its mean square over all pairs, a Series by
        direction from 1.
    """
    sizes = [*rows.encoding.sizes.values()][:2]
    model = wide_model(rows.train, rows.check, sizes, WIDEST, l2, epochs=epochs, patience=patience)
    turned = cut(model, WIDEST)
    tables = turned.user_embedding, turned.book_embedding
    lengths = [table.weight.detach().norm(dim=0) for table in tables]
    strengths = np.prod(lengths, axis=0) / np.sqrt(np.prod(sizes))
    return model, losses_by_dimension(model, rows.check), pd.Series(strengths, range(1, WIDEST + 1))


@lru_cache(maxsize=1)
def films() -> Rows:
    """Who liked which film; a film's first genre stands for all of its own."""
    table = load_movielens().drop_duplicates(["reader", "film"])
    table["genres"] = table["genres"].str.split("|").str[0]
    names = {"UserID": "reader", "BookID": "film", "Genre": "genres", "Liked": "stars"}
    return Rows(encode(table, columns=names, like=lambda stars: stars >= 4))


@lru_cache(maxsize=8)
def factorized(l2):
    """What `train_wide` makes of the films."""
    return train_wide(films(), l2, epochs=30, patience=4)
