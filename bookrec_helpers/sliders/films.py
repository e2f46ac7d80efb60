"""What the labs of lesson 09 train, and what they keep of it."""

from functools import lru_cache

import torch

from bookrec_helpers.dataset import BookDataset, divide, make_loader
from bookrec_helpers.encoding import encode
from bookrec_helpers.factorization import MatrixFactorization, losses_by_dimension
from bookrec_helpers.movielens import load_movielens
from bookrec_helpers.training import fit

WIDEST, EPOCHS = 16, 30


@lru_cache(maxsize=1)
def films():
    """Who liked which film, encoded; a film's first genre stands for all of its own."""
    table = load_movielens().drop_duplicates(["reader", "film"])
    table["genres"] = table["genres"].str.split("|").str[0]
    names = {"UserID": "reader", "BookID": "film", "Genre": "genres", "Liked": "stars"}
    return encode(table, columns=names, like=lambda stars: stars >= 4)


@lru_cache(maxsize=8)
def factorized(l2):
    """A wide factorization of the ratings, and its loss at every dimension."""
    encoding = films()
    train, held_back = (BookDataset(part) for part in divide(encoding.frame))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = MatrixFactorization(*[*encoding.sizes.values()][:2], embedding_dim=WIDEST)
    check = make_loader(held_back, 8_192, shuffle=False)
    loader, keep = make_loader(train, 512, seed=0), {"keep_best": True, "patience": 4}
    if fit(model, loader, EPOCHS, validation=check, l2=l2, **keep).interrupted:
        raise KeyboardInterrupt
    return model, losses_by_dimension(model, check)
