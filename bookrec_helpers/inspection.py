"""Lesson 05: what the tables learned."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import cosine_similarity

from bookrec_helpers import checks
from bookrec_helpers.checks import COLUMNS, TABLES, UNKNOWN


def embedding_table(model, table, encoding):
    """A learned table with its names, one row a category (lesson 05, The learned tables).

    Args:
        model: The model that holds the table.
        table: "user", "book" or "genre".
        encoding: The `Encoding` whose codes the model was trained on.

    Returns:
        A float frame of shape `(categories, dimension)`; a row reserved for unknown
        values is named "(unknown)".

    Raises:
        TypeError: `model` has no such table, or `encoding` is no `Encoding`.
        ValueError: `table` names no table, it has not as many rows as the encoding says, or
            the model is not on the CPU.
    """
    checks.as_many_rows(model, encoding, [checks.choice("table", table, TABLES)])
    column = COLUMNS[TABLES.index(table)]
    # A copy: detached from the gradients, and safe from further training.
    weights = getattr(model, f"{table}_embedding").weight.detach().numpy().copy()
    names = list(encoding.categories[column])
    names += [UNKNOWN] * (len(weights) - len(names))
    axes = [f"dim {i}" for i in range(weights.shape[1])]
    return pd.DataFrame(weights, pd.Index(names, name=column, tupleize_cols=False), axes)


def nearest(table, name, k=5, votes=None, at_least=1):
    """The rows that point most nearly the same way as the row `name` (lesson 05, Near by which).

    Args:
        table: A data frame of vectors, such as `embedding_table` returns.
        name: The row's label.
        k: How many rows at the most, at least 1.
        votes: How many rows each category was trained on, a Series by its name.
        at_least: Only rows with so many votes are neighbors; a vector that was hardly ever
            trained still points where it started.

    Returns:
        A frame with the column `cosine` (1 same direction, 0 at right angles, -1 opposite),
        nearest first; the row itself and the one reserved for strangers are left out.

    Raises:
        TypeError: `table` is not a data frame of numbers, or a number is not whole.
        ValueError: `name` is not one row of the table, the table holds missing or
            infinite numbers or one column only, that row's numbers are all 0, or `k` is
            below 1.
    """
    checks.whole("k", k)
    own = checks.one_direction(checks.vectors(table), name)
    # The angle, not the distance: how long a vector is says how sure, not what it likes.
    cosine = cosine_similarity(table, own)[:, 0]
    found = pd.DataFrame({"cosine": cosine}, index=table.index).drop(name)
    found = found.drop(UNKNOWN, errors="ignore")
    if checks.whole("at_least", at_least) > 1:
        known = checks.instance(votes, pd.Series, "votes, a Series of rows by name,")
        found = found[known.reindex(found.index).fillna(0) >= at_least]
    return found.sort_values("cosine", ascending=False, kind="stable").head(k)


class Projection(NamedTuple):
    """A flat picture of a table (lesson 05, A flat map, by hand).

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
        vectors = checks.array_of_vectors(vectors, columns=self.pca.n_features_in_)
        return _two_columns(self.pca.transform(vectors))


def project(table):
    """Flattens a table to its two directions of largest variance, PCA (lesson 05, A flat map).

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
    vectors = checks.vectors(table, rows=2).to_numpy(float)
    total = vectors.var(axis=0, ddof=1).sum()
    # PCA centers the table itself and finds the two directions of largest variance.
    pca = PCA(n_components=min(2, *vectors.shape)).fit(vectors)
    points = _two_columns(pca.transform(vectors))
    shares = _two_columns(pca.explained_variance_[None])[0] / total
    return Projection(pd.DataFrame(points, table.index, ["x", "y"]), shares, pca)


def spectrum(table):
    """How a table's variance is spread over its directions (lesson 06, The spectrum).

    Beside it stands what noise alone looks like: the mean spectrum of twenty untrained
    tables of the same shape, from N(0, 1). A direction stands out when its share is at
    least twice the largest share of noise; the count of those estimates the dimension of
    what was learned. It needs a table with many more columns than that, and it cannot count
    beyond about five.

    Args:
        table: A data frame of vectors of shape `(categories, dimension)`.

    Returns:
        A frame indexed by `direction` from 1, strongest first: `share` and `untrained`, each
        adding up to 1, and `stands_out`.

    Raises:
        TypeError: `table` is not a data frame of numbers.
        ValueError: It has fewer than two rows, holds missing, infinite or huge numbers, or
            all its vectors are alike.
    """
    share = _shares(checks.vectors(table, rows=2).to_numpy(float))
    # Twenty tables of noise, since one alone would wobble.
    rng = np.random.default_rng(0)
    untrained = np.mean([_shares(rng.standard_normal(table.shape)) for _ in range(20)], axis=0)
    directions = pd.RangeIndex(1, len(share) + 1, name="direction")
    # Past the first direction that is no stronger than noise, nothing counts any more.
    stands_out = np.logical_and.accumulate(share >= 2 * untrained[0])
    columns = {"share": share, "untrained": untrained, "stands_out": stands_out}
    return pd.DataFrame(columns, directions)


def _shares(vectors):
    """Each direction's share of the variance; singular values of the centered table, squared."""
    # Centered, or the first direction would only point from 0 to the middle of the cloud.
    strengths = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    return strengths / strengths.sum()


def movement(before, after):
    """How far vectors moved, as a share of how far apart they ended (lesson 05, Before and after).

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
    before, after = checks.two_of_one_shape(before, after)
    # A move of 1 is far in a small cloud and nothing in a large one: hence the ratio.
    spread = np.linalg.norm(after - after.mean(axis=0), axis=1).mean()
    return float(np.linalg.norm(after - before, axis=1).mean() / spread)


def _two_columns(points):
    """The first two columns; a column of zeros stands in for a second that is not there."""
    return np.pad(points, ((0, 0), (0, max(0, 2 - points.shape[1]))))[:, :2]
