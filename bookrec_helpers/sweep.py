"""Lesson 06: one training for each dimension and seed."""

import joblib
import pandas as pd

from bookrec_helpers import checks, runtime
from bookrec_helpers.dataset import BookDataset, divide, make_loader, split
from bookrec_helpers.encoding import Encoding, encode
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import fit


def sweep(
    encoding, dims, seeds, epochs=20, batch_size=256, lr=0.01, init_std=0.1,
    validation=0.2, genre_dim=2, split_seed=0, patience=None, n_jobs=-1,
):  # fmt: skip
    """Trains a model for each dimension and seed (lesson 06, A sweep by hand).

    The trainings run side by side, wherever joblib is told to run them: by default in a
    process a core; inside `with joblib.parallel_config(backend="dask")` on a cluster. An
    interrupt (the kernel's stop button) ends the sweep; trainings that are done are kept.
    A cluster whose workers are killed again and again is waited for without end: joblib sends
    their work out anew each time.

    Args:
        encoding: An `Encoding`, or a data frame with the course's columns.
        dims: Dimensions of the user and book tables to try, each at least 1.
        seeds: Seeds of the random start and of the order of the rows, each at least 0.
        epochs, batch_size, lr, patience: As for `fit` and `make_loader`.
        init_std: Standard deviation of the tables' random start.
        validation: Share of the rows to hold back.
        genre_dim: Dimension of the genre table.
        split_seed: Seeds which rows are held back, the same for all; None lets each seed
            hold back rows of its own, so that the spread over seeds is one over splits, too.
        n_jobs: Trainings at a time, as joblib counts: -1 is one a core.

    Returns:
        A frame, one row a dimension, seed and epoch, in that order: `dimension`, `seed`,
        `epoch`, `train_loss`, `validation_loss`, and `parameters`, of that model.

    Raises:
        TypeError: A dimension, seed or size is not a whole number, or dims or seeds no list.
        ValueError: A list is empty or names a number twice, a number is out of range, or
            weights grow out of bounds.
    """
    dims = checks.several("dims", dims, checks.whole, "whole numbers")
    seeds = checks.several("seeds", seeds, checks.whole, "whole numbers", least=0)
    for name, size in {"epochs": epochs, "batch_size": batch_size, "genre_dim": genre_dim}.items():
        checks.whole(name, size)
    workers = checks.jobs(n_jobs)
    encoding = encoding if isinstance(encoding, Encoding) else encode(encoding)
    settings = {"epochs": epochs, "lr": lr, "patience": patience}
    split(encoding.frame, validation, seeds[0] if split_seed is None else split_seed)  # to tell
    given = (encoding, genre_dim, init_std, batch_size, validation, split_seed, settings)
    # delayed: a call that is described here and made later, perhaps in another process.
    jobs = [joblib.delayed(_train)(d, seed, *given) for d in dims for seed in seeds]
    # Results as they come, in any order, so that an interrupt finds those that are done.
    done, results = {}, joblib.Parallel(workers, return_as="generator_unordered")(jobs)
    try:
        for member, frame, interrupted in runtime.progress(results, "trainings", len(jobs)):
            done[member] = frame
            if interrupted:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        results.close()
        print(f"Interrupted: {len(done)} of {len(jobs)} trainings are kept.")
        if not done:
            raise
    return pd.concat(done, names=["dimension", "seed"]).sort_index().reset_index()


def _train(d, seed, encoding, genre_dim, init_std, batch_size, validation, split_seed, settings):
    """One training: its dimension and seed, its rows, and whether it was interrupted."""
    split_seed = seed if split_seed is None else split_seed
    train, held_back = divide(encoding.frame, validation, split_seed)
    # Each model draws its own start; the notebook's random numbers are left alone.
    with runtime.seeded(seed):
        sizes = encoding.sizes.values()
        model = BookRecommendationModel(*sizes, d, d, genre_dim, init_std)
    loader = make_loader(BookDataset(train), batch_size, seed=seed)
    # No shuffling where nothing is learned: the loss is the same in any order.
    check = make_loader(BookDataset(held_back), 8_192, shuffle=False)
    with runtime.one_bar():
        history = fit(model, loader, validation=check, **settings)
    parameters = sum(weights.numel() for weights in model.parameters())
    return (d, seed), history.frame.assign(parameters=parameters), history.interrupted
