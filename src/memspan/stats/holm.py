"""Holm's correction: p-values of several comparisons, adjusted so that all of them may be read together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from memspan.core.errors import InvalidInput

__all__ = ["holm"]


def holm(p_values: ArrayLike | Sequence[float]) -> Float[np.ndarray, " comparison"]:
    """Return p-values adjusted for their number: below 5 % for any without a difference in 5 % of studies at most.

    The smallest counts times the number of comparisons, the next times one less, and so on, never less than
    one before. It needs no independence, and is never worse than Bonferroni's.

    Example:
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]

    Args:
        p_values: one per comparison, from 0 to 1.

    Returns:
        The adjusted ones, in the same order, at most 1.

    Raises:
        InvalidInput: there is none, or one is not from 0 to 1.

    Source:
        S. Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
        Statistics 6.
    """
    given = np.asarray(p_values, dtype=np.float64)
    if given.ndim != 1 or given.size == 0:
        raise InvalidInput(f"p_values must be a list, at least one, but got shape {given.shape}; give it flat")
    if (bad := given[~((given >= 0) & (given <= 1))]).size:
        raise InvalidInput(f"p_values must be from 0 to 1, but got {bad[0]}; give p-values, not statistics")
    order = np.argsort(given, kind="stable")
    left = np.arange(given.size, 0, -1)
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(np.maximum.accumulate(given[order] * left), 1)
    return adjusted
