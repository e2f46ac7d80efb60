"""Lesson 04: the training loop, and what comes out of it."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import torch
from torch import nn

from bookrec_helpers import checks, runtime
from bookrec_helpers.dataset import BookDataset, make_loader
from bookrec_helpers.encoding import Encoding
from bookrec_helpers.measures import measures

criterion = nn.BCELoss()


@dataclass
class History:
    """What a training left behind (lesson 04, The loop, ready made).

    Attributes:
        frame: One row an epoch, indexed by `epoch` from 1: `train_loss`, the mean over
            the epoch's rows, and `validation_loss` where a validation loader was given.
        snapshots: The table asked for, before the first epoch and after each: arrays
            of shape `(rows, dimension)`. Empty when none was asked for.
        interrupted: Whether the stop button ended it.
    """

    frame: pd.DataFrame
    snapshots: list[np.ndarray] = field(default_factory=list)
    interrupted: bool = False

    @property
    def best_epoch(self) -> int:
        """The epoch with the smallest validation loss (lesson 04, Stop in time).

        Where there is no validation loss, the training loss counts.

        Raises:
            ValueError: The training was interrupted before its first epoch was done.
        """
        checks.ask(not self.frame.empty, "no_epoch")
        return int(self.frame.iloc[:, -1].idxmin())

    def _repr_html_(self):
        return self.frame._repr_html_()


def train_epoch(model, dataloader, optimizer, l2=0.0):
    """One pass over the rows; returns their mean loss (lesson 04, Whose loss is it)."""
    total, rows = 0.0, 0
    for users, books, genres, labels in dataloader:
        # backward() adds to the gradients that are there, so the old ones go first.
        optimizer.zero_grad()
        loss = criterion(model(users, books, genres), labels)
        # The loss that is reported stays the plain one; only the steps feel the penalty.
        cost = loss + l2 * penalty(model, users, books, genres) if l2 else loss
        cost.backward()
        optimizer.step()
        # detach, not item: item would wait here at every batch for the number itself.
        total += loss.detach() * len(labels)
        # The last batch may be smaller, so each batch counts by its rows.
        rows += len(labels)
    return total.item() / rows


def penalty(model, users, books, genres):
    """The mean, over a batch's rows, of the squared lengths of all that a row looks up.

    Each vector and each bias is pulled towards 0 as often as it is used (lesson 07, The
    penalty; Koren, Bell and Volinsky 2009).
    """
    codes = {"user": users, "book": books, "genre": genres}
    tables = [(n, t) for n, t in model.named_children() if isinstance(t, nn.Embedding)]
    # A row that is looked up twice is pulled twice, one that is not stays where it is.
    return sum((table(codes[n.split("_")[0]]) ** 2).sum() for n, table in tables) / len(users)


def fit(
    model, loader, epochs=5, lr=0.01, seed=None, validation=None,
    snapshot=None, keep_best=False, l2=0.0, patience=None,
):  # fmt: skip
    """Trains a model with Adam on the log loss of its probabilities (lesson 04, Five epochs).

    An interrupt (the kernel's stop button) ends the training after the batch at hand;
    the model and the history keep what was done.

    Args:
        model: A `BookRecommendationModel`, a `MatrixFactorization`, or one of your own with
            a `user_embedding` and a `book_embedding`.
        loader: Batches of (users, books, genres, labels).
        epochs: Passes over the rows, at least 1.
        lr: Learning rate, above 0.
        seed: Seeds the order of the rows where the loader has no seed of its own.
        validation: A loader of rows held back; its loss is measured after each epoch.
        snapshot: "user", "book" or "genre": the table to keep a copy of an epoch.
        keep_best: Ends with the weights of the epoch whose validation loss was
            smallest, instead of the last ones.
        l2: Weight of the `penalty`, 0 for none.
        patience: Ends the training once so many epochs in a row have not improved the
            validation loss.

    Returns:
        A `History`.

    Raises:
        TypeError: `model` has no such tables, `loader` or `validation` is no loader,
            a number is not whole that should be, or `keep_best` not True or False.
        ValueError: A number is out of range, `snapshot` names no table, `keep_best` or
            `patience` is set without `validation`, a loader is empty, the rows do not fit
            the tables, the model is not on the CPU, or the weights grow out of bounds.
    """
    checks.training(model, epochs, lr, seed, snapshot, keep_best, l2, patience, validation)
    for name, part in {"loader": loader, "validation": validation}.items():
        if part is not None or name == "loader":
            runtime.batches(name, part, model, labels=True)
    runtime.warm_up()
    rows, losses, snapshots, interrupted = [], [], _copy_of(model, snapshot), False
    weights = model.state_dict()
    passes = train_on(model, loader, epochs, lr, validation, l2)
    with runtime.seeded(seed):
        try:
            for row in runtime.progress(passes, "epoch", epochs):
                losses.append(row.get("validation_loss", -row["epoch"]))
                best = losses.index(min(losses)) + 1
                # The optimizer changes weights in place, so what is kept must be a copy.
                if keep_best and best == len(losses):
                    weights = {name: tensor.clone() for name, tensor in model.state_dict().items()}
                snapshots += _copy_of(model, snapshot)
                # The row comes last: a stop before it drops what was copied for it, below.
                rows.append(row)
                # None never equals a number: without patience all epochs are trained.
                if len(rows) - best == patience:
                    break
        # The stop button: what is done is worth keeping.
        except KeyboardInterrupt:
            interrupted = True
            print(f"Interrupted in epoch {len(rows) + 1} of {epochs}; {len(rows)} are kept.")
    checks.ask(all(part.isfinite().all() for part in model.parameters()), "out_of_bounds")
    if keep_best:
        model.load_state_dict(weights)
    frame = pd.DataFrame(rows or {"epoch": [], "train_loss": []}).set_index("epoch")
    return History(frame, snapshots[: len(rows) + 1], interrupted)


def train_on(model, loader, epochs, lr, validation=None, l2=0.0):
    """The epochs of `fit`, one at a time: yields the losses of each, a dict."""
    # Adam in one fused pass over all weights: the same steps, in less time.
    optimizer = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
    for epoch in range(1, epochs + 1):
        # Nothing of this stays switched on between two epochs, when others may compute.
        with runtime.quick_settings(model), runtime.in_words():
            # evaluate() below switches to eval mode; each epoch switches back.
            model.train()
            row = {"epoch": epoch, "train_loss": train_epoch(model, loader, optimizer, l2)}
            if validation is not None:
                row["validation_loss"] = evaluate(model, validation)["log_loss"]
        yield row


def _copy_of(model, table):
    """A list with a copy of the table's weights, empty when no table is named."""
    if table is None:
        return []
    return [getattr(model, f"{table}_embedding").weight.detach().numpy().copy()]


def predict(model, loader):
    """Probabilities and labels of a loader's rows (lesson 04, Held-back rows).

    Returns:
        Two arrays of shape `(rows,)`. A row without a label has the label nan.

    Raises:
        TypeError: `model` is no model, or `loader` no loader.
        ValueError: The loader is empty, or its rows do not fit the model.
    """
    checks.has_tables(checks.instance(model, nn.Module, "A model"), ())
    runtime.batches("loader", loader, model)
    model.eval()
    # Without gradients nothing is recorded, which saves time and memory.
    with torch.no_grad(), runtime.in_words():
        pairs = [(model(*codes), labels) for *codes, labels in loader]
    probabilities, labels = (torch.cat(parts).double().numpy() for parts in zip(*pairs))
    return probabilities, labels


def evaluate(model, loader):
    """How good a model's probabilities are on a loader's rows (lesson 04, Held-back rows).

    Returns:
        A dict with `log_loss` and `auc`: see `measures`.

    Raises:
        TypeError: `model` is no model, or `loader` no loader.
        ValueError: The loader is empty, its rows do not fit the model or have no labels, or
            the model's weights have grown out of bounds.
    """
    probabilities, labels = predict(model, loader)
    return measures(labels, probabilities)


def recommend(model, encoding, reader, k=5, rows=None):
    """The best books for a reader, those already judged left out (lesson 08, A list for a reader).

    A reader that the encoding does not know is a stranger: the books come in the order of their
    biases, the same for every stranger, and a line says so.

    Args:
        model: A trained model.
        encoding: The `Encoding` that it was trained with.
        reader: The reader's own id.
        k: How many books at the most, at least 1.
        rows: Encoded rows: the books to choose among, and what the reader has judged. The
            encoding's own where not given; pass the training rows to leave out books that
            were never trained on.

    Returns:
        A frame with the column `probability`, of a like, indexed by book, best first.

    Raises:
        TypeError: `model`, `encoding` or `rows` is something else, or `k` not a whole number.
        ValueError: There are no rows (a loaded encoding has none), `k` is below 1, the reader's
            id is of another kind than all that are known, or a stranger asks a model that has
            no biases.
    """
    checks.whole("k", k)
    checks.instance(encoding, Encoding, "An Encoding")
    rows = checks.code_columns(encoding.frame if rows is None else rows)
    checks.ask(not rows.empty, "no_books")
    asked = encoding.decode(rows[[*checks.COLUMNS]].drop_duplicates("BookID"))
    asked[encoding.columns["UserID"]] = pd.Series([reader] * len(asked), asked.index)
    codes = replace(encoding, unknown="reserve").transform(asked)
    judged = rows["BookID"][rows["UserID"] == codes["UserID"].iloc[0]]
    codes = codes[~codes["BookID"].isin(judged)]
    if judged.empty:
        checks.ask(hasattr(model, "book_bias"), "stranger", reader=reader)
        print(f"{reader!r} is a stranger: the books come by their biases, as for everyone new.")
        with torch.no_grad():
            biases = model.book_bias(torch.tensor(codes["BookID"].to_numpy())).squeeze(1)
            guesses = torch.sigmoid(model.mean + biases).double().numpy()
    else:
        guesses, _ = predict(model, make_loader(BookDataset(codes), 8_192, shuffle=False))
    books = pd.Index(asked[encoding.columns["BookID"]][codes.index], name="BookID")
    return pd.DataFrame({"probability": guesses}, books).nlargest(k, "probability")
