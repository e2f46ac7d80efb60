"""Lesson 04: from a frame of codes to batches of tensors."""

import numbers

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from bookrec_helpers.dimension import LARGEST, flag, whole
from bookrec_helpers.encoding import COLUMNS, LABEL


class BookDataset(Dataset):
    """An encoded frame as tensors.

    Args:
        df: A frame with `UserID`, `BookID`, `Genre` as codes and `Liked` as 0 or 1,
            such as `encode(...).frame`.

    Attributes:
        users, books, genres: Codes, int64 tensors of shape `(rows,)`.
        labels: 0.0 or 1.0, of PyTorch's default type (float32), shape `(rows,)`.

    Raises:
        TypeError: `df` is not a data frame, or a column does not hold whole numbers.
        ValueError: A column is missing, a code is negative, or a label is not 0 or 1.
    """

    def __init__(self, df):
        _check(df)
        self.users, self.books, self.genres = (
            torch.from_numpy(df[name].to_numpy(np.int64, copy=True)) for name in COLUMNS
        )
        self.labels = torch.tensor(df[LABEL].to_numpy(float), dtype=torch.get_default_dtype())

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, rows):
        """(user, book, genre, label): one row for an int, a batch for a tensor of them."""
        return self.users[rows], self.books[rows], self.genres[rows], self.labels[rows]


def make_loader(dataset, batch_size=2, shuffle=True, seed=None):
    """A DataLoader that fetches a whole batch at once.

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
    whole("batch_size", batch_size)
    flag("shuffle", shuffle)
    if not isinstance(dataset, (Dataset, torch.Tensor)) or not hasattr(dataset, "__len__"):
        raise TypeError(f"A BookDataset is needed, not {type(dataset).__name__}.")
    if len(dataset) == 0:
        raise ValueError("The dataset has no rows, so there is nothing to load.")
    if seed is None and not shuffle:
        seed = 0  # there is nothing to draw, so torch's random state stays as it is
    generator = None if seed is None else torch.Generator().manual_seed(whole("seed", seed, 0))
    batches = RowBatches(len(dataset), batch_size, shuffle, generator)
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
        if generator is self.generator:
            torch.randperm(self.rows, generator=generator)  # RandomSampler ends with one more


def split(frame, validation=0.2, seed=0):
    """Splits rows at random into some to train on and some to check with.

    Args:
        frame: A data frame.
        validation: Share of the rows to hold back, above 0 and below 1.
        seed: Seeds the choice.

    Returns:
        `(train, validation)`, two data frames with the rows' own index labels.

    Raises:
        TypeError: `frame` is not a data frame, or `seed` not a whole number.
        ValueError: `validation` is not between 0 and 1, `seed` is below 0, or a part
            would have no rows.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"A pandas data frame is needed, not {type(frame).__name__}.")
    if not isinstance(validation, numbers.Real) or not 0 < validation < 1:
        raise ValueError(f"validation must be a share between 0 and 1, not {validation!r}.")
    seed = whole("seed", seed, 0)
    held = round(len(frame) * validation)
    if held in (0, len(frame)):
        raise ValueError(
            f"A share of {validation} of {len(frame)} rows leaves no "
            f"{'validation' if held == 0 else 'training'} rows. Use more rows or another share."
        )
    order = np.random.default_rng(seed).permutation(len(frame))
    return frame.iloc[order[held:]], frame.iloc[order[:held]]


def _check(df):
    """Raises unless df holds codes and labels that a model can be trained on."""
    if not isinstance(df, pd.DataFrame):
        raise TypeError(f"A pandas data frame is needed, not {type(df).__name__}.")
    for name in (*COLUMNS, LABEL):
        if list(df.columns).count(name) != 1:
            raise ValueError(f"Column {name!r} must be there once; got {list(df.columns)}.")
    for name in COLUMNS:
        if not pd.api.types.is_integer_dtype(df[name]) or df[name].hasnans:
            raise TypeError(
                f"Column {name!r} must hold codes, whole numbers from 0 on, but is "
                f"{df[name].dtype}. Use encode(df).frame."
            )
        if len(df) and df[name].min() < 0:
            raise ValueError(f"Column {name!r} has the negative code {df[name].min()}.")
        if len(df) and df[name].max() > LARGEST:
            raise ValueError(f"Column {name!r} has the code {df[name].max()}, too large for one.")
    wrong = df.loc[~df[LABEL].isin([0, 1]), LABEL]
    if len(wrong):
        raise ValueError(f"Column {LABEL!r} must be 0 or 1, but holds {wrong.head().tolist()}.")
