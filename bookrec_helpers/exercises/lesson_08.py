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
