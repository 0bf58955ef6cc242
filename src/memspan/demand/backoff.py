"""How far to trust a context: weights of interpolation, fitted on sequences that were not counted."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

__all__ = ["Trust", "expected_weights", "fit", "grades", "upper_gain"]

HALVINGS = 32  # of the interval in which a weight lies
LARGEST = 15  # contexts seen 2**15 times or oftener are one grade
KINDS = 3
ONE_SIDED = 1.645  # standard deviations that 95 % stay below
PRIOR = 1.0  # observations that the prior counts for


def grades(often: Int[np.ndarray, " length"], kinds: Int[np.ndarray, " length"]) -> Int[np.ndarray, " length"]:
    """Group contexts that deserve like trust: by how often each was seen and how mixed what followed was.

    Example:
        >>> grades(np.array([1, 8, 8, 8]), np.array([1, 1, 2, 8])).tolist()
        [0, 9, 10, 11]

    Args:
        often: how often each context was seen, 1 or more.
        kinds: how many different symbols followed it.

    Returns:
        A grade for each context: the power of two of its count, and within it whether one symbol followed
        always, symbols came back, or most were new.
    """
    power = np.minimum(np.frexp(often)[1] - 1, LARGEST)
    mixed = np.where(kinds == 1, 0, np.where(2 * kinds <= often, 1, 2))
    return power * KINDS + mixed


def expected_weights(size: int) -> Float[np.ndarray, " weight"]:
    """Return the weight to expect of each grade: count / (count + kinds), at a middling count and number of kinds.

    Every kind of follower was once new, so as often something new is to be expected (method C of I. Witten, T. Bell,
    The zero-frequency problem, IEEE Trans. Information Theory 37(4):1085-1094, 1991).

    Example:
        >>> expected_weights(6).round(2).tolist()
        [0.6, 0.43, 0.57, 0.75, 0.6, 0.57]

    Args:
        size: how many grades.
    """
    power, mixed = np.divmod(np.arange(size), KINDS)
    often = 1.5 * 2.0**power
    kinds = np.choose(mixed, [np.ones(size), np.maximum(2, often / 4), 0.75 * often])
    return often / (often + kinds)


class Trust(NamedTuple):
    """How far contexts are trusted, by grade.

    Attributes:
        weight: of what followed the context, against the prediction of the shorter one; below 1.
        earned: nats that the samples gain by it, or would have gained where it is 0 because that was too little.
    """

    weight: Float[np.ndarray, " weight"]
    earned: Float[np.ndarray, " weight"]


def fit(
    grade: Int[np.ndarray, " sample"],
    counted: Float[np.ndarray, " sample"],
    shorter: Float[np.ndarray, " sample"],
    prior: Float[np.ndarray, " weight"],
) -> Trust:
    """Return for each grade the weight w that makes the samples most probable under w * counted + (1 - w) * shorter.

    The log probability is concave in each weight, so the zero of its slope is found by halving; a prior worth one
    observation keeps the weight inside (0, 1). A weight must earn its keep: where it gains less than a parameter
    fitted by chance could, it is 0 and the shorter context decides alone. Otherwise the small errors of many windows
    would add up.

    Example:
        >>> grade = np.array([0] * 30 + [1] * 30)
        >>> counted = np.array(([1.0] * 9 + [0.0]) * 3 + [1.0, 0.0] * 15)
        >>> fit(grade, counted, np.full(60, 0.5), np.full(3, 0.5)).weight.round(2).tolist()
        [0.78, 0.0, 0.0]

    Args:
        grade: of each sample's context.
        counted: the share of the context's followers that were the sample's target.
        shorter: the probability that the next shorter window gives the target; above 0.
        prior: the weight to expect of each grade, between 0 and 1.

    Returns:
        A weight for each grade, and what it earned.

    Source: what a parameter fitted by chance gains: H. Akaike, IEEE Trans. Automatic Control 19(6):716-723, 1974,
    and G. Schwarz, Annals of Statistics 6(2):461-464, 1978; the larger of the two is asked.
    """
    size, gain = len(prior), counted - shorter
    low, high = np.zeros(size), np.ones(size)
    for _ in range(HALVINGS):
        weight = (low + high) / 2
        slope = np.bincount(grade, weights=gain / (shorter + weight[grade] * gain), minlength=size)
        rising = slope + PRIOR * (prior / weight - (1 - prior) / (1 - weight)) > 0
        low, high = np.where(rising, weight, low), np.where(rising, high, weight)
    weight = (low + high) / 2
    earned = np.bincount(grade, weights=np.log1p(weight[grade] * gain / shorter), minlength=size)
    price = np.maximum(1.0, np.log(np.maximum(np.bincount(grade, minlength=size), 1)) / 2)
    return Trust(np.where(earned > price, weight, 0.0), np.maximum(earned, 0.0))


def upper_gain(earned: float) -> float:
    """Return the largest gain, in nats, that is likely (95 %) to show itself as no more than was earned.

    Twice the gain in log probability is the square of a number that scatters as a normal one does, with a standard
    deviation of 1, about the root of twice the true gain (S. Wilks, Annals of Mathematical Statistics 9, 1938).

    Example:
        >>> round(upper_gain(0.0), 2), round(upper_gain(2.0), 2)
        (1.35, 6.64)

    Args:
        earned: what was seen, in nats.

    Returns:
        The gain, in nats.
    """
    return (ONE_SIDED + math.sqrt(2 * earned)) ** 2 / 2
