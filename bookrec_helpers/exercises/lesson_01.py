"""What the exercises of lesson 01 use."""

from itertools import combinations

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist

GENRES = ["Fantasy", "Legend", "Poetry", "Satire"]
PAIRS = np.array([f"{one} and {other}" for one, other in combinations(GENRES, 2)])


def arrangement(table):
    """Which two of the four genres are closest and which are farthest apart; ties are told."""
    if isinstance(table, pd.DataFrame) and set(GENRES) <= set(table.index):
        table = table.loc[GENRES]
    points = pd.DataFrame(table).infer_objects().to_numpy()
    if ... in points.ravel().tolist():
        return {"a place": ...}  # not attempted
    numbers = points.dtype.kind in "iuf" and bool(np.isfinite(points).all())
    told = {"every place holds a number": numbers, "the shape": list(points.shape)}
    if list(told.values()) == [True, [len(GENRES), 2]]:
        distances = pdist(points)
        told["the closest pair"] = PAIRS[np.isclose(distances, distances.min())]
        told["the farthest pair"] = PAIRS[np.isclose(distances, distances.max())]
    return told
