"""Fair races on a noisy machine: interleaved rounds, and ratios within a round."""

import random
import time

import pandas as pd


def race(contestants, counted=5, clock=time.process_time):
    """Times every contestant once a round, in a new random order each round.

    Args:
        contestants: Functions without arguments by name; each does one whole run.
        counted: Rounds that count; one more before them warms up.
        clock: `time.process_time` (the processor's time) or `time.perf_counter` (the wall's).

    Returns:
        Seconds, a frame with one row a counted round and one column a contestant.
    """
    shuffle, rounds = random.Random(0), []
    for _ in range(counted + 1):
        times = {}
        for name in shuffle.sample(list(contestants), len(contestants)):
            start = clock()
            contestants[name]()
            times[name] = clock() - start
        rounds.append(times)
    return pd.DataFrame(rounds[1:], columns=list(contestants))


def table(seconds, ours):
    """How many times as long as `ours` each one takes: the quartiles of same-round ratios."""
    ratios = seconds.div(seconds[ours], axis=0).quantile([0.25, 0.5, 0.75]).T
    ratios.columns = ["ratio: lower quartile", "median", "upper quartile"]
    return ratios.assign(seconds=seconds.median()).round(3).to_string()
