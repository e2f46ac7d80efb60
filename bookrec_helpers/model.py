"""Lesson 03: the network with one embedding table each for users, books and genres."""

import torch
from torch import nn

from bookrec_helpers.dimension import flag, positive, whole

HIDDEN = 32
TABLES = ("users", "books", "genres")


class BookRecommendationModel(nn.Module):
    """The probability that a user likes a book of a genre.

    Three embedding tables are looked up, their vectors laid side by side, and passed
    through two linear layers: fc1 to 32 with ReLU, fc2 to 1 with a sigmoid.

    Args:
        num_users, num_books, num_genres: Rows of the three tables.
        embedding_dim_users, embedding_dim_books, embedding_dim_genres: Their columns.
        init_std: Standard deviation of the random start of the tables. At 1.0 they
            stay as `nn.Embedding` made them, so that a seed gives PyTorch's own weights.
        sparse: Whether the tables' gradients are sparse, for tables of hundreds of
            thousands of rows.

    Raises:
        TypeError: A size or a dimension is not a whole number.
        ValueError: A size or a dimension is below 1, `init_std` is not above 0, or the
            tables do not fit into the machine's memory.
    """

    def __init__(
        self,
        num_users,
        num_books,
        num_genres,
        embedding_dim_users=3,
        embedding_dim_books=3,
        embedding_dim_genres=2,
        init_std=1.0,
        sparse=False,
    ):
        super().__init__()
        _check_sizes(locals())
        self.init_std = positive("init_std", init_std)
        self.user_embedding = nn.Embedding(num_users, embedding_dim_users, sparse=sparse)
        self.book_embedding = nn.Embedding(num_books, embedding_dim_books, sparse=sparse)
        self.genre_embedding = nn.Embedding(num_genres, embedding_dim_genres, sparse=sparse)
        total_dim = embedding_dim_users + embedding_dim_books + embedding_dim_genres
        self.fc1 = nn.Linear(total_dim, HIDDEN)
        self.fc2 = nn.Linear(HIDDEN, 1)
        if init_std != 1.0:
            for table in (self.user_embedding, self.book_embedding, self.genre_embedding):
                nn.init.normal_(table.weight, std=init_std)

    def forward(self, users, books, genres):
        """Probabilities of a like.

        Args:
            users, books, genres: Codes, int64 tensors of one shape, `(batch,)`.

        Returns:
            A float tensor of that shape, each number between 0 and 1.

        Raises:
            TypeError: The codes are no tensors of whole numbers.
            ValueError: A code lies outside its table, or the shapes differ.
        """
        try:
            vectors = [
                self.user_embedding(users),
                self.book_embedding(books),
                self.genre_embedding(genres),
            ]
            x = torch.cat(vectors, dim=-1)
        except (IndexError, RuntimeError, TypeError):
            _check_tensors(users, books, genres)
            raise ValueError(self._outside(users, books, genres)) from None
        x = torch.relu(self.fc1(x))
        return torch.sigmoid(self.fc2(x)).squeeze(-1)

    def _outside(self, users, books, genres):
        """Names the codes that a table does not have."""
        given = {"user": users, "book": books, "genre": genres}
        told = []
        for entity, codes in given.items():
            rows = getattr(self, f"{entity}_embedding").num_embeddings
            wrong = codes[(codes < 0) | (codes >= rows)]
            if wrong.numel():
                told.append(f"{entity} code {wrong.flatten()[0].item()} (codes: 0 to {rows - 1})")
        return (
            "Outside its embedding table: " + ", ".join(told) + ". Encode with the same encoding."
        )


def _check_tensors(users, books, genres):
    """Raises unless all are tensors of codes, of one shape."""
    for name, codes in {"users": users, "books": books, "genres": genres}.items():
        if not isinstance(codes, torch.Tensor) or codes.dtype not in (torch.int64, torch.int32):
            kind = getattr(codes, "dtype", type(codes).__name__)
            raise TypeError(f"{name} must be a tensor of codes (torch.int64), not {kind}.")
    if not users.shape == books.shape == genres.shape:
        shapes = ", ".join(str(tuple(codes.shape)) for codes in (users, books, genres))
        raise ValueError(f"users, books and genres must be of one shape, not {shapes}.")


def _check_sizes(given):
    """Raises unless each table has whole numbers of rows and columns, and all fit into memory."""
    for name, value in given.items():
        if name.startswith(("num_", "embedding_dim_")):
            whole(name, value)
    flag("sparse", given["sparse"])
    numbers = sum(given[f"num_{t}"] * given[f"embedding_dim_{t}"] for t in TABLES)
    try:
        torch.empty(numbers)  # asks for the memory and does not touch it
    except (RuntimeError, TypeError, OverflowError):
        raise ValueError(
            f"Tables of {numbers:,} numbers do not fit into this machine's memory. "
            "Use fewer rows or smaller dimensions."
        ) from None
