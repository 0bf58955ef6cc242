"""Adaptive studies of fabricated success curves, and how often what they say contains the truth.

In the tests some thousands; `python -m tests.studies.span.adaptive_studies 10000` as many as you like.
"""

from __future__ import annotations

import functools
import math
import sys

import numpy as np

from memspan.stats import memory_span, wilson
from memspan.studies.adaptive import Adaptive, bracketing
from memspan.studies.span.lag_range import lags_between

GRID = lags_between("lags", "3..3000")


def falls(slope):
    """A logistic curve in the log of the lag, whose rate at the span is the level."""
    return lambda span, level: lambda lag: 1 / (1 + (1 - level) / level * (lag / span) ** slope)


def plateau(span, level):
    """All lags up to the span at the level, none beyond it: nothing can be told apart but by the last lag."""
    return lambda lag: level if lag <= span else 0.0


def almost(span, level):
    """All lags up to the span for sure, all beyond it just below the level."""
    return lambda lag: 1.0 if lag <= span else level - 1e-9


CURVES = {"slow fall": falls(1), "steep fall": falls(4), "plateau at the level": plateau, "almost the level": almost}
STUDIES = [(Adaptive(0.5, 0.2), 200), (Adaptive(0.5, 0.3), 100), (Adaptive(0.9, 0.1), 400), (Adaptive(0.9, 0.15), 200)]


def visited(search, solved):
    """The lags that a search asks for, in its order, and those that it returns."""
    lag, asked = next(search), []
    while True:
        asked.append(lag)
        try:
            lag = search.send(solved(lag))
        except StopIteration as done:
            return asked, done.value


@functools.cache
def next_look(adaptive, solved, runs, most):
    return adaptive.next_look(solved, runs, most)


@functools.cache
def interval(solved, runs):
    return wilson(solved, runs)


def one_study(rng, adaptive, most, rate):
    """Lags, counts and runs of a study whose runs succeed at these rates."""
    search = bracketing(GRID, adaptive.level, adaptive.pilot)
    _, lags = visited(search, lambda lag: int(rng.binomial(adaptive.pilot, rate(lag))))
    solved, runs = [], []
    for lag in lags:
        k, n = 0, 0
        while (look := next_look(adaptive, k, n, most)) is not None:
            k, n = k + int(rng.binomial(look - n, rate(lag))), look
        solved, runs = [*solved, k], [*runs, n]
    return lags, solved, runs


def coverage(rng, adaptive, most, curve, studies, honest=True):
    """How many of the spans, and of the rates that are in question, lie in their intervals; and runs a study.

    Not `honest` tests as if the numbers of runs had been fixed.
    """
    spans, rates, spent, looks = [], [], [], adaptive.looks(most)
    for _ in range(studies):
        truth = math.exp(rng.uniform(math.log(6), math.log(1500)))
        rate = curve(truth, adaptive.level)
        lags, solved, runs = one_study(rng, adaptive, most, rate)
        stopping = {"looks": looks, "width": adaptive.width} if honest else {}
        found = memory_span(lags, solved, runs, adaptive.level, **stopping)
        spans.append((found.low or 0) <= truth < (math.inf if found.below is None else found.below))
        ends = [interval(k, n) for k, n in zip(solved, runs, strict=True)]
        rates += [a.low <= rate(lag) <= a.high for a, lag in zip(ends, lags, strict=True) if 0.02 < rate(lag) < 0.98]
        spent.append(sum(runs) + adaptive.pilot * len(lags))
    return float(np.mean(spans)), float(np.mean(rates)), float(np.mean(spent))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    for adaptive, most in STUDIES:
        for name, curve in CURVES.items():
            span, rate, spent = coverage(rng, adaptive, most, curve, int(sys.argv[1]))
            sys.stdout.write(
                f"level {adaptive.level}, width {adaptive.width}, at most {most} seeds, {name}: the span in "
                f"{span:.1%}, the rates in {rate:.1%}; {spent:.0f} runs a study\n"
            )
            sys.stdout.flush()
