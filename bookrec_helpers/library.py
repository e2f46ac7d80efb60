"""Lessons 00, 04, 07: a magical library of readers, books, genres, and who liked what."""

import math
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import pandas as pd

from bookrec_helpers.checks import COLUMNS, LABEL, ask, positive, toml_beside, whole

MOST_NUMBERS = 10**8  # a gigabyte while a library is made
# Readers, books, rows, and the most dimensions that so many rows can show.
MYSTERIES = ((300, 200, 40_000, 6), (300, 200, 8_000, 5), (2_000, 1_500, 50_000, 5))
GENRES, ADJECTIVES, NOUNS = toml_beside(__file__).values()


def magical_library() -> pd.DataFrame:
    """The six rows the course starts from (lesson 00, A librarian with six notes).

    Returns:
        A data frame of 6 rows with the columns `UserID` (3 readers), `BookID`
        (4 books), `Genre` (3 genres), and `Liked` (1 liked, 0 not).
    """
    notes = {
        "UserID": [1, 1, 2, 2, 3, 3],
        "BookID": [101, 102, 101, 103, 104, 102],
        "Genre": ["Fantasy", "Romance", "Fantasy", "Mystery", "Fantasy", "Romance"],
        "Liked": [1, 0, 1, 0, 1, 1],
    }
    return pd.DataFrame(notes)


@dataclass(frozen=True)
class PlantedLibrary:
    """A library whose likes were drawn from tastes that we know.

    Attributes:
        data: Rows with `UserID`, `BookID` (a title), `Genre` and `Liked`.
        chance: For each row of `data` the true probability of a like.
        users, books: The true taste vectors, frames of shape `(readers, taste_dim)` and
            `(books, taste_dim)`, one row an id or a title.
        generosity, popularity: The true bias of each reader and of each book.
        genre_of: The genre of each title.
        taste_dim: The dimension of the taste vectors: the right answer.
    """

    data: pd.DataFrame
    chance: pd.Series
    users: pd.DataFrame
    books: pd.DataFrame
    generosity: pd.Series
    popularity: pd.Series
    genre_of: pd.Series
    taste_dim: int

    @property
    def noise_floor(self) -> dict[str, float]:
        """The `log_loss` and `auc` of someone who knows the truth; no model can do better."""
        from bookrec_helpers.measures import measures  # sklearn is slow to import

        return measures(self.data["Liked"], self.chance)


def planted_library(
    num_users=300, num_books=200, num_genres=12, num_rows=40_000, taste_dim=3,
    strength=4.0, seed=0, generosity=0.0, popularity=0.0,
) -> PlantedLibrary:  # fmt: skip
    """Makes a library with a known answer (lesson 04, A library with a known answer).

    Readers and genres get random taste vectors from N(0, 1). A book's vector is
    0.7 times its genre's plus 0.7 times one of its own. A reader likes a book with the
    chance sigmoid(strength * <reader, book> / sqrt(taste_dim) + the reader's bias + the
    book's bias). Which readers met which books is drawn at random, no pair twice.

    Args:
        num_users, num_books: Readers and books, at least 2 each.
        num_genres: Genres, at least 2 and at most `num_books`.
        num_rows: Rows, at most `num_users * num_books`.
        taste_dim: Dimension of the taste vectors; 0 plants no taste at all.
        strength: How decided the readers are, above 0: small values mean more noise.
        seed: Seeds all of it; the same seed gives the same library.
        generosity, popularity: Standard deviations of the readers' and the books' biases:
            some readers like nearly everything, some books are liked by nearly everybody.

    Raises:
        TypeError: A size is not a whole number.
        ValueError: A number is out of the range above, or the library would be too
            large to make.
    """
    _check(num_users, num_books, num_genres, num_rows, taste_dim)
    positive("strength", strength)
    positive("generosity", generosity, zero=True)
    positive("popularity", popularity, zero=True)
    # One generator for all of it: the same seed draws the same numbers in the same order.
    rng = np.random.default_rng(whole("seed", seed, 0))
    (biases,) = rng.spawn(1)  # draws of their own, which move no other
    genres = rng.standard_normal((num_genres, taste_dim))
    # 0, 1, ... 11, 0, 1, ... shuffled: each genre gets as many books as any other.
    genre_codes = rng.permutation(np.arange(num_books) % num_genres)
    # 0.7² + 0.7² is nearly 1, so a book's vector is as long as a reader's.
    books = 0.7 * genres[genre_codes] + 0.7 * rng.standard_normal((num_books, taste_dim))
    users = rng.standard_normal((num_users, taste_dim))
    user_bias = generosity * biases.standard_normal(num_users)
    book_bias = popularity * biases.standard_normal(num_books)
    # A pair is one number, reader * num_books + book, and no number is drawn twice.
    reader, book = np.divmod(rng.choice(num_users * num_books, num_rows, False), num_books)
    # A sum of d products grows like the root of d; divided by it, it stays comparable.
    taste = strength / math.sqrt(max(taste_dim, 1)) * (users[reader] * books[book]).sum(axis=1)
    with np.errstate(over="ignore"):  # a chance of 0 for the most decided
        chance = 1 / (1 + np.exp(-(taste + user_bias[reader] + book_bias[book])))
    # A coin for each row, as biased as the chance says: this is the noise nobody can beat.
    liked = (rng.random(num_rows) < chance).astype(int)
    # Ids with gaps, as in real tables: an id is a name and no code.
    ids = pd.Index(1000 + rng.choice(10 * num_users, num_users, replace=False), name="UserID")
    every = [f"The {adjective} {noun}" for adjective, noun in product(ADJECTIVES, NOUNS)]
    titles = pd.Index(rng.permutation(_names(num_books, every)), name="BookID")
    genre_of = pd.Series(np.array(_names(num_genres, GENRES))[genre_codes], titles, name="Genre")
    columns = (ids[reader], titles[book], genre_of.to_numpy()[book], liked)
    axes = [f"taste {i}" for i in range(taste_dim)]
    return PlantedLibrary(
        pd.DataFrame(dict(zip((*COLUMNS, LABEL), columns))),
        pd.Series(chance, name="chance"),
        pd.DataFrame(users, ids, axes),
        pd.DataFrame(books, titles, axes),
        pd.Series(user_bias, ids, name="generosity"),
        pd.Series(book_bias, titles, name="popularity"),
        genre_of,
        taste_dim,
    )


@dataclass
class MysteryLibrary:
    """A library whose taste dimension lies in a sealed envelope.

    Attributes:
        number: Which mystery this is.
        data: Rows with the tutorial's columns.
    """

    number: int
    data: pd.DataFrame
    _truth: PlantedLibrary = field(repr=False)
    _answer: tuple[int, str] | None = field(default=None, repr=False)

    def commit(self, answer: int, because: str) -> None:
        """Writes your answer down, with your evidence. It cannot be changed afterwards.

        Args:
            answer: The dimension; 0 says that the biases explain all there is.
            because: Your evidence, in a sentence.

        Raises:
            TypeError: `answer` is not a whole number.
            ValueError: It is below 0, there is no evidence, or you have committed before.
        """
        ask(not self._answer, "committed", answer=self._answer)
        ask(isinstance(because, str) and because.strip(), "because")
        self._answer = (whole("answer", answer, 0), because)

    def open_envelope(self) -> PlantedLibrary:
        """Shows the true dimension beside your answer, and returns the whole truth.

        Raises:
            ValueError: You have not committed to an answer.
        """
        ask(self._answer, "not_committed")
        print(f"Mystery {self.number}: the taste dimension is {self._truth.taste_dim}.")
        print("You said {}, because {}".format(*self._answer))
        return self._truth


def mystery_library(number: int) -> MysteryLibrary:
    """Library `number` of an endless row, its answer not shown (lesson 07, The mystery).

    A third of them have 40,000 rows of 300 readers and 200 books, and a taste of 0 to 6
    dimensions. The others have few rows for their readers (8,000 rows of as many, or 50,000
    of 2,000 readers and 1,500 books) and 0 to 5. Half of all have biases from N(0, 1).

    Raises:
        TypeError: `number` is not a whole number.
        ValueError: It is below 0.
    """
    # The number alone decides all that follows, so mystery 7 is the same for everybody.
    rng = np.random.default_rng([2718, whole("number", number, 0)])
    num_users, num_books, num_rows, most = MYSTERIES[rng.integers(len(MYSTERIES))]
    bias = float(rng.integers(2))
    taste_dim, seed = int(rng.integers(most + 1)), int(rng.integers(2**31))
    truth = planted_library(num_users, num_books, 12, num_rows, taste_dim, 4.0, seed, bias, bias)
    return MysteryLibrary(number, truth.data, truth)


def _names(count: int, pool: list[str]) -> list[str]:
    """`count` different names; past the end of the pool they get a number."""
    rounds = range(1, -(-count // len(pool)) + 1)
    return [f"{name} {k}" if k > 1 else name for k in rounds for name in pool][:count]


def _check(num_users, num_books, num_genres, num_rows, taste_dim) -> None:
    """Raises unless such a library can exist."""
    for name, size in {"users": num_users, "books": num_books, "genres": num_genres}.items():
        whole(f"num_{name}", size, 2)
    whole("num_rows", num_rows)
    whole("taste_dim", taste_dim, 0)
    ask(num_genres <= num_books, "genres", genres=num_genres, books=num_books)
    pairs, told = num_users * num_books, {"users": num_users, "books": num_books}
    ask(num_rows <= pairs, "pairs", rows=num_rows, pairs=pairs, **told)
    numbers = (num_users + num_books + num_rows) * max(taste_dim, 1) + 10 * num_users
    ask(numbers <= MOST_NUMBERS, "library", numbers=numbers, most=MOST_NUMBERS)
