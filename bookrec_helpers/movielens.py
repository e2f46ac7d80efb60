"""Lesson 09: the one download of the course, ratings of films that people gave.

The data set is not part of the course and must not be passed on. Its conditions: research only,
no endorsement claimed, no commercial use without permission, and this citation: F. Maxwell Harper
and Joseph A. Konstan, "The MovieLens Datasets: History and Context", ACM Transactions on
Interactive Intelligent Systems 5, 4, Article 19, 2015, https://doi.org/10.1145/2827872.
"""

import os
from pathlib import Path

import pandas as pd

from bookrec_helpers.checks import words

URL = "https://files.grouplens.org/datasets/movielens/ml-100k.zip"
SHA256 = "50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229"
FOLDER = "BOOKREC_MOVIELENS"  # an environment variable
FILES = ("u.data", "u.item")
GENRES = (
    "(none) Action Adventure Animation Children's Comedy Crime Documentary Drama Fantasy "
    "Film-Noir Horror Musical Mystery Romance Sci-Fi Thriller War Western"
).split()


class NoMovieLens(Exception):
    """The ratings are not there; a notebook shows the sentence alone."""

    def _render_traceback_(self):
        return [str(self)]


def load_movielens() -> pd.DataFrame:
    """MovieLens-100k: who gave which film how many stars, and when (lesson 09, Real ratings).

    The files come from the folder that the environment variable `BOOKREC_MOVIELENS` names, or
    else from GroupLens, once; they then stay in the user's cache.

    Returns:
        A frame with 100,000 rows, as the files have them: `reader` (a number), `film` (its
        title), `genres` (such as "Comedy|Drama"), `stars` (1 to 5), `time` (a date and time).

    Raises:
        NoMovieLens: They are neither there nor can they be fetched.
    """
    folder = Path(os.environ.get(FOLDER) or _fetched())
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise NoMovieLens(f"{FOLDER} names '{folder}', but there is no {' or '.join(missing)}.")
    ratings, films = (folder / name for name in FILES)
    ratings = pd.read_csv(ratings, sep="\t", names=["reader", "film", "stars", "time"])
    films = pd.read_csv(films, sep="|", encoding="latin-1", header=None, index_col=0)
    flags = films.iloc[:, -len(GENRES) :].astype(bool).to_numpy()
    films["genres"] = ["|".join(g for g, has in zip(GENRES, row) if has) for row in flags]
    ratings["time"] = pd.to_datetime(ratings["time"], unit="s")
    table = ratings.join(films, on="film")  # keeps the order of the ratings
    return table[["reader", 1, "genres", "stars", "time"]].rename(columns={1: "film"})


def _fetched() -> Path:
    """The folder of the two files from GroupLens, in the user's cache from the first time on."""
    import pooch  # only this download needs it

    pooch.get_logger().setLevel("WARNING")
    unzip = pooch.Unzip(members=[f"ml-100k/{name}" for name in FILES])
    where = {"path": pooch.os_cache("bookrec_helpers"), "fname": "ml-100k.zip"}
    try:
        files = pooch.retrieve(URL, f"sha256:{SHA256}", processor=unzip, **where)
    except (OSError, ValueError) as error:
        told = {"error": type(error), "folder": FOLDER, "files": " and ".join(FILES)}
        raise NoMovieLens(words("not_fetched", **told)) from error
    return Path(files[0]).parent
