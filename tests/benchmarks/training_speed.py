"""How fast `fit` is: python tests/benchmarks/training_speed.py

Epochs over the same random rows, processor time on one thread. Each ratio says how many times
as long as ours the other one takes; the floor, the arithmetic alone, takes less than ours.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from rounds import race, table
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import fit

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.literal import literal_loop

ROWS = 100_000
SIZES = {"UserID": 1_000, "BookID": 10_000, "Genre": 1_000}
DIMS = (50, 50, 20)


def random_rows():
    rng = np.random.default_rng(0)
    codes = {name: rng.integers(0, size, ROWS) for name, size in SIZES.items()}
    return pd.DataFrame(codes | {"Liked": rng.integers(0, 2, ROWS)})


def new_model():
    torch.manual_seed(0)
    return BookRecommendationModel(*SIZES.values(), *DIMS)


def arithmetic(model, batch_size):
    """One epoch's matrix products, forward and backward, and Adam's fused passes; no more."""
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=True)
    for weights in model.parameters():
        weights.grad = torch.full_like(weights, 1e-3)
    x, h = torch.randn(batch_size, sum(DIMS)), torch.randn(batch_size, 32)
    y, w1, w2 = torch.randn(batch_size, 1), torch.randn(sum(DIMS), 32), torch.randn(32, 1)
    products = [(x, w1), (h, w2), (h.T, y), (y, w2.T), (x.T, h), (h, w1.T)]
    outs = [a @ b for a, b in products]
    for _ in range(ROWS // batch_size):
        for (a, b), out in zip(products, outs, strict=True):
            torch.mm(a, b, out=out)
        optimizer.step()


def arithmetic_and_tables(model, batch_size):
    """The same, and the rows looked up in the tables, and the tables' dense gradients."""
    tables = (model.user_embedding, model.book_embedding, model.genre_embedding)
    codes = [torch.randint(table.num_embeddings, (batch_size,)) for table in tables]
    arithmetic(model, batch_size)
    for _ in range(ROWS // batch_size):
        for entity, rows in zip(tables, codes, strict=True):
            vectors = nn.functional.embedding(rows, entity.weight.detach())
            torch.ops.aten.embedding_dense_backward(vectors, rows, len(entity.weight), -1, False)


def fastai_epoch(df, batch_size):
    """A function that runs one epoch of fastai's tabular_learner, or None without fastai."""
    try:
        from fastai.tabular import all as fa
    except ImportError:
        return None
    names = list(SIZES)
    rows = fa.TabularPandas(df.copy(), [fa.Categorify], names, y_names="Liked", splits=None)
    data = rows.dataloaders(bs=batch_size, device="cpu")
    config = fa.tabular_config(use_bn=False, bn_cont=False)
    learner = fa.tabular_learner(
        data, [32], dict(zip(names, DIMS, strict=True)), config, n_out=1,
        loss_func=fa.BCEWithLogitsLossFlat(), opt_func=fa.Adam,
    )  # fmt: skip

    def epoch():
        with learner.no_bar(), learner.no_logging():
            learner.fit(1, 0.01)

    return epoch


def contestants(df, batch_size):
    rows = BookDataset(df)
    tensors = TensorDataset(rows.users, rows.books, rows.genres, rows.labels)
    runs = {
        "fit": lambda: fit(new_model(), make_loader(rows, batch_size), 1),
        "the tutorial's loop": lambda: literal_loop(
            new_model(), DataLoader(rows, batch_size, shuffle=True)
        ),
        "the same, TensorDataset": lambda: literal_loop(
            new_model(), DataLoader(tensors, batch_size, shuffle=True)
        ),
        "arithmetic alone": lambda: arithmetic(new_model(), batch_size),
        "arithmetic and tables": lambda: arithmetic_and_tables(new_model(), batch_size),
        "fastai": fastai_epoch(df, batch_size),
    }
    return {name: run for name, run in runs.items() if run}


def share_by_share(df, batch_size):
    """The tutorial's loop on the way to ours, a change at a time."""
    rows = BookDataset(df)

    def loop(loader, fused, denormals=True):
        model, criterion = new_model(), nn.BCELoss()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01, fused=fused)
        torch.set_flush_denormal(not denormals)
        for users, books, genres, labels in loader:
            optimizer.zero_grad()
            loss = criterion(model(users, books, genres), labels)
            loss.backward()
            optimizer.step()
        torch.set_flush_denormal(False)

    return {
        "the tutorial's loop": lambda: literal_loop(
            new_model(), DataLoader(rows, batch_size, shuffle=True)
        ),
        "+ no .item()": lambda: loop(DataLoader(rows, batch_size, shuffle=True), None),
        "+ whole batches": lambda: loop(make_loader(rows, batch_size), None),
        "+ fused Adam": lambda: loop(make_loader(rows, batch_size), True),
        "+ no denormals": lambda: loop(make_loader(rows, batch_size), True, False),
    }


def main():
    torch.set_num_threads(1)
    df = random_rows()
    for batch_size in (1024, 64):
        print(f"\n{ROWS:,} rows, tables of {SIZES}, dimensions {DIMS}, batch {batch_size}")
        print(table(race(contestants(df, batch_size))[0], "fit"))
        print("\nWhere the time goes, a change at a time")
        print(table(race(share_by_share(df, batch_size))[0], "+ no denormals"))


if __name__ == "__main__":
    main()
