"""What it costs to look several times: the level for each look that keeps the error of all looks together."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float
from scipy.special import bdtr

from memspan.core.errors import InvalidInput

__all__ = ["Side", "check_looks", "error_of_looks", "level_of_looks"]

Side = Literal["above", "below"]


def error_of_looks(looks: tuple[int, ...], rate: float, alpha: float, side: Side) -> float:
    """Return how often runs at exactly a rate seem to lie above (or below) it at one look or more.

    Example:
        >>> round(error_of_looks((100,), 0.5, 0.05, "above"), 3)
        0.044
        >>> round(error_of_looks((20, 40, 60, 80, 100), 0.5, 0.05, "above"), 3)
        0.125

    Args:
        looks: numbers of runs at which one looks, ascending.
        rate: the true rate of success, between 0 and 1.
        alpha: the mid-p-value that convinces, the same at each look.
        side: which wrong conviction is counted.

    Returns:
        The chance, exact: runs are followed from look to look as counts, without simulation.

    Raises:
        InvalidInput: the looks do not ascend.
    """
    check_looks(looks)
    return _crossed(looks, rate, alpha, side)


@cache
def level_of_looks(looks: tuple[int, ...], rate: float, error: float, side: Side) -> float:
    """Return the mid-p-value that may convince at each look, so that all looks together err seldom enough.

    Whatever makes one stop at one of the looks, the error is then kept: stopping can only pick among them.

    Example:
        >>> round(level_of_looks((20, 40, 60, 80, 100), 0.5, 0.05, "above"), 3)
        0.014

    Args:
        looks: numbers of runs at which one looks, ascending.
        rate: the rate that is tested against, between 0 and 1.
        error: largest share of studies that may be convinced wrongly.
        side: which wrong conviction is counted.

    Returns:
        The largest such level, the same at each look.

    Raises:
        InvalidInput: the looks do not ascend.

    Source:
        S. J. Pocock (1977), "Group sequential methods in the design and analysis of clinical trials",
        Biometrika 64; here with the exact distribution of the counts.
    """
    check_looks(looks)
    least, most = 0.0, error
    if _crossed(looks, rate, most, side) <= error:
        return most
    for _ in range(30):
        middle = (least + most) / 2
        within = _crossed(looks, rate, middle, side) <= error
        least, most = (middle, most) if within else (least, middle)
    return least


def check_looks(looks: tuple[int, ...]) -> None:
    """Refuse looks that cannot be.

    Args:
        looks: numbers of runs at which one looks.

    Raises:
        InvalidInput: there is none, one is below 1, or they do not ascend.
    """
    if not looks or looks[0] < 1 or any(one >= other for one, other in pairwise(looks)):
        raise InvalidInput(f"looks must be numbers of runs from 1, ascending, but got {looks}; (20, 40, 80) is one way")


def _crossed(looks: tuple[int, ...], rate: float, alpha: float, side: Side) -> float:
    undecided, before, crossed = np.ones(1), 0, 0.0
    for n in looks:
        undecided, before = np.convolve(undecided, _binomial(n - before, rate)), n
        convinced = _mid_p(n, rate, side) <= alpha
        crossed += float(undecided[convinced].sum())
        undecided = np.where(convinced, 0.0, undecided)
    return crossed


@cache
def _binomial(n: int, rate: float) -> Float[np.ndarray, " count"]:
    return np.diff(bdtr(np.arange(n + 1), n, rate), prepend=0.0)


@cache
def _mid_p(n: int, rate: float, side: Side) -> Float[np.ndarray, " count"]:
    """Return the mid-p-value of every count, as `memspan.stats.mid_p` does for one."""
    at_most = bdtr(np.arange(n + 1), n, rate)
    below = at_most - _binomial(n, rate) / 2
    return below if side == "below" else 1 - below
