"""Time and memory of large tables: one training at several sizes, and the whole procedure.

python -m tests.benchmarks.large_tables                one training of 0.1, 1 and 5 million rows
python -m tests.benchmarks.large_tables --procedure    choose_dimension on a million rows

Each runs in a process of its own, whose peak memory is told.
"""

import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

READERS, BOOKS = 50_000, 20_000
ROWS = (100_000, 1_000_000, 5_000_000)
EPOCHS = 3


def table(rows, seed=0):
    """Rows of readers and books with biases; a repeated pair is as good as any here."""
    rng = np.random.default_rng(seed)
    users, books = rng.integers(0, READERS, rows), rng.integers(0, BOOKS, rows)
    score = rng.standard_normal(READERS)[users] + rng.standard_normal(BOOKS)[books]
    liked = rng.random(rows) < 1 / (1 + np.exp(-score))
    return pd.DataFrame({"UserID": users, "BookID": books, "Liked": liked.astype(int)})


def train(rows):
    """Seconds an epoch of one training as `choose_dimension` does it."""
    from bookrec_helpers.choosing import _pace
    from bookrec_helpers.dataset import BookDataset, make_loader
    from bookrec_helpers.encoding import encode
    from bookrec_helpers.factorization import MatrixFactorization
    from bookrec_helpers.training import fit

    encoding = encode(table(rows))
    model = MatrixFactorization(*[*encoding.sizes.values()][:2], embedding_dim=16)
    lr, batch = _pace(rows)
    loader = make_loader(BookDataset(encoding.frame), batch, seed=0)
    start = time.process_time()
    fit(model, loader, EPOCHS, lr, l2=0.02)
    return (time.process_time() - start) / EPOCHS


def procedure(rows):
    """Seconds of `choose_dimension`, `encode` included."""
    from bookrec_helpers.choosing import choose_dimension

    data = table(rows)
    start = time.process_time()
    print(choose_dimension(data))
    return time.process_time() - start


def report(name, rows):
    """Prints what the child of that name measured; called in the child."""
    seconds = {"train": train, "procedure": procedure}[name](rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2  # kB on Linux
    print(f"{name} {rows:>9,} rows: {seconds:8.2f} s of processor, peak {peak:.2f} GB", flush=True)


def main(arguments):
    if len(arguments) == 2:
        report(arguments[0], int(arguments[1]))
        return
    runs = [("procedure", ROWS[1])] if arguments else [("train", rows) for rows in ROWS]
    for name, rows in runs:
        command = [sys.executable, "-m", "tests.benchmarks.large_tables", name, str(rows)]
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
