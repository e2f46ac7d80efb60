"""What the exercises of lesson 08 use."""

import re

import numpy as np
import pandas as pd

# The lines of a page, and those whose answer needs a number.
QUESTIONS = "Question Rows Baselines Parts Dimension Seeds Test Strangers Limits".split()
NUMBERS = "Rows Baselines Dimension Seeds Test".split()


def missing(page):
    """Which lines of a page still wait for their answer, or for the number in it."""
    told = dict(re.findall(r"^ *(\w+): *(.*?) *$", page, re.MULTILINE))
    if all(told.get(name) == "..." for name in QUESTIONS):
        return {"the page": ...}
    empty = [name for name in QUESTIONS if told.get(name, "...") in ("", "...")]
    vague = [name for name in NUMBERS if name not in empty and not re.search(r"\d", told[name])]
    return {"lines without an answer": empty, "lines without a number": vague}


def table():
    """Five judgments; two pairs of reader and title come twice, and the later one differs."""
    rows = [("Ann", "Lantern", 2, 5), ("Bob", "River", 5, 1), ("Ann", "Lantern", 4, 1),
            ("Bob", "River", 1, 9), ("Ann", "River", 3, 3)]  # fmt: skip
    return pd.DataFrame(rows, columns=["reader", "title", "stars", "date"])


def train():
    """Codes of three readers."""
    return pd.DataFrame({"UserID": [0, 1, 1, 2], "BookID": [0, 1, 2, 3]})


def validation():
    """Rows of one known reader and two strangers, one of them three times."""
    return pd.DataFrame({"UserID": [1, 3, 3, 4, 3], "BookID": [0, 9, 8, 7, 1]})
