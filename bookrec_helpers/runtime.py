"""Ground floor: how torch runs here - threads, seeds, interrupts, progress, errors in words."""

import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

import numpy as np
import torch
from torch.utils.data import DataLoader
from tqdm import tqdm

from bookrec_helpers import checks

_hidden = ContextVar("hidden", default=False)
_drawing = threading.RLock()
TINY = 200_000  # parameters; below this a second thread costs more than it brings


def warm_up():
    """Builds an optimizer for nothing: the first takes a second, the next ones no time.

    A lesson calls it among its imports, so that no later measurement or slider waits. What
    takes a second is an import, and an import that is interrupted leaves a kernel in which
    nothing can be trained: in a thread of its own it goes on to its end.
    """
    importing = threading.Thread(target=torch.optim.Adam, args=([torch.zeros(1)],))
    importing.start()
    importing.join()  # an interrupt ends this waiting


def progress(steps, name, total=None):
    """A bar that shows itself once the steps have taken a second, and clears itself.

    A plain line of text: it needs no widgets, and it leaves nothing behind in a notebook.
    Elsewhere it goes to stderr, so that what a program prints can be sent to a file.
    """
    notebook = type(sys.stdout).__module__.startswith("ipykernel")
    where = sys.stdout if notebook else sys.stderr
    return tqdm(steps, name, total, leave=False, delay=1, file=where, disable=_hidden.get() or None)


@contextmanager
def one_bar():
    """Trainings inside show no bar of their own: there is one around them."""
    token = _hidden.set(True)
    try:
        yield
    finally:
        _hidden.reset(token)


@contextmanager
def quick_settings(model):
    """One thread for a tiny model and no denormal numbers; the caller's settings afterwards."""
    tiny = sum(weights.numel() for weights in model.parameters()) < TINY
    smallest = torch.tensor(torch.finfo(torch.float32).tiny, dtype=torch.float32)
    before, flushing = torch.get_num_threads(), bool(smallest / 2 == 0)  # torch cannot tell it
    try:
        torch.set_num_threads(1 if tiny else before)
        torch.set_flush_denormal(True)
        yield
    finally:
        torch.set_flush_denormal(flushing)
        torch.set_num_threads(before)


@contextmanager
def seeded(seed):
    """Seeds torch inside the block and leaves its random state outside as it was.

    A thread at a time: all threads draw from one state, and would take each other's numbers.
    """
    if seed is None:
        yield
        return
    with _drawing, torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


@contextmanager
def in_words():
    """What torch says about numbers and shapes inside, said for a learner; all else as it is."""
    try:
        yield
    except IndexError:
        checks.ask(False, "some_code")
    except RuntimeError as error:
        told = str(error)
        # What the loss says of a missing number.
        checks.ask("between 0 and 1" not in told, "out_of_bounds")
        checks.ask(not any(sign in told for sign in ("type", "size", "shape")), "misfit", told=told)
        raise


def asks_for_codes(forward):
    """A model's `forward` that names the codes which a table does not have.

    All that has another cause - no memory, another device, a hook - keeps its own words.
    """

    @wraps(forward)
    def asked(self, users, books, genres=None):
        try:
            return forward(self, users, books, genres)
        except (IndexError, RuntimeError, TypeError):
            given = {"user": users, "book": books, "genre": genres}
            _codes(self, {n: c for n, c in given.items() if hasattr(self, f"{n}_embedding")})
            raise

    return asked


def _codes(model, given):
    """Raises unless all are tensors of codes, of one shape `(batch,)`, that the tables have."""
    for name, codes in given.items():
        kind = getattr(codes, "dtype", type(codes).__name__)
        fine = isinstance(codes, torch.Tensor) and kind in (torch.int64, torch.int32)
        checks.ask(fine, "tensor", name=name, kind=kind)
    shapes = [tuple(codes.shape) for codes in given.values()]
    fine = len(set(shapes)) == 1 and len(shapes[0]) == 1
    checks.ask(fine, "batch", names="s, ".join(given), shapes=shapes)
    for name, codes in given.items():
        rows = getattr(model, f"{name}_embedding").num_embeddings
        wrong = codes[(codes < 0) | (codes >= rows)].tolist() or [None]
        checks.ask(wrong == [None], "outside_table", name=name, code=wrong[0], last=rows - 1)


def batches(name, given, model=None, labels=False):
    """`given`, if it gives batches of users, books, genres and labels that fit the model."""
    checks.ask(isinstance(given, (DataLoader, list, tuple)), "loader", name=name, kind=type(given))
    checks.ask(len(given) > 0, "no_batches", name=name)
    made = isinstance(given, DataLoader)  # which makes tensors of what it gets
    first = given.dataset[0] if made else given[0]
    four = isinstance(first, (list, tuple)) and len(first) == 4
    four = four and (made or all(isinstance(column, torch.Tensor) for column in first))
    checks.ask(four, "four", name=name)
    checks.ask(len({tuple(np.shape(column)) for column in first}) == 1, "batch_shape", name=name)
    known = getattr(getattr(given, "dataset", None), "labels", None)
    holes = labels and isinstance(known, torch.Tensor) and bool(known.isnan().any())
    checks.ask(not holes, "unlabeled", name=name)
    checks.fits(model, getattr(given, "dataset", None))
    return given


def room_for(**tables):
    """Raises unless this machine's memory has room for tables of so many rows and columns."""
    for name, (rows, columns) in tables.items():
        checks.whole(f"num_{name}", rows)
        checks.whole(f"embedding_dim_{name}", columns)
    numbers = sum(rows * columns for rows, columns in tables.values())
    try:
        torch.empty(numbers)  # asks for the memory and does not touch it
    except (RuntimeError, TypeError, OverflowError):
        checks.ask(False, "memory", size=numbers)
