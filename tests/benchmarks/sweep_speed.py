"""How fast `sweep` is: python tests/benchmarks/sweep_speed.py

The same members with the same measures after each epoch, stacked and one after another. Each
ratio says how many times as long as the sweep the other way takes: by the processor's time
for one core, by the wall's clock for all of them.
"""

import sys
import time

import torch
from rounds import race, table

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import magical_library, planted_library
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.sweep import sweep
from bookrec_helpers.training import fit

LESSON = {"dims": [1, 2, 3, 4, 6, 8, 16, 32, 50], "seeds": range(5)}


def one_after_another(encoding, dims, seeds, epochs, batch_size, validation=0.2):
    train, held_back = (BookDataset(part) for part in split(encoding.frame, validation))
    check = make_loader(held_back, 1_000, shuffle=False)
    for dimension in dims:
        for seed in seeds:
            torch.manual_seed(seed)
            sizes = encoding.sizes.values()
            model = BookRecommendationModel(*sizes, dimension, dimension, 2, init_std=0.1)
            fit(model, make_loader(train, batch_size, seed=seed), epochs, validation=check)


def compare(encoding, **options):
    cpu, wall = race(
        {
            "sweep, one core": lambda: sweep(encoding, n_jobs=1, **options),
            "sweep, all cores": lambda: sweep(encoding, **options),
            "one after another": lambda: one_after_another(encoding, **options),
        }
    )
    print(table(cpu[["sweep, one core", "one after another"]], "sweep, one core"))
    print(table(wall[["sweep, all cores", "one after another"]], "sweep, all cores"))


def main():
    torch.set_num_threads(1)
    print("50 models on the six rows, 20 epochs, batch 2")
    six = encode(magical_library())
    compare(six, dims=range(1, 11), seeds=range(5), epochs=20, batch_size=2, validation=0.34)
    planted = encode(planted_library().data)
    for batch_size in (256, 512):
        print(f"\n45 models on 32,000 rows, 2 epochs, batch {batch_size}")
        compare(planted, **LESSON, epochs=2, batch_size=batch_size)
        start = time.perf_counter()
        sweep(planted, **LESSON, epochs=20, batch_size=batch_size)
        print(f"The lesson's 20 epochs: {time.perf_counter() - start:.1f} s on the wall's clock")


if __name__ == "__main__":
    sys.exit(main())
