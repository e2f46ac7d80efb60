"""What the exercises of lesson 05 use."""

import numpy as np
import pandas as pd
from sklearn.metrics.pairwise import cosine_similarity


def table():
    """Sixty random vectors of three numbers."""
    return np.random.default_rng(0).standard_normal((60, 3))


def turned():
    """The same vectors, turned: all distances and angles stay."""
    turn, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((3, 3)))
    return table() @ turn


def same_lengths():
    """Vectors as long as those of the table, in directions of their own."""
    vectors = np.random.default_rng(3).standard_normal((60, 3))
    lengths = np.linalg.norm(table(), axis=1) / np.linalg.norm(vectors, axis=1)
    return vectors * lengths[:, None]


def mostly():
    """The table, one row in ten exchanged."""
    return np.concatenate([table()[:54], same_lengths()[54:]])
