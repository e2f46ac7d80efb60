"""What the exercises of lesson 08 use."""

import re

import numpy as np
import pandas as pd


def missing(page, questions, numbers):
    """Which lines of a page still wait for their answer, or for the number in it."""
    told = dict(re.findall(r"^ *(\w+): *(.*?) *$", page, re.MULTILINE))
    if all(told.get(name) == "..." for name in questions):
        return {"the page": ...}
    empty = [name for name in questions if told.get(name, "...") in ("", "...")]
    vague = [name for name in numbers if name not in empty and not re.search(r"\d", told[name])]
    return {"lines without an answer": empty, "lines without a number": vague}
