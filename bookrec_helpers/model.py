"""Lesson 03: the network with one embedding table each for users, books and genres."""

import torch
from torch import nn

from bookrec_helpers import checks, runtime


class BookRecommendationModel(nn.Module):
    """The probability that a user likes a book of a genre (lesson 03, The whole as a class).

    Three embedding tables are looked up, their vectors laid side by side, and passed
    through two linear layers: fc1 to 32 with ReLU, fc2 to 1 with a sigmoid.

    Args:
        num_users, num_books, num_genres: Rows of the three tables.
        embedding_dim_users, embedding_dim_books, embedding_dim_genres: Their columns.
        init_std: Standard deviation of the random start of the tables (lesson 05, Try ten
            starts). At 1.0 they stay as `nn.Embedding` made them, so that a seed gives
            PyTorch's own weights.

    Raises:
        TypeError: A size or a dimension is not a whole number.
        ValueError: A size or a dimension is below 1, `init_std` is not above 0, or the
            tables do not fit into the machine's memory.
    """

    def __init__(
        self, num_users, num_books, num_genres,
        embedding_dim_users=3, embedding_dim_books=3, embedding_dim_genres=2, init_std=1.0,
    ):  # fmt: skip
        runtime.room_for(
            users=(num_users, embedding_dim_users),
            books=(num_books, embedding_dim_books),
            genres=(num_genres, embedding_dim_genres),
        )
        super().__init__()
        # Each of these is a table of random numbers; training turns a row into a meaning.
        self.user_embedding = nn.Embedding(num_users, embedding_dim_users)
        self.book_embedding = nn.Embedding(num_books, embedding_dim_books)
        self.genre_embedding = nn.Embedding(num_genres, embedding_dim_genres)
        total_dim = embedding_dim_users + embedding_dim_books + embedding_dim_genres
        # fc1 reads the three vectors laid end to end, whatever their lengths.
        self.fc1 = nn.Linear(total_dim, 32)
        self.fc2 = nn.Linear(32, 1)
        self.init_std = checks.positive("init_std", init_std)
        start_small(self, init_std)

    @runtime.asks_for_codes
    def forward(self, users, books, genres):
        """Probabilities of a like.

        Args:
            users, books, genres: Codes, int64 tensors of shape `(batch,)`.

        Returns:
            A float tensor of shape `(batch,)`, each number between 0 and 1.

        Raises:
            TypeError: The codes are no tensors of whole numbers.
            ValueError: A code lies outside its table, or the shapes differ.
        """
        x = torch.cat(
            [self.user_embedding(users), self.book_embedding(books), self.genre_embedding(genres)],
            dim=1,
        )
        # Without the bend of ReLU, two linear layers would be no more than one.
        x = torch.relu(self.fc1(x))
        # -1 names the last axis: a plain squeeze() drops the batch, too, when it has one row.
        return torch.sigmoid(self.fc2(x)).squeeze(-1)


def start_small(model, init_std):
    """Draws a model's tables anew from N(0, init_std²); at 1.0 they stay as PyTorch made them."""
    if init_std != 1.0:
        for layer in model.children():
            if isinstance(layer, nn.Embedding):
                nn.init.normal_(layer.weight, std=init_std)
