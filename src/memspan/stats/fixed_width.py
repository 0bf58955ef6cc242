"""What it costs to stop when an interval is narrow: the level that keeps the error of a test made after that."""

from __future__ import annotations

from functools import cache

import numpy as np
from jaxtyping import Float
from scipy.special import bdtr

from memspan.core.errors import InvalidInput
from memspan.stats.looks import Side, check_looks
from memspan.stats.mid_p import mid_p
from memspan.stats.wilson import wilson

__all__ = ["check_width", "error_of_width", "is_narrow", "level_of_width"]


def is_narrow(successes: int, n: int, width: float) -> bool:
    """Return whether Wilson's 95 % interval is no wider than asked.

    Example:
        >>> is_narrow(20, 20, 0.2), is_narrow(10, 20, 0.2)
        (True, False)

    Args:
        successes: runs that succeeded.
        n: runs, at least 1.
        width: largest width, from end to end.
    """
    now = wilson(successes, n)
    return now.high - now.low <= width


def error_of_width(looks: tuple[int, ...], width: float, rate: float, alpha: float, side: Side) -> float:
    """Return how often runs at exactly a rate seem to lie above (or below) it when the interval is narrow enough.

    Runs that succeed often have a narrow interval early, so that a test at the usual level errs too often:

    Example:
        >>> round(error_of_width((40, 60, 80, 100), 0.15, 0.9, 0.05, "above"), 3)
        0.098

    Args:
        looks: numbers of runs at which one may stop, ascending; at the last one stops.
        width: largest width of Wilson's 95 % interval, at which one stops.
        rate: the true rate of success, between 0 and 1.
        alpha: the mid-p-value that convinces.
        side: which wrong conviction is counted.

    Returns:
        The chance, exact: runs are followed from look to look as counts, without simulation.

    Raises:
        InvalidInput: the looks do not ascend, or the width is none.
    """
    chances, p_values = _ends(looks, width, rate, side)
    return float(chances[p_values <= alpha].sum())


@cache
def level_of_width(looks: tuple[int, ...], width: float, rate: float, error: float, side: Side) -> float:
    """Return the largest mid-p-value that may convince when one has stopped, so that it errs seldom enough.

    Example:
        >>> level = level_of_width((40, 60, 80, 100), 0.15, 0.9, 0.05, "above")
        >>> round(level, 3), round(error_of_width((40, 60, 80, 100), 0.15, 0.9, level, "above"), 3)
        (0.033, 0.032)

    Args:
        looks: as for `error_of_width`.
        width: the same.
        rate: the rate that is tested against.
        error: largest share of studies that may be convinced wrongly.
        side: which wrong conviction is counted.

    Returns:
        The level; 0 where nothing may convince.

    Raises:
        InvalidInput: the looks do not ascend, or the width is none.
    """
    chances, p_values = _ends(looks, width, rate, side)
    distinct, places = np.unique(p_values, return_inverse=True)
    together = np.cumsum(np.bincount(places, chances))
    kept = distinct[together <= error]
    return float(kept[-1]) if len(kept) else 0.0


def check_width(width: float) -> float:
    """Return a width that an interval of a share can have.

    Raises:
        InvalidInput: it does not lie between 0 and 1.
    """
    if isinstance(width, bool) or not 0 < width < 1:
        raise InvalidInput(f"width must lie between 0 and 1, but got {width}; 0.2 is usual")
    return float(width)


@cache
def _ends(
    looks: tuple[int, ...], width: float, rate: float, side: Side
) -> tuple[Float[np.ndarray, " end"], Float[np.ndarray, " end"]]:
    """Return the chance of every end that a study can come to, and its mid-p-value."""
    check_looks(looks)
    check_width(width)
    open_, before = np.ones(1), 0
    chances: list[float] = []
    p_values: list[float] = []
    for n in looks:
        more = np.diff(bdtr(np.arange(n - before + 1), n - before, rate), prepend=0.0)
        open_, before = np.convolve(open_, more), n
        for solved in np.flatnonzero(open_).tolist():
            if n == looks[-1] or is_narrow(solved, n, width):
                chances.append(float(open_[solved]))
                p_values.append(getattr(mid_p(solved, n, rate), side))
                open_[solved] = 0.0
    return np.array(chances), np.array(p_values)
