"""Lesson 04: from a frame of codes to batches of tensors."""

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from bookrec_helpers import checks

BY = ("row", "reader", "time")


class BookDataset(Dataset):
    """An encoded frame as tensors (lesson 04, Feeding the notes in batches).

    Args:
        df: A frame with `UserID`, `BookID`, `Genre` as codes and `Liked` as 0 or 1,
            such as `encode(...).frame`. Without `Liked`, each label is nan: such rows
            can be predicted, not trained on.

    Attributes:
        users, books, genres: Codes, int64 tensors of shape `(rows,)`.
        labels: 0.0 or 1.0, a float32 tensor of shape `(rows,)`.

    Raises:
        TypeError: `df` is not a data frame, or a column does not hold whole numbers.
        ValueError: A column is missing, a code is negative, or a label is not 0 or 1.
    """

    def __init__(self, df):
        df = checks.code_columns(df)
        # Tensors once, here: turning a row into one each time it is asked for would be slow.
        self.users = torch.tensor(df["UserID"].to_numpy())
        self.books = torch.tensor(df["BookID"].to_numpy())
        self.genres = torch.tensor(df["Genre"].to_numpy())
        # The loss compares labels with probabilities, so they are numbers with a point.
        self.labels = torch.tensor(df["Liked"].to_numpy(), dtype=torch.float32)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        """(user, book, genre, label): one row for an int, a batch for a tensor of them."""
        return self.users[i], self.books[i], self.genres[i], self.labels[i]


def make_loader(dataset, batch_size=2, shuffle=True, seed=None):
    """A DataLoader that fetches a whole batch at once (lesson 04, The loop, ready made).

    It draws the same rows in the same order as `DataLoader(dataset, batch_size, shuffle)`
    does, by PyTorch's documented way of loading in bulk: the sampler yields a batch of
    row numbers, and `batch_size=None` hands it to the dataset as it is.

    Args:
        dataset: A `BookDataset`, or a tensor with a row a row.
        batch_size: Rows a batch, at least 1; the last batch may be smaller.
        shuffle: Whether each epoch has a new random order.
        seed: Seeds that order; None leaves it to `torch.manual_seed`.

    Raises:
        TypeError: `dataset` is neither, `batch_size` or `seed` is not a whole number, or
            `shuffle` not True or False.
        ValueError: `batch_size` is below 1, or the dataset is empty.
    """
    rows = isinstance(dataset, (Dataset, torch.Tensor)) and hasattr(dataset, "__len__")
    checks.ask(rows, "instance", needed="A BookDataset", kind=type(dataset))
    checks.ask(len(dataset) > 0, "no_rows")
    checks.whole("batch_size", batch_size)
    if seed is None and not checks.flag("shuffle", shuffle):
        seed = 0  # there is nothing to draw, so torch's random state stays as it is
    own = seed is not None
    generator = torch.Generator().manual_seed(checks.whole("seed", seed, 0)) if own else None
    batches = RowBatches(len(dataset), batch_size, shuffle, generator)
    # batch_size=None: what the sampler yields is a batch already.
    return DataLoader(dataset, sampler=batches, batch_size=None, generator=generator)


class RowBatches(Sampler):
    """The row numbers of each batch, as a tensor; shuffled by the draws of `RandomSampler`."""

    def __init__(self, rows, batch_size, shuffle, generator=None):
        self.rows, self.batch_size = rows, batch_size
        self.shuffle, self.generator = shuffle, generator

    def __len__(self):
        return -(-self.rows // self.batch_size)

    def __iter__(self):
        if not self.shuffle:
            yield from torch.arange(self.rows).split(self.batch_size)
            return
        generator = self.generator
        if generator is None:  # drawn when the first batch is asked for, as RandomSampler does
            seed = torch.empty((), dtype=torch.int64).random_().item()
            generator = torch.Generator().manual_seed(seed)
        yield from torch.randperm(self.rows, generator=generator).split(self.batch_size)
        torch.randperm(self.rows, generator=generator)  # RandomSampler ends with one more


def split(frame, validation=0.2, seed=0, *, test=None, by="row", times=None):
    """Splits rows into some to train on and some to check with (lesson 04, Held-back rows).

    It says in words when held-back rows have a reader or a book that is never trained on, and
    when the same pair of reader and book stands in both parts.

    Args:
        frame: An encoded frame.
        validation: Share of the rows to hold back, above 0 and below 1.
        seed: Seeds the choice.
        test: Share of the rows for a third part, kept for the end (lesson 08, Three parts).
        by: "row", "reader" (all rows of a reader stand in one part; shares are of readers),
            or "time" (the last rows are held back, the very last for the test).
        times: For `by="time"` a column of your own table, one time or date a row.

    Returns:
        `(train, validation)`, or `(train, validation, test)`: data frames with the rows' own
        index labels.

    Raises:
        TypeError: `frame` is not a data frame, or `seed` not a whole number.
        ValueError: A share is not between 0 and 1, `seed` is below 0, `times` does not go
            with the rows, or a part would have no rows.
    """
    parts = divide(frame, validation, seed, test=test, by=by, times=times)
    for name, part in zip(("validation", "test"), parts[1:]):
        if {"UserID", "BookID"} <= set(frame):
            _tell(name, parts[0], part)
    return parts


def divide(frame, validation=0.2, seed=0, *, test=None, by="row", times=None):
    """What `split` does, without a word."""
    checks.data_frame(frame, ["UserID"] if checks.choice("by", by, BY) == "reader" else [])
    rng = np.random.default_rng(checks.whole("seed", seed, 0))
    units = frame["UserID"].unique() if by == "reader" else np.arange(len(frame))
    # What comes last is held back, as it would be if we asked the model about tomorrow.
    order = checks.times_of(frame, times)[::-1] if by == "time" else rng.permutation(len(units))
    # Held back are the first in this order; of those, the very first are the test.
    groups = np.split(order, checks.part_edges(len(units), test, validation))
    if by == "reader":
        # A reader's rows stay together, so nobody held back was ever trained on.
        parts = [frame[frame["UserID"].isin(units[group])] for group in groups]
    else:
        parts = [frame.iloc[group] for group in groups]
    return tuple(parts[::-1])


def _tell(name, train, part):
    """Says how many rows of a part are no fair question: about strangers, or asked before."""
    # Nothing was learned about an id that is not trained on: its row is the random start.
    known = part["UserID"].isin(train["UserID"]) & part["BookID"].isin(train["BookID"])
    pairs = [pd.MultiIndex.from_frame(rows[["UserID", "BookID"]]) for rows in (part, train)]
    again = pairs[0].isin(pairs[1]).sum()
    if not known.all():
        print(checks.words("strange_rows", n=(~known).sum(), of=len(part), name=name))
    if again:
        print(checks.words("repeated_rows", n=again, of=len(part), name=name))
