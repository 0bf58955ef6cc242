"""How far to trust a context: weights of interpolation, fitted on sequences that were not counted."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int

__all__ = ["fit", "grades"]

HALVINGS = 24  # of the interval in which a weight lies
LARGEST = 15  # contexts seen 2**15 times or oftener are one grade
KINDS = 3
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


def fit(
    grade: Int[np.ndarray, " sample"],
    counted: Float[np.ndarray, " sample"],
    shorter: Float[np.ndarray, " sample"],
    prior: Float[np.ndarray, " weight"],
) -> Float[np.ndarray, " weight"]:
    """Return for each grade the weight w that makes the samples most probable under w * counted + (1 - w) * shorter.

    The log probability is concave in each weight, so the zero of its slope is found by halving. A prior worth
    one observation keeps the weight inside (0, 1) and decides where no sample does.

    Example:
        >>> grade = np.array([0, 0, 1, 1])
        >>> weight = fit(grade, np.array([1, 1, 0, 0.5]), np.array([0.5, 0.5, 0.5, 0.5]), np.array([0.5] * 3))
        >>> weight.round(2).tolist()
        [0.73, 0.25, 0.5]

    Args:
        grade: of each sample's context.
        counted: the share of the context's followers that were the sample's target.
        shorter: the probability that the next shorter window gives the target; above 0.
        prior: the weight to expect of each grade, between 0 and 1.

    Returns:
        A weight for each grade.
    """
    low, high = np.zeros(len(prior)), np.ones(len(prior))
    gain = counted - shorter
    for _ in range(HALVINGS):
        weight = (low + high) / 2
        pull = gain / (shorter + weight[grade] * gain)
        slope = np.bincount(grade, weights=pull, minlength=len(prior))
        rising = slope + PRIOR * (prior / weight - (1 - prior) / (1 - weight)) > 0
        low, high = np.where(rising, weight, low), np.where(rising, high, weight)
    return (low + high) / 2
