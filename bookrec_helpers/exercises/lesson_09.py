"""What the exercises of lesson 09 use."""

import pandas as pd


def some():
    """Ten ratings in no order of time."""
    times = pd.to_datetime([5, 3, 9, 1, 7, 0, 8, 2, 6, 4], unit="D")
    return pd.DataFrame({"reader": range(10), "time": times}, index=range(20, 30))
