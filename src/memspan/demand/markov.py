"""Predictors of every window at once: variable-order Markov models that back off to shorter contexts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

from memspan.demand.backoff import expected_weights, fit, grades, upper_gain
from memspan.demand.samples import COUNTS, SELECTION, WEIGHTS, Samples

__all__ = ["Prediction", "predictions"]


class Prediction(NamedTuple):
    """What one window predicts at the held-out samples, in their order.

    Attributes:
        probability: that the window gave to the symbol that came.
        right: whether the symbol it held most probable came.
        seen: how often the context had been counted.
        missed: bits per symbol that the window may gain at most beyond what it gains, for all that was seen.
    """

    probability: Float[np.ndarray, " sample"]
    right: Bool[np.ndarray, " sample"]
    seen: Int[np.ndarray, " sample"]
    missed: float


class _Counted(NamedTuple):
    """What followed the contexts of one window where contexts are counted."""

    often: Int[np.ndarray, " length"]  # each context
    kinds: Int[np.ndarray, " length"]  # different symbols after each context
    share: Float[np.ndarray, " sample"]  # of each sample's target among what followed its context


def predictions(samples: Samples, n_inputs: int, n_symbols: int) -> Iterator[Prediction]:
    """Yield the predictions of window 0, 1, 2, ... up to the samples' longest.

    The predictor of window k mixes what followed the last k symbols with the predictor of window k - 1:

        P_k(symbol | last k) = w * share(symbol | last k) + (1 - w) * P_{k-1}(symbol | last k - 1)

    P_{-1} is uniform, a context that was never counted has w = 0, and the other weights are fitted, for each
    window and each grade of context, on sequences of their own. So a longer window costs nothing where it
    does not help, and unlike counts alone it is a proper distribution over the whole alphabet. A context that
    reaches the start of its sequence has no longer one.

    One pass over the samples for each window: contexts are numbered by (number of the shorter context, symbol
    before it), and those that are not both counted and asked for are dropped.

    Source: F. Jelinek, R. Mercer, Interpolated estimation of Markov source parameters from sparse data, 1980;
    I. Witten, T. Bell, The zero-frequency problem, IEEE Trans. Inf. Theory 37(4):1085-1094, 1991; S. Chen, J. Goodman,
    An empirical study of smoothing techniques, Computer Speech and Language 13, 1999.

    Args:
        samples: where to count, fit and predict.
        n_inputs: size of the alphabet of the inputs.
        n_symbols: size of the alphabet of the targets.

    Yields:
        The predictions at all samples of the parts SELECTION and REPORT.
    """
    held = np.flatnonzero(samples.part >= SELECTION)
    size, n_weighing = len(samples.end), max(1, int((samples.part == WEIGHTS).sum()))
    probability = np.full(size, 1 / n_symbols)
    guess, surety = np.full(size, -1, np.int32), np.zeros(size)
    seen = np.zeros(size, np.int32)
    alive, context = np.arange(size), np.zeros(size, np.int64)
    mixed = np.ones(size, bool)
    for window in range(samples.longest + 1):
        begun, shorter = np.zeros(len(alive), bool), context
        if window:
            begun = samples.room[alive] < window
            before = np.where(begun, 0, samples.symbols[samples.end[alive] - window + 1] + 1)
            context = _numbers(shorter * (n_inputs + 1) + before)
        part, target = samples.part[alive], samples.target[alive]
        counted = _count(context, target, part == COUNTS, n_symbols)
        # Where one symbol always followed the shorter context, or one symbol always came before it, nothing is open.
        still_open = mixed & (_branches(shorter, context, counted.often) > 1) & (part == WEIGHTS)
        trust, missed = _trust(counted, context, part == WEIGHTS, still_open, probability[alive])
        trust = trust[context]
        blend = trust * counted.share + (1 - trust) * probability[alive]
        best = _best(context, target, blend, part == COUNTS, len(counted.often))
        doubt = (1 - trust) * surety[alive]
        changed = best.surety[context] > doubt
        probability[alive], seen[alive] = blend, counted.often[context]
        guess[alive] = np.where(changed, best.guess[context], guess[alive])
        surety[alive] = np.where(changed, best.surety[context], doubt)
        right = guess[held] == samples.target[held]
        yield Prediction(probability[held], right, seen[held], missed / n_weighing)
        asked = np.bincount(context[part >= WEIGHTS], minlength=len(counted.often)) > 0
        kept = ((counted.often > 0) & asked)[context] & ~begun
        alive, context, mixed = alive[kept], context[kept], (counted.kinds > 1)[context[kept]]


def _numbers(keys: Int[np.ndarray, " sample"]) -> Int[np.ndarray, " sample"]:
    """Number keys 0, 1, ... so that equal keys, and only these, get the same number."""
    span = int(keys.max(initial=-1)) + 1
    if span > 8 * len(keys):
        return np.unique(keys, return_inverse=True)[1]
    occupied = np.zeros(span, bool)
    occupied[keys] = True
    return (np.cumsum(occupied) - 1)[keys]


def _count(
    context: Int[np.ndarray, " sample"],
    target: Int[np.ndarray, " sample"],
    counts: Bool[np.ndarray, " sample"],
    n_symbols: int,
) -> _Counted:
    n_contexts = int(context.max(initial=-1)) + 1
    often = np.bincount(context[counts], minlength=n_contexts)
    pair = _numbers(context * n_symbols + target)
    together = np.bincount(pair[counts], minlength=int(pair.max(initial=-1)) + 1)
    owner = np.zeros(len(together), np.int64)
    owner[pair] = context
    kinds = np.bincount(owner[together > 0], minlength=n_contexts)
    return _Counted(often, kinds, together[pair] / np.maximum(often, 1)[context])


def _branches(
    shorter: Int[np.ndarray, " sample"], context: Int[np.ndarray, " sample"], often: Int[np.ndarray, " length"]
) -> Int[np.ndarray, " sample"]:
    """Return how many of the longer contexts of each sample's shorter one were counted."""
    owner = np.zeros(len(often), np.int64)
    owner[context] = shorter
    return np.bincount(owner[often > 0], minlength=int(shorter.max(initial=-1)) + 1)[shorter]


def _trust(
    counted: _Counted,
    context: Int[np.ndarray, " sample"],
    weighs: Bool[np.ndarray, " sample"],
    still_open: Bool[np.ndarray, " sample"],
    shorter: Float[np.ndarray, " sample"],
) -> tuple[Float[np.ndarray, " length"], float]:
    """Return the weight of each context, 0 for those that were not counted, and the bits that may be missed."""
    known = counted.often > 0
    grade = np.zeros(len(known), np.int64)
    grade[known] = grades(counted.often[known], counted.kinds[known])
    size = int(grade.max(initial=0)) + 1
    used = np.flatnonzero(weighs & known[context])
    fitted = fit(grade[context[used]], counted.share[used], shorter[used], expected_weights(size))
    doubted = (np.bincount(grade[context[still_open]], minlength=size) > 0) & (fitted.weight == 0)
    missed = upper_gain(float(fitted.earned[doubted].sum())) if doubted.any() else 0.0
    return np.where(known, fitted.weight[grade], 0.0), missed / np.log(2)


class _Best(NamedTuple):
    surety: Float[np.ndarray, " length"]
    guess: Int[np.ndarray, " length"]


def _best(
    context: Int[np.ndarray, " sample"],
    target: Int[np.ndarray, " sample"],
    mixed: Float[np.ndarray, " sample"],
    counts: Bool[np.ndarray, " sample"],
    n_contexts: int,
) -> _Best:
    """Return the most probable symbol among those that followed each context; of equals the one met first.

    A symbol that did not follow it can only be the shorter context's own favourite, so that the most probable
    of all symbols is the better of the two.
    """
    where, symbol, value = context[counts], target[counts], mixed[counts]
    surety = np.full(n_contexts, -1.0)
    np.maximum.at(surety, where, value)
    first = np.flatnonzero(value == surety[where])[::-1]
    guess = np.full(n_contexts, -1, np.int64)
    guess[where[first]] = symbol[first]
    return _Best(surety, guess)
