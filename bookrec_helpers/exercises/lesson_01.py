"""What the exercises of lesson 01 use."""

from itertools import combinations

import numpy as np
import pandas as pd

GENRES = ("Fantasy", "Legend", "Poetry", "Satire")
PAIRS = list(combinations(range(len(GENRES)), 2))


def arrangement(table):
    """Which two of the four genres are closest and which are farthest apart; ties are told."""
    if isinstance(table, pd.DataFrame) and set(GENRES) <= set(table.index):
        table = table.loc[list(GENRES)]
    if any(isinstance(value, str) for value in np.array(table, object).flat):
        return {"every place holds a number": False}
    points = np.array(table, float)
    told = {"every place holds a number": bool(np.isfinite(points).all())}
    told["the shape"] = list(points.shape)
    if list(told.values()) == [True, [len(GENRES), 2]]:
        distances = np.array([np.linalg.norm(points[a] - points[b]) for a, b in PAIRS])
        told["the closest pair"] = _pairs(np.isclose(distances, distances.min()))
        told["the farthest pair"] = _pairs(np.isclose(distances, distances.max()))
    return told


def _pairs(chosen):
    """The names of the pairs that are chosen."""
    return [f"{GENRES[a]} and {GENRES[b]}" for (a, b), is_one in zip(PAIRS, chosen) if is_one]
