"""What the exercises of lesson 05 use."""

import numpy as np
import pandas as pd
from sklearn.metrics.pairwise import cosine_similarity

__all__ = ["another", "cosine_similarity", "five_books", "np", "pd", "table", "turned"]


def five_books():
    """Next to Lantern is River by cosine, Tower by product, Mirror by distance."""
    vectors = [[1.0, 0.0], [3.0, 0.3], [9.0, 6.0], [0.7, 0.5], [-2.0, 0.1]]
    return pd.DataFrame(vectors, ["Lantern", "River", "Tower", "Mirror", "Storm"])


def table():
    """Sixty random vectors of three numbers."""
    return np.random.default_rng(0).standard_normal((60, 3))


def turned():
    """The same vectors, turned: all distances and angles stay."""
    turn, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))
    return table() @ turn


def another():
    """The same vectors given to other rows."""
    return np.random.default_rng(2).permutation(table())
