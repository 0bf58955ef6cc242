"""What every statistic of times asks of its input: one finite time per run, and whether it succeeded then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

from memspan.core.errors import InvalidInput

__all__ = ["Runs", "check_runs"]

Runs = ArrayLike | Sequence[Any]  # one value per run


def check_runs(times: Runs, observed: Runs) -> tuple[Float[np.ndarray, " run"], Bool[np.ndarray, " run"]]:
    """Return times and flags as arrays, if they can be runs.

    Example:
        >>> check_runs([10, 20], [True, False])
        (array([10., 20.]), array([ True, False]))

    Args:
        times: for each run, when it succeeded or was given up, 0 or more, in any unit (updates).
        observed: for each run, True if it succeeded then, False if it was given up (right censoring).

    Returns:
        Both, one value per run.

    Raises:
        InvalidInput: there is no run, the two have unequal lengths, a time is negative or not finite, or
            `observed` holds anything but True and False.
    """
    try:
        ends, flags = np.asarray(times, dtype=np.float64), np.asarray(observed)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"times must be one number per run, but {error}; give both as flat lists") from error
    if ends.ndim != 1 or ends.shape != flags.shape or ends.size == 0:
        raise InvalidInput(
            "times and observed must be lists of one value per run, at least one, but got shapes "
            f"{ends.shape} and {flags.shape}; give both for the same runs"
        )
    if (bad := ends[~(np.isfinite(ends) & (ends >= 0))]).size:
        raise InvalidInput(
            f"times must be finite and 0 or more, but got {bad[0]}; give a run that never succeeded the time "
            "it was given up, with observed=False"
        )
    if odd := [flag for flag in flags.tolist() if flag not in (False, True)]:
        raise InvalidInput(f"observed must hold True or False, but got {odd[0]!r}; say which runs succeeded")
    return ends, flags.astype(bool)
