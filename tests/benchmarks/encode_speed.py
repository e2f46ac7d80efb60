"""Encoding a million rows of strings: python tests/benchmarks/encode_speed.py

The time of `encode` and of `transform` against pandas' own `factorize` of the same three
columns, in the same rounds: at most 2 times is aimed at. The memory that
`encode` takes at its peak beside the frame, and with it, as tracemalloc counts it (NumPy and
pandas report to it what they allocate), against the frame's own, strings included: at most 3
times is aimed at, the frame itself counted.
"""

import sys
import tracemalloc

import numpy as np
import pandas as pd
from rounds import race, table

from bookrec_helpers.encoding import COLUMNS, encode

ROWS = 1_000_000
SIZES = {"UserID": 100_000, "BookID": 20_000, "Genre": 16}


def strings(dtype):
    """A million rows of strings, each a separate object, as a CSV file gives them."""
    rng = np.random.default_rng(0)
    codes = {name: rng.integers(0, size, ROWS) for name, size in SIZES.items()}
    columns = {
        name: pd.Series([f"{name} no. {code}" for code in drawn], dtype=dtype)
        for name, drawn in codes.items()
    }
    return pd.DataFrame(columns | {"Liked": rng.integers(0, 2, ROWS)})


def peak(work):
    """The most memory that a call held at a time beyond what was there before, in bytes."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def measure(frame):
    """Prints the ratios of the times, and the memory at its peak."""
    encoding = encode(frame)
    _, wall = race(
        {
            "factorize": lambda: [pd.factorize(frame[name]) for name in COLUMNS],
            "encode": lambda: encode(frame),
            "transform": lambda: encoding.transform(frame),
        },
        counted=7,
    )
    print(table(wall, "factorize"))
    own = frame.memory_usage(deep=True).sum()
    extra = peak(lambda: encode(frame))
    print(
        f"The frame takes {own / 1e6:.0f} MB, encode {extra / 1e6:.0f} MB more at its peak: "
        f"{(own + extra) / own:.2f} times the frame in all\n"
    )


def main():
    for dtype in ("str", "object"):
        print(f"{ROWS:,} rows, columns of type {dtype}")
        measure(strings(dtype))


if __name__ == "__main__":
    sys.exit(main())
