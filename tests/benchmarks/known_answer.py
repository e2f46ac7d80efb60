"""Whether the elbow and the spectrum find the planted dimension: the whole table.

    python tests/benchmarks/known_answer.py

For each true dimension: the mean best validation loss of five seeds at each dimension
around it, and how many directions of five wide tables stand out.
"""

import time

import pandas as pd
import torch

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.inspection import embedding_table, spectrum
from bookrec_helpers.library import planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import fit

SEEDS = [0, 1, 2, 3, 4]
DIMS = [1, 2, 3, 4, 6, 8, 16]
SETTINGS = {"epochs": 25, "batch_size": 512, "lr": 0.02}


def best_losses(encoding):
    """The mean over seeds of the best epoch's validation loss, by dimension."""
    result = sweep(encoding, DIMS, SEEDS, init_std=0.1, **SETTINGS)
    best = result.groupby(["dimension", "seed"])["validation_loss"].min()
    return best.groupby("dimension").mean()


def directions(encoding, seed):
    """How many directions of a 50-column book table stand out, at its best epoch."""
    train, validation = (BookDataset(part) for part in split(encoding.frame, seed=0))
    torch.manual_seed(seed)
    model = BookRecommendationModel(*encoding.sizes.values(), 50, 50, 2, init_std=0.1)
    held = make_loader(validation, 8192, shuffle=False)
    loader = make_loader(train, 512, seed=seed)
    fit(model, loader, epochs=15, lr=0.02, validation=held, keep_best=True)
    return int(spectrum(embedding_table(model, "book", encoding))["stands_out"].sum())


def row(taste_dim):
    planted = planted_library(taste_dim=taste_dim)
    encoding = encode(planted.data)
    losses = best_losses(encoding)
    below = losses.get(taste_dim - 1, float("nan"))
    return {
        "true dimension": taste_dim,
        "noise floor": planted.noise_floor["log_loss"],
        **{f"d = {d}": loss for d, loss in losses.items()},
        "above the best": losses[taste_dim] - losses.min(),
        "one too few costs": below - losses[taste_dim],
        "directions, by seed": [directions(encoding, seed) for seed in SEEDS],
    }


if __name__ == "__main__":
    start = time.perf_counter()
    table = pd.DataFrame([row(taste_dim) for taste_dim in (1, 2, 3, 4)])
    print(table.set_index("true dimension").T.to_string(float_format="{:.3f}".format))
    print(f"{time.perf_counter() - start:.0f} s")
