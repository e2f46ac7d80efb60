"""How often the procedures are right, on libraries whose answers are sealed.

    python tests/benchmarks/hit_rate.py [--dial] [--network] [--mysteries] [--unfair] [--time]

Each part prints Markdown tables, lesson 07's among them; without options all parts run.
"""

import argparse
import time
from dataclasses import replace

import numpy as np
import pandas as pd
import torch

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.encoding import encode
from bookrec_helpers.library import mystery_library, planted_library
from bookrec_helpers.training import fit

BIASES = {"generosity": 1.0, "popularity": 1.0}
SPARSE = {"num_users": 2_000, "num_books": 1_500, "num_rows": 50_000}
KINDS = {
    "300 × 200, 40,000 rows": {},
    "the same, strength 1.5": {"strength": 1.5},
    "1,000 × 500, 50,000 rows, biases": {
        "num_users": 1_000, "num_books": 500, "num_rows": 50_000, **BIASES,
    },
    "2,000 × 1,500, 50,000 rows": SPARSE,
    "the same, biases": {**SPARSE, **BIASES},
    "300 × 200, 8,000 rows": {"num_rows": 8_000},
}  # fmt: skip
TRUTHS, SEEDS = (0, 1, 2, 3, 4, 5, 6, 8), (2_027, 2_028)
SHOWN = 5  # the largest truth that every kind has rows enough to show
NETWORK = [(kind, truth, SEEDS[0]) for kind in KINDS for truth in (1, 2, 3, 5)]
# Lesson 06's procedure; its 50 gives way to 5 and 6, so that each truth can be hit.
SWEEP = {"dims": [1, 2, 3, 4, 5, 6, 8], "seeds": [0, 1, 2], "epochs": 30, "patience": 10,
         "split_seed": None}  # fmt: skip
# The sweep that the dial's cost is held against.
DIMS, MODEL_SEEDS, EPOCHS = [1, 2, 3, 4, 6, 8, 16, 32, 50], [0, 1, 2, 3, 4], 25
MYSTERIES = 100


def library(kind, truth, seed):
    return planted_library(taste_dim=truth, seed=seed, **KINDS[kind])


def dial(libraries):
    """The dial's answer for each library, and the loss of the cut model on split 0."""
    from bookrec_helpers.choosing import choose_dimension

    rows = []
    for kind, truth, seed in libraries:
        planted, start = library(kind, truth, seed), time.process_time()
        choice = choose_dimension(planted.data)
        seconds = time.process_time() - start
        first = choice.runs.query("split == 0 and l2 == @choice.l2").set_index("dimension")
        rows.append({
            "kind": kind, "truth": truth, "seed": seed, "dial": choice.dimension, "l2": choice.l2,
            "dial loss": first.loc[choice.dimension, "loss"], "seconds": seconds,
            "floor": planted.noise_floor["log_loss"],
        })  # fmt: skip
        print(*rows[-1].values(), sep=", ", flush=True)
    return pd.DataFrame(rows)


def hits(frame, answer):
    """How many answers are right, as a Markdown table with a row a kind of library."""
    right, few = frame[answer] == frame["truth"], frame["truth"] <= SHOWN
    table = pd.DataFrame(index=pd.Index([*KINDS, "together"], name="library"))
    parts = {f"truth 0 to {SHOWN}": few, "truth 6 and 8": ~few, "all": few | True}
    for name, part in parts.items():
        count = (
            right[part].groupby(frame["kind"]).agg(["sum", "count"]).reindex(KINDS, fill_value=0)
        )
        count.loc["together"] = count.sum()
        table[name] = [f"{good} of {tried}" for good, tried in count.to_numpy()]
    return markdown(table)


def markdown(table):
    """A frame as a Markdown table, its index the first column."""
    head = [table.index.name, *table]
    rows = [head, ["---", *["--:"] * len(table.columns)], *table.reset_index().to_numpy().tolist()]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


def against_the_network(frame):
    """Losses beside the network's best, on the same rows: the cut model's, and that of the same
    model trained on, as in lesson 08."""
    given = frame[["kind", "truth", "seed", "dial", "l2"]].itertuples(index=False)
    frame["trained on"] = [trained_on(*row) for row in given]
    columns = ["kind", "truth", "dial", "sweep", "spectrum", "dial loss", "trained on",
               "network's best", "floor"]  # fmt: skip
    print(frame[columns].round(4).to_string(index=False))
    for name in ("dial loss", "trained on"):
        above = frame[name] - frame["network's best"]
        print(f"\n{name} above the network's best: at most {above.max():+.4f}, median")
        print(f"{above.median():+.4f}; below it in {(above < 0).sum()} of {len(above)}.")


def trained_on(kind, truth, seed, dimension, l2):
    """The loss of a model cut to its dimension and trained on with half the penalty, on split 0."""
    from bookrec_helpers.choosing import wide_model
    from bookrec_helpers.factorization import cut
    from bookrec_helpers.training import evaluate

    encoding = encode(library(kind, truth, seed).data)
    train, held_back = (BookDataset(part) for part in split(encoding.frame))
    check = make_loader(held_back, 8_192, shuffle=False)
    wide = wide_model(train, check, [*encoding.sizes.values()][:2], 16, l2)
    model, loader = cut(wide, dimension), make_loader(train, 512, seed=0)
    fit(model, loader, 60, 0.02, l2=l2 / 2, validation=check, keep_best=True, patience=8)
    return evaluate(model, check)["log_loss"]


def network(libraries):
    """What lesson 06's sweep and spectrum say, and the network's best loss, on split 0."""
    rows = []
    for kind, truth, seed in libraries:
        encoding = encode(library(kind, truth, seed).data)
        losses = swept(encoding)
        rows.append({
            "kind": kind, "truth": truth, "seed": seed, "sweep": elbow(losses),
            "spectrum": directions(encoding), "network's best": losses.loc[0].min(),
        })  # fmt: skip
        print(*rows[-1].values(), sep=", ", flush=True)
    return pd.DataFrame(rows)


def swept(encoding):
    """Lesson 06's sweep: the best epoch's loss, a row a seed and a column a dimension."""
    from bookrec_helpers.sweep import sweep

    runs = sweep(encoding, **SWEEP, batch_size=1024, lr=0.03, n_jobs=1)
    return runs.groupby(["seed", "dimension"])["validation_loss"].min().unstack()


def elbow(losses):
    """The smallest dimension within one standard error, over seeds and splits, of the best."""
    mean, error = losses.mean(), losses.std() / len(losses) ** 0.5
    best = mean.idxmin()
    return int(mean.index[mean <= mean[best] + error[best]][0])


def directions(encoding):
    """Lesson 06's spectrum: how many directions of a wide table of books stand out."""
    from bookrec_helpers.inspection import embedding_table, spectrum
    from bookrec_helpers.model import BookRecommendationModel

    train, held_back = (BookDataset(part) for part in split(encoding.frame))
    torch.manual_seed(0)
    model = BookRecommendationModel(*encoding.sizes.values(), 50, 50, 2, init_std=0.1)
    check = make_loader(held_back, 8_192, shuffle=False)
    fit(model, make_loader(train, 1024, seed=0), 10, 0.03, validation=check, keep_best=True)
    return int(spectrum(embedding_table(model, "book", encoding))["stands_out"].sum())


def mysteries(count=MYSTERIES):
    """The three lines of lesson 07 on so many mysteries."""
    from bookrec_helpers.choosing import choose_dimension

    rows = []
    for number in range(count):
        mystery = mystery_library(number)
        choice = choose_dimension(mystery.data)
        mystery.commit(choice.dimension, because=str(choice))
        truth = mystery._truth
        kind = f"{len(truth.users):,} × {len(truth.books):,}, {len(truth.data):,} rows"
        rows.append({"kind": kind, "truth": truth.taste_dim, "dial": choice.dimension})
        print(number, *rows[-1].values(), sep=", ", flush=True)
    frame = pd.DataFrame(rows)
    frame["right"] = frame["dial"] == frame["truth"]
    print(f"\n{frame['right'].sum()} of {count} mysteries solved\n")
    print(frame.groupby("kind")["right"].agg(["sum", "count"]))
    print(frame[~frame["right"]])


def by_distance(taste_dim, seed, **sizes):
    """Likes that fade with the distance of two points, half of all pairs liked."""
    return other_taste(taste_dim, seed, lambda u, b: -((u - b) ** 2).sum(1), **sizes)


def decaying(taste_dim, seed, **sizes):
    """A product whose directions are each 0.7 as strong as the one before."""
    strengths = 0.7 ** np.arange(taste_dim)
    return other_taste(taste_dim, seed, lambda u, b: (u * b * strengths).sum(1), **sizes)


def other_taste(truth, seed, taste, **sizes):
    """A planted library whose likes are drawn anew; scores spread as widely as the planted."""
    planted = planted_library(taste_dim=truth, seed=seed, **sizes)
    user, book = (planted.data[name] for name in ("UserID", "BookID"))
    scores = taste(planted.users.loc[user].to_numpy(), planted.books.loc[book].to_numpy())
    scores = 4 * (scores - np.median(scores)) / scores.std()
    chance = 1 / (1 + np.exp(-scores))
    liked = np.random.default_rng(seed).random(len(chance)) < chance
    return replace(planted, data=planted.data.assign(Liked=liked.astype(int)))


SMALL = {"num_users": 150, "num_books": 100, "num_genres": 8, "num_rows": 12_000, **BIASES}
UNFAIR = [
    ("biases alone", planted_library, "150 × 100, 12,000", SMALL, (0,)),
    ("distance", by_distance, "300 × 200, 40,000", {}, (1, 2, 3, 4)),
    ("decaying", decaying, "300 × 200, 40,000", {}, (4, 8)),
    ("distance", by_distance, "2,000 × 1,500, 50,000", SPARSE, (1, 2, 3, 4)),
    ("decaying", decaying, "2,000 × 1,500, 50,000", SPARSE, (4, 8)),
]


def unfair():
    """The dial where taste is no product of equal directions."""
    from bookrec_helpers.choosing import choose_dimension

    rows = []
    for name, make, shape, sizes, truths in UNFAIR:
        for truth in truths:
            found = [
                choose_dimension(make(taste_dim=truth, seed=seed, **sizes).data).dimension
                for seed in SEEDS
            ]
            rows.append({"taste": name, "rows": shape, "true": truth, "the dial says": found})
            print(*rows[-1].values(), sep=", ", flush=True)
    print(pd.DataFrame(rows).to_string(index=False))


def times():
    """What trainings cost, in seconds of one core, in one run."""
    from bookrec_helpers.choosing import choose_dimension
    from bookrec_helpers.factorization import MatrixFactorization, losses_by_dimension
    from bookrec_helpers.model import BookRecommendationModel

    torch.set_num_threads(1)
    encoding = encode(planted_library(seed=SEEDS[0]).data)
    train, held_back = (BookDataset(part) for part in split(encoding.frame))
    check = make_loader(held_back, 8_192, shuffle=False)

    def old_sweep(seed):
        for d in DIMS:
            model = BookRecommendationModel(*encoding.sizes.values(), d, d, 2, init_std=0.1)
            fit(model, make_loader(train, 512, seed=seed), EPOCHS, 0.02, validation=check)

    def once():
        model = MatrixFactorization(*list(encoding.sizes.values())[:2])
        loader = make_loader(train, 512, seed=0)
        fit(model, loader, 60, validation=check, keep_best=True, l2=0.01, patience=8)
        losses_by_dimension(model, check)

    def cost(work, *given):
        start = time.process_time()
        work(*given)
        return time.process_time() - start

    once()  # warms up
    rounds = [
        [cost(old_sweep, seed), cost(once), cost(choose_dimension, encoding)]
        for seed in MODEL_SEEDS
    ]
    sweep_cost = sum(row[0] for row in rounds)
    single, choosing = np.median(rounds, axis=0)[1:]
    print(f"The old sweep, {len(DIMS)} dimensions x 5 seeds x {EPOCHS} epochs: {sweep_cost:.1f} s")
    print(f"One training with all its cuts: {single:.2f} s, 1/{sweep_cost / single:.0f} of it")
    print(f"choose_dimension: {choosing:.1f} s, 1/{sweep_cost / choosing:.1f} of it")


def main():
    parser = argparse.ArgumentParser()
    parts = ("dial", "network", "mysteries", "unfair", "time")
    for part in parts:
        parser.add_argument(f"--{part}", action="store_true")
    parser.add_argument("--keep", help="a file for the rows of --dial, read by --network")
    asked = parser.parse_args()
    chosen = {part for part in parts if getattr(asked, part)} or set(parts)
    if "dial" in chosen:
        frame = dial([(kind, t, seed) for kind in KINDS for t in TRUTHS for seed in SEEDS])
        print(f"\nThe dial's hits on {len(frame)} libraries\n\n{hits(frame, 'dial')}\n")
        print(frame[frame["dial"] != frame["truth"]].to_string(), "\n")
        if asked.keep:
            frame.to_csv(asked.keep, index=False)
    if "network" in chosen:
        found = network(NETWORK)
        for name in ("sweep", "spectrum"):
            print(f"\nThe {name}'s hits on {len(found)} libraries\n\n{hits(found, name)}\n")
        if asked.keep:
            against_the_network(found.merge(pd.read_csv(asked.keep), on=["kind", "truth", "seed"]))
    for part, work in {"mysteries": mysteries, "unfair": unfair, "time": times}.items():
        if part in chosen:
            work()


if __name__ == "__main__":
    main()
