"""Lesson 04: the training loop, and the measures of how good a model is."""

import math
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from bookrec_helpers.dataset import BookDataset
from bookrec_helpers.dimension import flag, positive, whole
from bookrec_helpers.encoding import check_choice
from bookrec_helpers.measures import measures

TABLES = ("user", "book", "genre")
OUT_OF_BOUNDS = (
    "The weights have grown out of bounds, or a label is not 0 or 1. "
    "Make a new model and train it with a smaller lr."
)
TINY = 200_000  # parameters; below this a second thread costs more than it brings


@dataclass
class History:
    """What a training left behind.

    Attributes:
        frame: One row an epoch, indexed by `epoch` from 1: `train_loss`, the mean over
            the epoch's rows, and `validation_loss` where a validation loader was given.
        snapshots: The table asked for, before the first epoch and after each: arrays
            of shape `(rows, dimension)`. Empty when none was asked for.
    """

    frame: pd.DataFrame
    snapshots: list[np.ndarray] = field(default_factory=list)

    @property
    def best_epoch(self) -> int:
        """The epoch with the smallest validation loss (training loss where there is none).

        Raises:
            ValueError: The training was interrupted before its first epoch was done.
        """
        if self.frame.empty:
            raise ValueError("No epoch was finished, so none is the best. Train again.")
        return int(self.frame.iloc[:, -1].idxmin())

    def _repr_html_(self):
        return self.frame._repr_html_()


def fit(
    model, loader, epochs=5, lr=0.01, seed=None, validation=None, snapshot=None, keep_best=False
):
    """Trains a model with Adam on the binary cross-entropy of its probabilities.

    An interrupt (the kernel's stop button) ends the training after the batch at hand;
    the model and the history keep what was done.

    Args:
        model: A `BookRecommendationModel`, or one of your own with the same tables.
        loader: Batches of (users, books, genres, labels).
        epochs: Passes over the rows, at least 1.
        lr: Learning rate, above 0.
        seed: Seeds the order of the rows where the loader has no seed of its own.
        validation: A loader of rows held back; its loss is measured after each epoch.
        snapshot: "user", "book" or "genre": the table to keep a copy of an epoch.
        keep_best: Ends with the weights of the epoch whose validation loss was
            smallest, instead of the last ones.

    Returns:
        A `History`.

    Raises:
        TypeError: `model` has no such tables, `loader` or `validation` is no loader,
            `epochs` or `seed` is not a whole number, or `keep_best` not True or False.
        ValueError: `epochs` is below 1, `lr` is not above 0, `snapshot` names no table,
            `keep_best` is set without `validation`, a loader is empty, the rows do not fit
            the tables, or the weights grow out of bounds.
    """
    _check(model, loader, epochs, lr, snapshot, keep_best, validation)
    optimizer, criterion = make_optimizer(model, lr), nn.BCELoss()
    rows, snapshots, best = [], _snapshot(model, snapshot), math.inf
    with quick_settings(_threads(model)), _seeded(seed), in_words():
        try:
            for epoch in progress(range(1, epochs + 1), "epoch"):
                row = {"epoch": epoch, "train_loss": _epoch(model, loader, optimizer, criterion)}
                if validation is not None:
                    row["validation_loss"] = evaluate(model, validation)["log_loss"]
                if keep_best and row["validation_loss"] < best:
                    best, weights = row["validation_loss"], _copy_of(model)
                snapshots += _snapshot(model, snapshot)
                rows.append(row)
        except KeyboardInterrupt:
            print(f"Interrupted in epoch {len(rows) + 1} of {epochs}; {len(rows)} are kept.")
    _check_finite(model)
    if keep_best and rows:
        model.load_state_dict(weights)
    return History(_as_frame(rows), snapshots[: len(rows) + 1])


def progress(steps, name, total=None):
    """A bar that shows itself once the steps have taken a second, and clears itself.

    A plain line of text: it needs no widgets, and it leaves nothing behind in a notebook.
    """
    return tqdm(steps, name, total, leave=False, delay=1, file=sys.stdout)


def warm_up():
    """Builds an optimizer for nothing: the first takes a second, the next ones no time.

    A lesson calls it among its imports, so that no later measurement or slider waits.
    """
    torch.optim.Adam([torch.zeros(1)])


def make_optimizer(model, lr):
    """Adam in one fused pass; SparseAdam beside it for tables with sparse gradients."""
    dense, sparse = [], []
    for module in model.modules():
        own = list(module.parameters(recurse=False))
        (sparse if getattr(module, "sparse", False) else dense).extend(own)
    optimizers = [torch.optim.Adam(dense, lr=lr, fused=True)]
    if sparse:
        optimizers.append(torch.optim.SparseAdam(sparse, lr=lr))
    return Optimizers(optimizers)


class Optimizers:
    """Several optimizers that step as one."""

    def __init__(self, optimizers):
        self.optimizers = optimizers

    def zero_grad(self):
        for optimizer in self.optimizers:
            optimizer.zero_grad()

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()


def _epoch(model, loader, optimizer, criterion):
    """One pass over the rows; returns their mean loss."""
    model.train()
    total, rows = torch.zeros(()), 0
    for users, books, genres, labels in loader:
        optimizer.zero_grad()
        loss = criterion(model(users, books, genres), labels)
        loss.backward()
        optimizer.step()
        total += loss.detach() * len(labels)  # .item() here would wait at every batch
        rows += len(labels)
    return total.item() / rows


def predict(model, loader):
    """Probabilities and labels of a loader's rows: two arrays of shape `(rows,)`.

    Raises:
        TypeError: `model` is no model, or `loader` no loader.
        ValueError: The loader is empty, or its rows do not fit the model.
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"A model is needed, not {type(model).__name__}.")
    _check_loader("loader", loader)
    model.eval()
    with torch.no_grad(), in_words():
        pairs = [(model(*codes), labels) for *codes, labels in loader]
    probabilities, labels = (torch.cat(parts).double().numpy() for parts in zip(*pairs))
    return probabilities, labels


def evaluate(model, loader):
    """How good a model's probabilities are on a loader's rows.

    Returns:
        A dict with `log_loss` and `auc`: see `measures`.

    Raises:
        TypeError: `model` is no model, or `loader` no loader.
        ValueError: The loader is empty, or its rows do not fit the model.
    """
    probabilities, labels = predict(model, loader)
    return measures(labels, probabilities)


@contextmanager
def quick_settings(threads):
    """That many threads and no denormal numbers inside; the caller's settings afterwards."""
    before, flushing = torch.get_num_threads(), _flushes_denormals()
    try:
        if threads != before:
            torch.set_num_threads(threads)
        torch.set_flush_denormal(True)
        yield
    finally:
        torch.set_flush_denormal(flushing)
        if threads != before:
            torch.set_num_threads(before)


def _flushes_denormals():
    """Whether numbers too small for full precision become 0; torch can set it, not tell it."""
    smallest = torch.tensor(torch.finfo(torch.float32).tiny, dtype=torch.float32)
    return (smallest / 2).item() == 0


def _threads(model):
    """One for a tiny model, else as many as torch uses anyway."""
    tiny = sum(p.numel() for p in model.parameters()) < TINY
    return 1 if tiny else torch.get_num_threads()


@contextmanager
def _seeded(seed):
    """Seeds torch inside the block and leaves its random state outside as it was."""
    if seed is None:
        yield
        return
    with torch.random.fork_rng():
        torch.manual_seed(whole("seed", seed, 0))
        yield


def _snapshot(model, table):
    """A list with a copy of the table's weights, empty when no table is named."""
    if table is None:
        return []
    return [getattr(model, f"{table}_embedding").weight.detach().numpy().copy()]


def _copy_of(model):
    return {name: weights.clone() for name, weights in model.state_dict().items()}


def _as_frame(rows):
    return pd.DataFrame(rows or {"epoch": [], "train_loss": []}).set_index("epoch")


@contextmanager
def in_words():
    """What torch says about numbers and shapes inside, said for a learner."""
    try:
        yield
    except RuntimeError as error:
        if "between 0 and 1" in str(error):  # what the loss says of a missing number
            raise ValueError(OUT_OF_BOUNDS) from error
        raise ValueError(
            f"The batches do not fit the model ({error}). Users, books and genres are tensors "
            "of int64, labels of float32."
        ) from error


def _check_finite(model):
    """Raises when the last step has left weights that are no numbers."""
    if not all(weights.isfinite().all() for weights in model.parameters()):
        raise ValueError(OUT_OF_BOUNDS)


def _check(model, loader, epochs, lr, snapshot, keep_best, validation):
    """Raises before anything is trained, so that nothing is lost."""
    whole("epochs", epochs)
    positive("lr", lr)
    if snapshot is not None:
        check_choice("snapshot", snapshot, TABLES)
    if flag("keep_best", keep_best) and validation is None:
        raise ValueError("keep_best needs a validation loader to say which epoch is best.")
    for table in TABLES:
        if not hasattr(getattr(model, f"{table}_embedding", None), "num_embeddings"):
            raise TypeError(f"A model with three tables is needed, not {type(model).__name__}.")
    for name, part in {"loader": loader, "validation": validation}.items():
        if part is not None or name == "loader":
            _check_loader(name, part)
            check_codes(model, getattr(part, "dataset", None))


def _check_loader(name, loader):
    """Raises unless `loader` gives batches of four, and gives them every time."""
    if not isinstance(loader, (DataLoader, list, tuple)):
        raise TypeError(
            f"{name} must be a loader, such as make_loader(BookDataset(frame)), "
            f"not {type(loader).__name__}."
        )
    if not len(loader):
        raise ValueError(f"{name} has no batches.")
    rows = getattr(loader, "dataset", loader)
    if isinstance(rows, BookDataset):
        return
    four = isinstance(rows[0], (list, tuple)) and len(rows[0]) == 4
    made = isinstance(loader, DataLoader)  # which makes tensors of what it gets
    if not four or not (made or all(isinstance(column, torch.Tensor) for column in rows[0])):
        raise TypeError(f"{name} must give users, books, genres and labels, four tensors a batch.")
    if len({tuple(np.shape(column)) for column in rows[0]}) > 1:
        raise ValueError(f"{name} must give four tensors of one shape a batch.")


def check_codes(model, dataset):
    """Raises when a dataset holds a code that the model's tables do not have."""
    for table in TABLES:
        codes = getattr(dataset, f"{table}s", None)
        rows = getattr(model, f"{table}_embedding").num_embeddings
        if codes is not None and len(codes) and codes.max() >= rows:
            raise ValueError(
                f"The rows hold the {table} code {codes.max().item()}, but the model's "
                f"{table} table has the codes 0 to {rows - 1}. Use the sizes of the same encoding."
            )
