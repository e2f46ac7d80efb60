"""Lesson 07: the whole procedure, from a table to the number of dimensions it can pay for."""

from dataclasses import dataclass, field
from itertools import product

import joblib
import pandas as pd

from bookrec_helpers import checks, runtime
from bookrec_helpers.dataset import BookDataset, divide, make_loader
from bookrec_helpers.encoding import Encoding, encode
from bookrec_helpers.factorization import MatrixFactorization, centered, losses_by_dimension
from bookrec_helpers.training import fit

EPOCHS, PATIENCE = 60, 5
HELD_BACK = 0.2  # share of the rows
FEW = 25  # rows to train on a reader; with so few, directions beyond five may stay hidden


@dataclass(frozen=True)
class Choice:
    """A dimension, and the evidence for it (lesson 07, The procedure).

    Attributes:
        dimension: The smallest that held-back rows cannot tell from the best; 0 says that
            the biases are enough.
        frame: The curve, indexed by `dimension`: `loss`, the mean held-back log loss over the
            splits, and `error`, the standard error of its gap to the best.
        l2: The penalty whose curve goes lowest.
        runs: The curve of every training: `split`, `l2`, `dimension`, `loss`, `error`.
        warnings: What makes the answer doubtful, each in a sentence.
    """

    dimension: int
    frame: pd.DataFrame
    l2: float
    runs: pd.DataFrame = field(repr=False)
    warnings: tuple[str, ...] = ()

    def __repr__(self):
        loss, many = self.frame["loss"], "s" * (self.dimension != 1)
        numbers = {"loss": loss[self.dimension], "lowest": loss.min(), "widest": loss.index[-1]}
        told = checks.words("chosen", choice=self, many=many, biases=loss[0], **numbers)
        return "\n".join([told, *self.warnings])

    def _repr_html_(self):
        told = "".join(f"<p>{line}</p>" for line in repr(self).splitlines())
        return told + self.frame.round(4).to_html()


def choose_dimension(
    table, widest=16, splits=3, l2=(0.003, 0.01, 0.02, 0.04), matters=0.0005, seed=0, n_jobs=None
):
    """The number of dimensions that a table's rows can pay for (lesson 07, The procedure).

    For each split and penalty a `MatrixFactorization` is trained once, as wide as `widest`
    (at most 60 epochs, patience 5, the best epoch's weights; the learning rate and the batch
    fit the number of rows), `centered`, and cut to every dimension. The penalty is the one whose
    curve, the mean over the splits, goes lowest; the dimension is the smallest within one standard
    error of the best (Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees",
    1984), the error being that of the gap between two dimensions on the same held-back rows.

    An interrupt (the kernel's stop button) keeps the splits that are done; the answer then
    rests on those, and says so.

    Args:
        table: An `Encoding`, or a data frame with the course's columns.
        widest: The largest dimension to try.
        splits: How many times other rows, a fifth of all, are held back.
        l2: The penalties to try, as for `fit`.
        matters: The smallest difference of log loss that counts, even if it is certain.
        seed: Seeds the splits, the random starts and the order of the rows.
        n_jobs: Trainings at a time, as joblib counts. None is one, unless a
            `joblib.parallel_config` around the call says otherwise.

    Returns:
        A `Choice`.

    Raises:
        TypeError: `table` is neither, or a number is not whole that should be.
        ValueError: A number is out of range, `l2` is empty or names a number twice, or there
            are too few rows to hold some back.
    """
    widest, splits = checks.whole("widest", widest), checks.whole("splits", splits)
    l2 = checks.several("l2", l2, checks.positive, zero=True)
    matters = checks.positive("matters", matters, zero=True)
    workers, seed = checks.jobs(n_jobs), checks.whole("seed", seed, 0)
    encoding = table if isinstance(table, Encoding) else encode(table)
    frame, sizes = checks.code_columns(encoding.frame, label=True), [*encoding.sizes.values()][:2]
    # Each split is a trial of its own: other rows held back, another random start.
    trials = product(range(seed, seed + splits), l2)
    jobs = [joblib.delayed(_curve)(frame, sizes, widest, *trial) for trial in trials]
    done, results = [], joblib.Parallel(workers, return_as="generator")(jobs)
    try:
        for curve in runtime.progress(results, "trainings", len(jobs)):
            done.append(curve)
    except KeyboardInterrupt:
        results.close()
        whole = len(done) // len(l2)  # a split counts with all its penalties
        print(f"Interrupted: {whole} of {splits} splits are done.")
        if not whole:
            raise
        done = done[: whole * len(l2)]
    return _choice(pd.concat(done, ignore_index=True), matters, frame, splits)


def _curve(frame, sizes, widest, split, l2):
    """One training, and its loss at every dimension on the rows held back."""
    train, held_back = (BookDataset(part) for part in divide(frame, HELD_BACK, split))
    check = make_loader(held_back, 8_192, shuffle=False)
    with runtime.one_bar():
        model = wide_model(train, check, sizes, widest, l2, split)
    return losses_by_dimension(model, check).reset_index().assign(split=split, l2=l2)


def wide_model(train, check, sizes, widest, l2, seed=0, epochs=EPOCHS, patience=PATIENCE):
    """A model trained once, `widest` wide: all narrower ones are cut out of it."""
    with runtime.seeded(seed):
        model = MatrixFactorization(*sizes, embedding_dim=widest)
    lr, batch_size = _pace(len(train))
    loader = make_loader(train, batch_size, seed=seed)
    settings = {"validation": check, "keep_best": True, "patience": patience}
    if fit(model, loader, epochs, lr, l2=l2, **settings).interrupted:
        raise KeyboardInterrupt
    # Else a bias that hides in the product would pass for a dimension.
    return centered(model)


def _pace(rows):
    """Learning rate and batch size: few rows need more steps an epoch, many rows fewer."""
    if rows < 16_000:
        return 0.02, 128
    return 0.01, 512 if rows <= 160_000 else 8_192


def _choice(runs, matters, frame, asked):
    """The rule: of the lowest mean curve the smallest dimension within the error."""
    splits = runs["split"].nunique()
    # The penalty is chosen first, by the lowest point of its mean curve.
    mean = runs.groupby(["l2", "dimension"])[["loss", "error"]].mean()
    l2 = mean["loss"].groupby("l2").min().idxmin()
    curve = mean.loc[l2]
    # The mean of several splits wobbles less than one of them.
    curve["error"] /= splits**0.5  # of a mean over splits
    # Good enough is what the held-back rows cannot tell from the best.
    enough = curve["loss"] - curve["loss"].min() <= curve["error"].clip(lower=matters)
    dimension = int(enough.idxmax())
    doubts = _doubts(dimension, l2, runs, frame, splits, asked)
    return Choice(dimension, curve, l2, runs, tuple(doubts))


def _doubts(dimension, l2, runs, frame, splits, asked):
    """What may be wrong with an answer, in sentences."""
    if dimension == runs["dimension"].max():
        yield checks.words("widest")
    tried = sorted(runs["l2"].unique())
    if len(tried) > 1 and l2 in (tried[0], tried[-1]):
        more = "smaller" if l2 == tried[0] else "larger"
        yield checks.words("penalty_at_the_end", l2=l2, more=more)
    # A reader's direction is seen only through that reader's own rows.
    rows = (1 - HELD_BACK) * len(frame) / frame["UserID"].nunique()
    if rows < FEW:
        yield checks.words("few_rows", rows=rows)
    again = int(frame.duplicated(["UserID", "BookID"]).sum())
    if again:
        yield checks.words("repeats", n=again)
    if splits < asked:
        yield checks.words("some_splits", done=splits, asked=asked)
