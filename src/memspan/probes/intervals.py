"""How the intervals of probes are made where no share of trials is counted."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from scipy.special import stdtrit

from memspan.core.estimate import Estimate

__all__ = ["EXACT", "mean"]

EXACT = "exact, all sequences"


def mean(values: Float[np.ndarray, " trial"], complete: bool = False) -> Estimate:
    """Return the mean over trials, with Student's 95 % interval; a point where these are all there are.

    Example:
        >>> print(mean(np.array([1.0, 2.0, 3.0])))
        2.00 [-0.48, 4.48] (n = 3, t 95 %)

    Args:
        values: one a trial, finite.
        complete: whether these are all the sequences there are.
    """
    n, point = len(values), float(np.mean(values))
    if complete or n < 2:
        return Estimate(point, point, point, n, EXACT if complete else "one trial")
    half = float(stdtrit(n - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(n))
    return Estimate(point, point - half, point + half, n, "t 95 %")
