"""Lesson 06: many dimensions and seeds at once, trained as a few stacked models."""

import copy
import math
from collections.abc import Iterable
from dataclasses import dataclass

import joblib
import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.func import stack_module_state
from torch.nn.functional import binary_cross_entropy, pad

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.dimension import LARGEST, positive, whole
from bookrec_helpers.encoding import Encoding, encode
from bookrec_helpers.model import BookRecommendationModel
from bookrec_helpers.training import check_codes, in_words, progress, quick_settings

STACKED = 3_000_000  # parameters a group; a larger stack is slower than its members alone
FULL = 4_096  # rows a step, all members together; more would not fit in a processor's cache
NARROW, SPREAD = 16, 4  # widths up to NARROW stack well, wider ones up to SPREAD times apart
CHUNK = 1_000  # validation rows measured at once: few enough for the processor's cache
COLUMNS = ["dimension", "seed", "epoch", "train_loss", "validation_loss", "auc", "parameters"]


def sweep(
    encoding,
    dims,
    seeds,
    epochs=20,
    batch_size=256,
    lr=0.01,
    init_std=0.1,
    validation=0.2,
    genre_dim=2,
    split_seed=0,
    patience=None,
    n_jobs=-1,
):
    """Trains a model for each dimension and seed, and measures each after every epoch.

    A member of the sweep is what these lines train:

        train, held_back = split(encoding.frame, validation, split_seed)
        torch.manual_seed(seed)
        model = BookRecommendationModel(*encoding.sizes.values(), d, d, genre_dim, init_std)
        fit(model, make_loader(BookDataset(train), batch_size, seed=seed), epochs, lr)

    Members of similar width are stacked and trained as one, the groups side by side on the
    machine's cores, or wherever `joblib.parallel_config` says. An interrupt (the kernel's
    stop button) ends the sweep; the epochs that are done are kept.

    Args:
        encoding: An `Encoding`, or a data frame with the course's columns.
        dims: Dimensions of the user and book tables to try, each at least 1.
        seeds: Seeds of the random start and of the order of the rows, each at least 0.
        epochs, batch_size, lr: As for `fit` and `make_loader`.
        init_std: Standard deviation of the tables' random start.
        validation: Share of the rows to hold back.
        genre_dim: Dimension of the genre table.
        split_seed: Seeds which rows are held back, the same for every member.
        patience: Ends a group early once none of its members has been at its best in this
            many epochs; None trains all epochs.
        n_jobs: Groups trained at a time, as joblib counts: -1 is one a core.

    Returns:
        A frame, one row a dimension, seed and epoch, in that order: `dimension`, `seed`,
        `epoch`, `train_loss`, `validation_loss`, `auc` (nan where all rows held back are
        alike), and `parameters`, of that model.

    Raises:
        TypeError: A dimension, seed or size is not a whole number, or dims or seeds no list.
        ValueError: A list is empty or names a number twice, a number is out of range, or
            weights grow out of bounds.
    """
    dims, seeds = _numbers("dims", dims, 1), _numbers("seeds", seeds, 0)
    whole("epochs", epochs)
    whole("batch_size", batch_size)
    positive("lr", lr)
    if patience is not None:
        whole("patience", patience)
    if whole("n_jobs", n_jobs, -LARGEST) == 0:
        raise ValueError("n_jobs must not be 0: 1 trains one group at a time, -1 one a core.")
    encoding = encoding if isinstance(encoding, Encoding) else encode(encoding)
    parts = [BookDataset(part) for part in split(encoding.frame, validation, split_seed)]
    members = _members([*encoding.sizes.values()], dims, seeds, genre_dim, init_std)
    for part in parts:
        check_codes(members[0].model, part)
    groups = list(_groups(members, most=max(1, FULL // batch_size)))
    finished = Finished(progress(None, "epochs", len(members) * epochs))
    recipe = (*parts, epochs, batch_size, lr, patience)
    jobs = (joblib.delayed(_train)(group, *recipe, finished) for group in groups)
    workers = min(joblib.effective_n_jobs(n_jobs), len(groups))
    parallel = joblib.Parallel(workers, prefer="threads", return_as="generator_unordered")
    try:
        with quick_settings(threads=1):
            for rows in parallel(jobs):
                finished.add(rows)
    except KeyboardInterrupt:
        finished.stopped = True
        done = len(finished.rows)
        print(f"Interrupted: {done} of {len(members) * epochs} epochs are done and kept.")
    finally:
        finished.bar.close()
    return finished.as_frame()


@dataclass
class Member:
    """One model of a sweep."""

    dimension: int
    seed: int
    model: BookRecommendationModel
    parameters: int


class Finished:
    """The rows so far, shared by threads; another process gets an empty one of its own."""

    def __init__(self, bar=None):
        self.rows, self.stopped, self.bar = {}, False, bar

    def __reduce__(self):
        return Finished, ()

    def add(self, rows):
        """Keeps measures by (dimension, seed, epoch), and shows the progress."""
        new = len(rows.keys() - self.rows.keys())
        self.rows.update(rows)
        if self.bar is not None and not self.stopped:
            self.bar.update(new)

    def unless_stopped(self, batches):
        """The batches, as long as somebody waits for them."""
        for batch in batches:
            if self.stopped:
                raise KeyboardInterrupt
            yield batch

    def as_frame(self):
        rows = [(*key, *measured) for key, measured in sorted(self.rows.items())]
        return pd.DataFrame(rows, columns=COLUMNS)


def _members(sizes, dims, seeds, genre_dim, init_std):
    """An untrained model for each dimension and seed; torch's random state stays as it was."""
    members = []
    with torch.random.fork_rng():
        for dimension in dims:
            for seed in seeds:
                torch.manual_seed(seed)
                widths = (dimension, dimension, genre_dim)
                model = BookRecommendationModel(*sizes, *widths, init_std=init_std)
                parameters = sum(p.numel() for p in model.parameters())
                members.append(Member(dimension, seed, model, parameters))
    return members


def _groups(members, most):
    """Members of similar width together, widest first, at most so many in a group."""
    alike = []
    for member in sorted(members, key=lambda member: -member.dimension):
        widest = alike[-1][0] if alike else member
        if not alike or widest.dimension > max(NARROW, SPREAD * member.dimension):
            alike.append([])
        alike[-1].append(member)
    for group in alike:
        pieces = math.ceil(len(group) / max(1, min(most, STACKED // group[0].parameters)))
        yield from np.array_split(np.array(group, object), pieces)


class StackedEmbedding(nn.Module):
    """Tables of many models, shape `(members, rows, columns)`.

    Codes of shape `(members, batch)` become vectors, `(members, batch, columns)`.
    """

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, codes):
        members, rows, columns = self.weight.shape
        first = rows * torch.arange(members).unsqueeze(1)
        # The gradient of index_select is quicker than that of nn.functional.embedding.
        vectors = self.weight.flatten(0, 1).index_select(0, (codes + first).flatten())
        return vectors.view(members, -1, columns)


class StackedLinear(nn.Module):
    """Linear layers of many models: `(members, batch, in)` to `(members, batch, out)`."""

    def __init__(self, weight, bias):
        super().__init__()
        self.weight, self.bias = weight, bias

    def forward(self, x):
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.transpose(1, 2))


def stack(models, width):
    """Many models as one, each padded with zeros to tables of `width` columns.

    The zeros are the added columns of the user and book tables, and those of fc1 that
    read them. Each is multiplied by another, so its gradient is 0 and Adam leaves it so.

    Returns:
        A `BookRecommendationModel` with stacked layers: from codes of shape `(members,
        batch)`, its own `forward` makes probabilities of that shape.
    """
    for model in models:
        _widen(model, width)
    weights, _ = stack_module_state(models)
    weights = {name: nn.Parameter(weight.detach()) for name, weight in weights.items()}
    stacked = copy.deepcopy(models[0])
    for name in ("user_embedding", "book_embedding", "genre_embedding"):
        setattr(stacked, name, StackedEmbedding(weights[f"{name}.weight"]))
    for name in ("fc1", "fc2"):
        layer = StackedLinear(weights[f"{name}.weight"], weights[f"{name}.bias"])
        setattr(stacked, name, layer)
    return stacked


def _widen(model, width):
    """Adds the columns of zeros to one model."""
    tables = (model.user_embedding, model.book_embedding, model.genre_embedding)
    readers = model.fc1.weight.detach().split([table.embedding_dim for table in tables], dim=1)
    zeros = (0, width - tables[0].embedding_dim)
    for table in tables[:2]:
        table.weight = nn.Parameter(pad(table.weight.detach(), zeros))
    wide = [pad(readers[0], zeros), pad(readers[1], zeros), readers[2]]
    model.fc1.weight = nn.Parameter(torch.cat(wide, dim=1))


def _train(group, train, validation, epochs, batch_size, lr, patience, finished):
    """Trains a group's models as one.

    Returns:
        By (dimension, seed, epoch): training loss, validation loss, AUC, parameters.
    """
    model = stack([member.model for member in group], group[0].dimension)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    numbers = torch.arange(len(train))
    orders = {m.seed: make_loader(numbers, len(train), seed=m.seed) for m in group}
    held_back = make_loader(validation, CHUNK, shuffle=False)
    rows = {}
    with quick_settings(threads=1), in_words():
        for epoch in range(1, epochs + 1):
            drawn = {seed: torch.cat([*order]) for seed, order in orders.items()}
            order = torch.stack([drawn[member.seed] for member in group])
            batches = finished.unless_stopped(order.split(batch_size, dim=1))
            losses = train_epoch(model, train, batches, optimizer)
            measured = zip(group, losses, *_evaluate(model, held_back, len(group)), strict=True)
            new = {(m.dimension, m.seed, epoch): (*row, m.parameters) for m, *row in measured}
            finished.add(new)
            rows |= new
            if patience and _is_past_its_best(group, rows, epoch, patience):
                break
    return rows


def _is_past_its_best(group, rows, epoch, patience):
    """Whether no member had its lowest validation loss in the last `patience` epochs."""
    for member in group:
        losses = [rows[member.dimension, member.seed, e][1] for e in range(1, epoch + 1)]
        if len(losses) - losses.index(min(losses)) <= patience:
            return False
    return True


def train_epoch(model, train, batches, optimizer):
    """`fit`'s pass over the rows, for all members at once.

    Args:
        model: From `stack`.
        train: A `BookDataset`.
        batches: Row numbers, each of shape `(members, rows of the batch)`.
        optimizer: Of the model's parameters.

    Returns:
        The mean loss of each member, a list.
    """
    total, rows = 0, 0
    for batch in batches:
        users, books, genres, labels = train[batch]
        optimizer.zero_grad()
        probabilities = model(users, books, genres)
        losses = binary_cross_entropy(probabilities, labels, reduction="none").mean(dim=1)
        losses.sum().backward()
        optimizer.step()
        total = total + losses.detach() * batch.shape[1]
        rows += batch.shape[1]
    return (total / rows).tolist()


def _evaluate(model, loader, members):
    """The log loss and the AUC of each member on the same rows: two lists."""
    with torch.no_grad():
        pairs = [
            (model(*(column.expand(members, -1) for column in codes)), labels)
            for *codes, labels in loader
        ]
    probabilities, labels = (torch.cat(parts, dim=-1) for parts in zip(*pairs, strict=True))
    return log_losses(probabilities, labels).tolist(), aucs(probabilities, labels).tolist()


def log_losses(probabilities, labels):
    """`measures`' log loss of each row of probabilities, shape `(members, rows)`."""
    least = torch.finfo(torch.float64).eps
    clipped = probabilities.double().clamp(least, 1 - least)
    labels = labels.double().expand_as(clipped)
    return binary_cross_entropy(clipped, labels, reduction="none").mean(dim=1)


def aucs(probabilities, labels):
    """`measures`' AUC of each row of probabilities, shape `(members, rows)`.

    The share of pairs, one row liked and one not, in which the liked row has the higher
    probability; a tie counts half (Mann and Whitney, 1947).
    """
    lower = probabilities[:, labels == 0].sort(dim=1).values
    upper = probabilities[:, labels == 1].sort(dim=1).values
    beaten = torch.searchsorted(lower, upper) + torch.searchsorted(lower, upper, right=True)
    return beaten.double().mean(dim=1) / (2 * lower.shape[1])


def _numbers(name, given, least):
    """The numbers as a list of ints; raises unless each is whole, and there once."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} must be a list of whole numbers, not {given!r}.")
    numbers = [whole(f"Each of {name}", number, least) for number in given]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"{name} must hold at least one number, and none twice, not {numbers}.")
    return numbers
