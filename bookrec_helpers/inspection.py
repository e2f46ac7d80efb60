"""Lesson 05: what the tables learned."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import cosine_similarity

from bookrec_helpers.dimension import whole
from bookrec_helpers.encoding import UNKNOWN, Encoding, check_choice
from bookrec_helpers.measures import as_floats

HUGE = 1e150  # larger numbers have no square
COLUMN_OF = {"user": "UserID", "book": "BookID", "genre": "Genre"}


def embedding_table(model, table, encoding):
    """A learned table as a data frame, one row a category under its own name.

    Args:
        model: The model that holds the table.
        table: "user", "book" or "genre".
        encoding: The `Encoding` whose codes the model was trained on.

    Returns:
        A float frame of shape `(categories, dimension)`; a row reserved for unknown
        values is named "(unknown)".

    Raises:
        TypeError: `model` has no such table, or `encoding` is no `Encoding`.
        ValueError: `table` names no table, or it has not as many rows as the encoding says.
    """
    check_choice("table", table, tuple(COLUMN_OF))
    layer = getattr(model, f"{table}_embedding", None)
    if not hasattr(layer, "num_embeddings"):
        raise TypeError(f"A model with a {table}_embedding is needed, not {type(model).__name__}.")
    if not isinstance(encoding, Encoding):
        raise TypeError(f"An Encoding is needed, not {type(encoding).__name__}.")
    column = COLUMN_OF[table]
    weights = layer.weight.detach().numpy().copy()
    if len(weights) != encoding.sizes[column]:
        raise ValueError(
            f"The model's {table} table has {len(weights)} rows, but the encoding has "
            f"{encoding.sizes[column]} for {column!r}. Use the encoding it was trained with."
        )
    names = list(encoding.categories[column])
    names += [UNKNOWN] * (len(weights) - len(names))
    axes = [f"dim {i}" for i in range(weights.shape[1])]
    return pd.DataFrame(weights, pd.Index(names, name=column, tupleize_cols=False), axes)


def nearest(table, name, k=5):
    """The rows whose vectors point most nearly the same way as the row `name`.

    Args:
        table: A data frame of vectors, such as `embedding_table` returns.
        name: The row's label.
        k: How many rows at the most, at least 1.

    Returns:
        A frame with the column `cosine` (1 same direction, 0 at right angles,
        -1 opposite), nearest first, the row itself left out.

    Raises:
        TypeError: `table` is not a data frame of numbers, or `k` not a whole number.
        ValueError: `name` is not one row of the table, the table holds missing or
            infinite numbers, that row's are all 0, or `k` is below 1.
    """
    whole("k", k)
    check_table(table)
    if not pd.api.types.is_hashable(name) or name not in table.index:
        raise ValueError(f"There is no row {name!r}; the first ones are {list(table.index[:5])}.")
    own = table.loc[[name]]
    if len(own) > 1 or not own.any(axis=None):
        what = "all 0 and point nowhere" if len(own) == 1 else f"there {len(own)} times"
        raise ValueError(f"The numbers of row {name!r} are {what}.")
    cosine = cosine_similarity(table, own)[:, 0]
    found = pd.DataFrame({"cosine": cosine}, index=table.index).drop(name)
    return found.sort_values("cosine", ascending=False, kind="stable").head(k)


class Projection(NamedTuple):
    """A flat picture of a table.

    Attributes:
        points: One row a category, the columns `x` and `y`.
        shares: The share of the table's variance along x and along y, each 0 to 1.
        pca: The fitted `sklearn.decomposition.PCA`, to place other vectors on the same axes.
    """

    points: pd.DataFrame
    shares: np.ndarray
    pca: PCA

    def place(self, vectors):
        """Positions of other vectors, `(rows, dimension)`, on these axes: shape `(rows, 2)`.

        Raises:
            TypeError: The vectors are not numbers.
            ValueError: They are of another dimension, or hold missing or infinite numbers.
        """
        vectors = _vectors(vectors)
        if vectors.shape[1] != self.pca.n_features_in_:
            raise ValueError(
                f"Vectors of dimension {self.pca.n_features_in_} are needed, as the map was made "
                f"of, not {vectors.shape[1]}."
            )
        return _two_columns(self.pca.transform(vectors))


def project(table):
    """Flattens a table to its two directions of largest variance (PCA).

    Args:
        table: A data frame of vectors of shape `(categories, dimension)`. A dimension of
            1 has no second direction: y is 0 and so is its share.

    Returns:
        A `Projection`.

    Raises:
        TypeError: `table` is not a data frame.
        ValueError: It has fewer than two rows, holds missing, infinite or huge numbers, or
            all its vectors are alike.
    """
    _check_spread(table)
    vectors = table.to_numpy(float)
    total = vectors.var(axis=0, ddof=1).sum()
    pca = PCA(n_components=min(2, *vectors.shape)).fit(vectors)
    points = _two_columns(pca.transform(vectors))
    shares = _two_columns(pca.explained_variance_[None])[0] / total
    return Projection(pd.DataFrame(points, table.index, ["x", "y"]), shares, pca)


def spectrum(table):
    """How a table's variance is spread over its directions, strongest first.

    Beside it stands what noise alone looks like: the mean spectrum of twenty untrained
    tables of the same shape, from N(0, 1). A direction stands out when its share is at
    least twice the largest share of noise; the count of those estimates the dimension of
    what was learned. It needs a table with many more columns than that.

    Args:
        table: A data frame of vectors of shape `(categories, dimension)`.

    Returns:
        A frame indexed by `direction` from 1: `share` and `untrained`, each adding up to
        1, and `stands_out`.

    Raises:
        TypeError: `table` is not a data frame of numbers.
        ValueError: It has fewer than two rows, holds missing, infinite or huge numbers, or
            all its vectors are alike.
    """
    _check_spread(table)
    rng = np.random.default_rng(0)
    untrained = np.mean([_shares(rng.standard_normal(table.shape)) for _ in range(20)], axis=0)
    share = _shares(table.to_numpy(float))
    directions = pd.RangeIndex(1, len(share) + 1, name="direction")
    stands_out = np.logical_and.accumulate(share >= 2 * untrained[0])
    columns = {"share": share, "untrained": untrained, "stands_out": stands_out}
    return pd.DataFrame(columns, directions)


def _shares(vectors):
    """Each direction's share of the variance; singular values of the centered table, squared."""
    strengths = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    return strengths / strengths.sum()


def movement(before, after):
    """How far vectors moved, as a share of how far apart they ended.

    Args:
        before, after: Arrays or frames of one shape, `(rows, dimension)`.

    Returns:
        The mean length of the moves divided by the mean distance of the final
        vectors from their center. Near 0, a map of them shows the random start.

    Raises:
        TypeError: They are not tables of numbers.
        ValueError: The shapes or the rows' names differ, a number is missing or
            infinite, or the final vectors are all alike.
    """
    frames = isinstance(before, pd.DataFrame) and isinstance(after, pd.DataFrame)
    if frames and not before.index.equals(after.index):
        raise ValueError("The two tables must have the same rows in the same order.")
    before, after = _vectors(before), _vectors(after)
    if before.shape != after.shape:
        raise ValueError(f"Two tables of one shape are needed, not {before.shape}, {after.shape}.")
    _check_spread(pd.DataFrame(after))
    spread = np.linalg.norm(after - after.mean(axis=0), axis=1).mean()
    return float(np.linalg.norm(after - before, axis=1).mean() / spread)


def check_table(table, rows=1):
    """Raises unless `table` is a data frame of finite numbers with at least `rows` rows.

    Raises:
        TypeError: It is not a data frame of numbers.
        ValueError: It is too small, or holds missing, infinite or huge numbers (1e150).
    """
    if not isinstance(table, pd.DataFrame) or not all(
        pd.api.types.is_numeric_dtype(kind) for kind in table.dtypes
    ):
        raise TypeError("A data frame of vectors is needed, such as embedding_table returns.")
    if len(table) < rows or table.shape[1] < 1:
        raise ValueError(f"At least {rows} rows and a column are needed, not {table.shape}.")
    if not (np.abs(table.to_numpy(float)) < HUGE).all():
        raise ValueError(
            f"The table holds missing or infinite numbers, or larger ones than {HUGE}."
        )


def _check_spread(table):
    """Raises unless `table` has at least two rows that differ."""
    check_table(table, rows=2)
    if (table.to_numpy(float) == table.iloc[0].to_numpy(float)).all():
        raise ValueError("The vectors are all alike, so there is no direction and no distance.")


def _vectors(given):
    """An array or a frame as an array of finite numbers, of shape `(rows, dimension)`."""
    vectors = as_floats("vectors", given)
    if vectors.ndim != 2:
        raise ValueError(f"Vectors of shape (rows, dimension) are needed, not {vectors.shape}.")
    check_table(pd.DataFrame(vectors))
    return vectors


def _two_columns(points):
    """The first two columns; a column of zeros stands in for a second that is not there."""
    return np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1]))))[:, :2]
