"""Lesson 07: the whole procedure, from a table to the number of dimensions it can pay for."""

import copy
from dataclasses import dataclass, field
from functools import partial

import joblib
import pandas as pd
import torch
from torch.nn.functional import softplus

from bookrec_helpers import checks, runtime
from bookrec_helpers.dataset import BookDataset, divide, make_loader
from bookrec_helpers.encoding import Encoding, encode
from bookrec_helpers.factorization import MatrixFactorization, losses_by_dimension

EPOCHS, PATIENCE = 60, 8
HELD_BACK = 0.2  # share of the rows
FEW = 25  # rows to train on a reader; so few cannot show six directions


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
        loss, widest = self.frame["loss"], self.frame.index[-1]
        told = f"{self.dimension} dimension{'s' * (self.dimension != 1)}"
        reason = (
            f"Held-back log loss {loss[self.dimension]:.4f}, where the biases alone have "
            f"{loss[0]:.4f} and no number of dimensions up to {widest} is clearly better "
            f"(lowest: {loss.min():.4f}; l2 = {self.l2:g})."
        )
        return "\n".join([f"{told}. {reason}", *self.warnings])

    def _repr_html_(self):
        told = "".join(f"<p>{line}</p>" for line in repr(self).splitlines())
        return told + self.frame.round(4).to_html()


def choose_dimension(
    table,
    widest=16,
    splits=3,
    l2=(0.003, 0.01, 0.02, 0.04),
    matters=0.0005,
    seed=0,
    n_jobs=None,
):
    """The number of dimensions that a table's rows can pay for (lesson 07, The procedure).

    For each split and penalty a `MatrixFactorization` is trained once, as wide as `widest`
    (at most 60 epochs, patience 8, the best epoch's weights; the learning rate and the batch
    fit the number of rows), and cut to every dimension. The penalty is the one whose curve, the
    mean over the splits, goes lowest; the dimension is the smallest within one standard error of
    the best (Breiman, Friedman, Olshen, Stone, "Classification and Regression Trees", 1984), the
    error being that of the gap between two dimensions on the same held-back rows.

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
    matters = checks.positive("matters", matters, zero=True)
    l2 = checks.several("l2", l2, partial(checks.positive, zero=True))
    workers, seed = checks.jobs(n_jobs), checks.whole("seed", seed, 0)
    encoding = table if isinstance(table, Encoding) else encode(table)
    runtime.warm_up()
    frame, sizes = checks.code_columns(encoding.frame, label=True), [*encoding.sizes.values()][:2]
    jobs = [joblib.delayed(_curves)(frame, sizes, widest, l2, seed + k) for k in range(splits)]
    done, results = [], joblib.Parallel(workers, return_as="generator")(jobs)
    try:
        for curves in runtime.progress(results, "splits", splits):
            done.append(curves)
    except KeyboardInterrupt:
        results.close()
        print(f"Interrupted: {len(done)} of {splits} splits are done.")
        if not done:
            raise
    return _choice(pd.concat(done, ignore_index=True), matters, frame, splits)


def _curves(frame, sizes, widest, l2, split):
    """The curve of each penalty on the rows that one split holds back."""
    train, held_back = (BookDataset(part) for part in divide(frame, HELD_BACK, split))
    with runtime.seeded(split):
        model = MatrixFactorization(*sizes, embedding_dim=widest)
    checks.fits(model, train)
    check = make_loader(held_back, 8_192, shuffle=False)
    with runtime.quick_settings(model):
        trained = _side_by_side(model, train, check, l2, split)
        curves = [losses_by_dimension(member, check).assign(l2=p) for member, p in zip(trained, l2)]
    return pd.concat(curves).reset_index().assign(split=split)


def _side_by_side(model, train, check, l2, seed):
    """What `fit` would make of a model with each of several penalties, in a fifth of the time.

    The members stand beside each other in the same tables and see the same batches: at most 60
    epochs, patience 8, each member's best epoch.

    Args:
        model: A `MatrixFactorization`: the start of all members; it stays as it is.
        train: A `BookDataset`.
        check: A loader of rows held back.
        l2: The penalties, a list.
        seed: Seeds the order of the rows.

    Returns:
        A `MatrixFactorization` for each penalty.
    """
    # Shape (rows, members, columns); the mean is a table of one row.
    tables = [t.detach().view(len(t), 1, -1).repeat(1, len(l2), 1) for t in model.parameters()]
    for table in tables:
        table.grad = torch.zeros_like(table)
    lr, batch_size = _pace(len(train))
    loader = make_loader(train, batch_size, seed=seed)
    adam = torch.optim.Adam(tables, lr=lr, fused=True)
    pull, kept = 2 * torch.tensor(l2).view(-1, 1), [table.clone() for table in tables]
    best, since = torch.full((len(l2),), torch.inf), torch.zeros(len(l2))
    for _ in range(EPOCHS):
        for users, books, _, labels in loader:
            _set_slopes(tables, pull, users, books, labels)
            adam.step()
        loss = _held_back_loss(tables, check)
        better = (loss < best) & (since < PATIENCE)
        best, since = torch.where(better, loss, best), torch.where(better, 0, since + 1)
        for keep, table in zip(kept, tables):
            keep[:, better] = table[:, better]
        if (since >= PATIENCE).all():
            break
    return [_member(model, [table[:, k] for table in kept]) for k in range(len(l2))]


def _pace(rows):
    """Learning rate and batch size: few rows need more steps an epoch, many rows fewer."""
    if rows < 16_000:
        return 0.02, 128
    return 0.01, 512 if rows <= 160_000 else 8_192


def _look_up(tables, users, books):
    """What rows find in the four tables, and each member's score: shape `(rows, members, 1)`."""
    pairs = zip(tables[1:], (users, books) * 2)
    u, b, x, y = (table.index_select(0, codes) for table, codes in pairs)
    return u, b, x, y, tables[0] + x + y + (u * b).sum(2, keepdim=True)


def _set_slopes(tables, pull, users, books, labels):
    """The gradients by hand: a log loss rises with its score by probability minus label."""
    u, b, x, y, scores = _look_up(tables, users, books)
    slope = (torch.sigmoid(scores) - labels.view(-1, 1, 1)) / len(labels)
    pull = pull / len(labels)
    slopes = (slope * b + pull * u, slope * u + pull * b, slope + pull * x, slope + pull * y)
    tables[0].grad.copy_(slope.sum(0, keepdim=True))
    for table, codes, given in zip(tables[1:], (users, books) * 2, slopes):
        table.grad.zero_().index_add_(0, codes, given)


def _held_back_loss(tables, check):
    """Each member's log loss, shape `(members,)`."""
    losses = []
    for users, books, _, labels in check:
        scores = _look_up(tables, users, books)[-1]
        losses.append(softplus(scores) - labels.view(-1, 1, 1) * scores)
    return torch.cat(losses).mean(0).squeeze(1)


def _member(model, tables):
    """The model with one member's numbers."""
    member = copy.deepcopy(model)
    for weights, table in zip(member.parameters(), tables):
        weights.data = table.reshape(weights.shape).clone()
    return member


def _choice(runs, matters, frame, asked):
    """The rule: of the lowest mean curve the smallest dimension within the error."""
    splits = runs["split"].nunique()
    mean = runs.groupby(["l2", "dimension"])[["loss", "error"]].mean()
    l2 = mean["loss"].groupby("l2").min().idxmin()
    curve = mean.loc[l2]
    curve["error"] /= splits**0.5  # of a mean over splits
    enough = curve["loss"] - curve["loss"].min() <= curve["error"].clip(lower=matters)
    dimension = int(enough.idxmax())
    doubts = [*_doubts(dimension, l2, runs, frame)]
    if splits < asked:
        doubts.append(f"Interrupted: this rests on {splits} of {asked} splits.")
    return Choice(dimension, curve, l2, runs, tuple(doubts))


def _doubts(dimension, l2, runs, frame):
    """What may be wrong with an answer, in sentences."""
    if dimension == runs["dimension"].max():
        yield "This is the widest that was tried: try again with a larger widest."
    tried = sorted(runs["l2"].unique())
    if len(tried) > 1 and l2 in (tried[0], tried[-1]):
        more = "smaller" if l2 == tried[0] else "larger"
        yield f"The best penalty, {l2:g}, stands at the end of the list: try {more} ones, too."
    rows = (1 - HELD_BACK) * len(frame) / frame["UserID"].nunique()
    if rows < FEW:
        yield (
            f"A reader has about {rows:.0f} rows to train on: so few cannot show more than about "
            "five dimensions, should there be more."
        )
    again = int(frame.duplicated(["UserID", "BookID"]).sum())
    if again:
        yield (
            f"{again:,} rows repeat a pair of reader and book. Drop them before you encode, or "
            "rows held back are known from training."
        )
