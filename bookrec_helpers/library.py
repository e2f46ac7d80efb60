"""The data of the course: a magical library of readers, books, genres, and who liked what."""

import pandas as pd


def magical_library() -> pd.DataFrame:
    """The six rows the course starts from.

    Returns:
        A data frame of 6 rows with the columns `UserID` (3 readers), `BookID`
        (4 books), `Genre` (3 genres), and `Liked` (1 liked, 0 not).
    """
    return pd.DataFrame(
        {
            "UserID": [1, 1, 2, 2, 3, 3],
            "BookID": [101, 102, 101, 103, 104, 102],
            "Genre": ["Fantasy", "Romance", "Fantasy", "Mystery", "Fantasy", "Romance"],
            "Liked": [1, 0, 1, 0, 1, 1],
        }
    )
