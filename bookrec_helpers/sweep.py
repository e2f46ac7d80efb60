"""Lesson 06: many dimensions and seeds at once, trained as one stacked model."""

from dataclasses import dataclass

import pandas as pd
import torch
from torch import nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import binary_cross_entropy, pad

from bookrec_helpers.dataset import BookDataset, make_loader, split
from bookrec_helpers.dimension import whole
from bookrec_helpers.encoding import Encoding, encode
from bookrec_helpers.model import BookRecommendationModel

STACKED = 3_000_000  # parameters; above this a stack is slower than its members alone
SPREAD = 2.5  # a group's widest table has at most this many times the columns of its narrowest
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
):
    """Trains a model for each dimension and seed, and measures all of them after each epoch.

    A member is what these lines train, with rows from `split(frame, validation, split_seed)`:

        torch.manual_seed(seed)
        model = BookRecommendationModel(*sizes, d, d, genre_dim, init_std=init_std)
        fit(model, make_loader(BookDataset(train), batch_size, seed=seed), epochs, lr)

    An interrupt (the kernel's stop button) ends the sweep; finished epochs are kept.

    Args:
        encoding: An `Encoding`, or a frame that `encode` can encode.
        dims: Dimensions of the user and book tables to try, whole numbers from 1 on.
        seeds: Seeds of the random start and of the order of the rows.
        epochs, batch_size, lr: As for `fit` and `make_loader`.
        init_std: Standard deviation of the tables' random start.
        validation: Share of the rows to hold back.
        genre_dim: Dimension of the genre table.
        split_seed: Seeds which rows are held back; the same for all members.

    Returns:
        A frame, one row a dimension, seed and epoch, sorted by them: `dimension`, `seed`,
        `epoch`, `train_loss`, `validation_loss`, `auc`, `parameters`.

    Raises:
        TypeError: A dimension, a seed or a size is not a whole number.
        ValueError: A list is empty or names a number twice, or a number is out of range.
    """
    dims, seeds = _whole_list("dims", dims, 1), _whole_list("seeds", seeds, 0)
    if not isinstance(encoding, Encoding):
        encoding = encode(encoding)
    parts = [BookDataset(part) for part in split(encoding.frame, validation, split_seed)]
    members = _members(list(encoding.sizes.values()), dims, seeds, genre_dim, init_std)
    rows = []
    for group in _groups(members):
        rows += _train(group, *parts, epochs, batch_size, lr)
    return pd.DataFrame(rows, columns=COLUMNS).sort_values(COLUMNS[:3], ignore_index=True)


@dataclass
class Member:
    """One model of a sweep."""

    dimension: int
    seed: int
    model: BookRecommendationModel
    parameters: int


def _members(sizes, dims, seeds, genre_dim, init_std):
    """A fresh model for each dimension and seed; torch's random state stays as it was."""
    members = []
    with torch.random.fork_rng():
        for dimension in dims:
            for seed in seeds:
                torch.manual_seed(seed)
                widths = (dimension, dimension, genre_dim)
                model = BookRecommendationModel(*sizes, *widths, init_std=init_std)
                count = sum(p.numel() for p in model.parameters())
                members.append(Member(dimension, seed, model, count))
    return members


def _groups(members):
    """Members of similar width together, widest first, within `STACKED` padded parameters."""
    groups = []
    for member in sorted(members, key=lambda member: -member.dimension):
        widest = groups[-1][0] if groups else None
        if (
            widest is None
            or widest.dimension > SPREAD * member.dimension + 4
            or widest.parameters * (len(groups[-1]) + 1) > STACKED
        ):
            groups.append([])
        groups[-1].append(member)
    return groups


def _widen(model, width):
    """Adds columns of zeros to the user and book tables, and to fc1 where it reads them."""
    tables = (model.user_embedding, model.book_embedding, model.genre_embedding)
    parts = model.fc1.weight.detach().split([table.weight.shape[1] for table in tables], dim=1)
    widened = []
    for table, part in zip(tables[:2], parts[:2], strict=True):
        zeros = (0, width - part.shape[1])
        table.weight = nn.Parameter(pad(table.weight.detach(), zeros))
        widened.append(pad(part, zeros))
    model.fc1.weight = nn.Parameter(torch.cat([*widened, parts[2]], dim=1))


def _train(group, train, validation, epochs, batch_size, lr):
    """Trains a group's models as one; returns a row a member and epoch."""
    for member in group:
        _widen(member.model, group[0].dimension)
    weights, _ = stack_module_state([member.model for member in group])
    network = group[0].model
    forward = vmap(lambda weights, *codes: functional_call(network, weights, codes))
    optimizer = torch.optim.Adam(weights.values(), lr=lr, fused=True)
    numbers = torch.arange(len(train))
    orders = [make_loader(numbers, len(train), seed=member.seed) for member in group]
    rows = []
    for epoch in range(1, epochs + 1):
        order = torch.stack([rows for loader in orders for rows in loader])
        total = torch.zeros(len(group))
        for batch in order.split(batch_size, dim=1):
            *codes, labels = train[batch]
            optimizer.zero_grad()
            losses = binary_cross_entropy(forward(weights, *codes), labels, reduction="none")
            losses = losses.mean(dim=1)
            losses.sum().backward()
            optimizer.step()
            total += losses.detach() * batch.shape[1]
        losses, aucs = _evaluate(network, weights, validation)
        measured = zip(group, (total / len(train)).tolist(), losses, aucs, strict=True)
        rows += [(m.dimension, m.seed, epoch, *numbers, m.parameters) for m, *numbers in measured]
    return rows


def _evaluate(network, weights, rows):
    """The log loss and AUC of each member on the same rows."""
    forward = vmap(
        lambda weights, *codes: functional_call(network, weights, codes), (0, None, None, None)
    )
    with torch.no_grad():
        codes = (rows.users, rows.books, rows.genres)
        probabilities = forward(weights, *codes)
    tiny = torch.finfo(torch.float64).eps
    clipped = probabilities.double().clamp(tiny, 1 - tiny)
    labels = rows.labels.double().expand_as(clipped)
    losses = binary_cross_entropy(clipped, labels, reduction="none").mean(dim=1)
    return losses.tolist(), _auc(probabilities, rows.labels == 1).tolist()


def _auc(probabilities, liked):
    """Each member's chance that a liked row stands above another; a tie counts half.

    Args:
        probabilities: Shape `(members, rows)`.
        liked: Booleans, shape `(rows,)`.
    """
    lower = probabilities[:, ~liked].sort(dim=1).values
    upper = probabilities[:, liked].sort(dim=1).values
    below = torch.searchsorted(lower, upper) + torch.searchsorted(lower, upper, right=True)
    return below.double().mean(dim=1) / (2 * lower.shape[1])


def _whole_list(name, given, least):
    """The numbers as a list of ints; raises unless each is whole, and there once."""
    if isinstance(given, (int, str)):
        raise TypeError(f"{name} must be a list of whole numbers, not {given!r}.")
    numbers = [whole(f"Each of {name}", number, least) for number in given]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError(f"{name} must hold at least one number, and none twice; got {numbers}.")
    return numbers
