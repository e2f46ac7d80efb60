"""Lesson 07: matrix factorization with biases, trained once, turned, and cut to any dimension."""

import copy

import pandas as pd
import torch
from torch import nn
from torch.nn.functional import pad, softplus

from bookrec_helpers import checks, runtime


class MatrixFactorization(nn.Module):
    """The probability of a like from a product and two biases (lesson 07, Biases).

    It is sigmoid(mean + reader's bias + book's bias + <reader, book>). Source: Koren, Bell,
    Volinsky, "Matrix Factorization Techniques for Recommender Systems", 2009.

    Args:
        num_users, num_books: Rows of the tables.
        embedding_dim: Numbers in each vector; 0 leaves the biases alone.
        init_std: Standard deviation of the vectors' random start. Biases start at 0.

    Raises:
        TypeError: A size or the dimension is not a whole number.
        ValueError: A size is below 1, the dimension below 0, `init_std` is not above 0, or
            the tables do not fit into the machine's memory.
    """

    def __init__(self, num_users, num_books, *, embedding_dim=16, init_std=0.1):
        columns = checks.whole("embedding_dim", embedding_dim, 0) + 1  # the bias is one, too
        runtime.room_for(users=(num_users, columns), books=(num_books, columns))
        super().__init__()
        self.init_std = checks.positive("init_std", init_std)
        self.user_embedding = nn.Embedding(num_users, embedding_dim)
        self.book_embedding = nn.Embedding(num_books, embedding_dim)
        # A bias is a table of one column: how generous a reader is, how popular a book.
        self.user_bias = nn.Embedding(num_users, 1)
        self.book_bias = nn.Embedding(num_books, 1)
        self.mean = nn.Parameter(torch.zeros(1))
        for table in (self.user_embedding, self.book_embedding):
            nn.init.normal_(table.weight, std=init_std)
        for table in (self.user_bias, self.book_bias):
            nn.init.zeros_(table.weight)

    @runtime.asks_for_codes
    def forward(self, users, books, genres=None):
        """Probabilities of a like.

        Args:
            users, books: Codes, int64 tensors of shape `(batch,)`.
            genres: Not used: a book's genre says nothing that the book does not.

        Returns:
            A float tensor of shape `(batch,)`, each number between 0 and 1.

        Raises:
            TypeError: The codes are no tensors of whole numbers.
            ValueError: A code lies outside its table, or the shapes differ.
        """
        # Number by number, then added up: large where both point the same way.
        product = (self.user_embedding(users) * self.book_embedding(books)).sum(dim=1)
        # Side by side first: a sum of columns of unlike length would pass unnoticed.
        biases = torch.cat([self.user_bias(users), self.book_bias(books)], dim=1)
        return torch.sigmoid(self.mean + biases.sum(dim=1) + product)


def centered(model):
    """The same scores, with all that is one reader's or one book's own in the biases.

    A product can hide a bias: books that all point one way give a reader who points there a
    lift with each of them. Both tables get the mean 0, and what that takes away goes into the
    biases (lesson 07, Biases in disguise). Source: the two-way means of the analysis of
    variance, Fisher, "Statistical Methods for Research Workers", 1925.

    Args:
        model: A `MatrixFactorization`; it stays as it is.

    Returns:
        A `MatrixFactorization` of the same dimension.

    Raises:
        TypeError: `model` is no `MatrixFactorization`.
    """
    checks.instance(model, MatrixFactorization, "A MatrixFactorization")
    moved = copy.deepcopy(model)
    users, books = moved.user_embedding.weight.data, moved.book_embedding.weight.data
    # What a reader gives to the average book is generosity, not taste ...
    moved.user_bias.weight.data += users @ books.mean(0, keepdim=True).T
    books -= books.mean(0)
    # ... and what the average reader gives to a book is popularity.
    moved.book_bias.weight.data += books @ users.mean(0, keepdim=True).T
    users -= users.mean(0)
    return moved


def cut(model, d):
    """The best table of scores that d dimensions can hold, without training (lesson 07, Cut).

    Turns both tables so that the strongest direction comes first, and keeps d of them: the
    singular value decomposition of all scores, biases aside, from the two tables alone.
    Source: Eckart and Young, "The approximation of one matrix by another of lower rank", 1936.

    Args:
        model: A `MatrixFactorization`; it stays as it is.
        d: The dimension to cut to: from 0, the biases alone, to the model's own, which
            leaves every score as it was.

    Returns:
        A `MatrixFactorization` of dimension d. A column of the readers' table is as long as
        that of the books'; the product of the two lengths is the direction's strength.

    Raises:
        TypeError: `model` is no `MatrixFactorization`, or `d` no whole number.
        ValueError: `d` is below 0 or above the model's dimension.
    """
    checks.instance(model, MatrixFactorization, "A MatrixFactorization")
    widest = model.user_embedding.embedding_dim
    checks.ask(checks.whole("d", d, 0) <= widest, "cut", widest=widest, d=d)
    # Biases and mean are not turned: only the product has directions.
    smaller = copy.deepcopy(model)
    for name, table in zip(("user_embedding", "book_embedding"), _turned(model)):
        missing = max(0, d - table.shape[1])  # fewer readers or books than columns
        table = pad(table[:, :d], (0, missing)).to(model.mean.dtype)
        setattr(smaller, name, nn.Embedding.from_pretrained(table, freeze=False))
    return smaller


def _turned(model):
    """Both tables with the same scores, strongest direction first; never readers x books."""
    tables = (model.user_embedding.weight, model.book_embedding.weight)
    # QR leaves two small square factors, so the SVD never sees readers x books.
    (q, r), (p, s) = (torch.linalg.qr(table.detach().double()) for table in tables)
    # Sorted by strength: cutting from the end loses as little as can be lost.
    left, strength, right = torch.linalg.svd(r @ s.T, full_matrices=False)
    return q @ left * strength.sqrt(), p @ right.T * strength.sqrt()


def losses_by_dimension(model, loader):
    """The loss at every dimension that a model can be cut to (lesson 07, The curve).

    Args:
        model: A `MatrixFactorization`.
        loader: Batches of (users, books, genres, labels), of rows held back.

    Returns:
        A frame indexed by `dimension` from 0 to the model's own: `loss`, the mean log loss,
        and `error`, the standard error of its gap to the best dimension, taken row by row:
        both are measured on the same rows, so what is hard about a row cancels out.

    Raises:
        TypeError: `model` is no `MatrixFactorization`, or `loader` no loader.
        ValueError: The loader is empty, or its rows do not fit the model.
    """
    checks.instance(model, MatrixFactorization, "A MatrixFactorization")
    batches = runtime.batches("loader", loader, model, labels=True)
    turned = cut(model, model.user_embedding.embedding_dim)
    with torch.no_grad():
        rows = torch.cat([_losses(_scores(turned, *codes), labels) for *codes, labels in batches])
    loss = rows.mean(0)
    # The gap row by row: what makes a row hard is hard at every dimension, and cancels.
    gaps = rows - rows[:, [loss.argmin()]]
    columns = {"loss": loss, "error": gaps.std(0, correction=0) / len(rows) ** 0.5}
    return pd.DataFrame(columns).rename_axis("dimension")


@runtime.asks_for_codes
def _scores(turned, users, books, genres):
    """Each row's score at each dimension, shape `(rows, dimensions + 1)`: a product at a time."""
    biases = turned.mean + turned.user_bias(users) + turned.book_bias(books)
    products = turned.user_embedding(users) * turned.book_embedding(books)
    # Running sums: the score at d is the biases and the first d products.
    return torch.cat([biases, products], dim=1).double().cumsum(dim=1)


def _losses(scores, labels):
    """The log loss of each score: log(1 + e^score), less the score where the row was liked."""
    return softplus(scores) - labels.unsqueeze(1) * scores
