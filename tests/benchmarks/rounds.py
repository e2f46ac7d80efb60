"""Fair races on a noisy machine: interleaved rounds, and ratios within a round."""

import random
import time

import pandas as pd


def race(contestants, counted=5):
    """Times every contestant once a round, in a new random order each round.

    Args:
        contestants: Functions without arguments by name; each does one whole run.
        counted: Rounds that count; one more before them warms up.

    Returns:
        Seconds of the processor and seconds of the wall's clock: two frames with one row
        a counted round and one column a contestant.
    """
    shuffle, cpu, wall = random.Random(0), [], []
    for _ in range(counted + 1):
        cpu.append({}), wall.append({})
        for name in shuffle.sample(list(contestants), len(contestants)):
            busy, start = time.process_time(), time.perf_counter()
            contestants[name]()
            cpu[-1][name] = time.process_time() - busy
            wall[-1][name] = time.perf_counter() - start
    return [pd.DataFrame(rounds[1:], columns=list(contestants)) for rounds in (cpu, wall)]


def table(seconds, ours):
    """How many times as long as `ours` each one takes: the quartiles of same-round ratios."""
    ratios = seconds.div(seconds[ours], axis=0).quantile([0.25, 0.5, 0.75]).T
    ratios.columns = ["ratio: lower quartile", "median", "upper quartile"]
    return ratios.assign(seconds=seconds.median()).round(3).to_string()
