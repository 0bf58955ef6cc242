"""Means per window with intervals, whole sequences or blocks drawn again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri, stdtrit

from memspan.core.estimate import Estimate

__all__ = ["DRAWS", "Resampled", "resample"]

DRAWS = 1000
CHUNK = 50  # draws at a time: memory stays small where there are many units
MOST_UNITS = 2000  # drawn one by one; more are pooled first
ENDS = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Resampled:
    """The mean at each window, and what it would have been had other units been drawn.

    Attributes:
        means: one for each window.
        draws: the same, for each draw of the bootstrap.
        n_units: units drawn.
        unit: "sequences" or "blocks".
    """

    means: Float[np.ndarray, " window"]
    draws: Float[np.ndarray, "sample window"]
    n_units: int
    unit: str

    def at(self, window: int) -> Estimate:
        """Return the mean at a window with its interval."""
        return self._estimate(float(self.means[window]), self.draws[:, window])

    def difference(self, window: int, other: int) -> Estimate:
        """Return by how much the mean at a window exceeds that at another one, paired by unit."""
        point = float(self.means[window] - self.means[other])
        return self._estimate(point, self.draws[:, window] - self.draws[:, other])

    def _estimate(self, point: float, drawn: Float[np.ndarray, " sample"]) -> Estimate:
        low, high = (float(end) for end in np.quantile(drawn, ENDS))
        method = f"bootstrap over {self.unit}, 95 %"
        return Estimate(point, min(low, point), max(high, point), self.n_units, method)


def resample(
    sums: Float[np.ndarray, "unit window"],
    sizes: Float[np.ndarray, " unit"],
    unit: str,
    rng: np.random.Generator,
) -> Resampled:
    """Draw units with replacement; a mean is the sum over the drawn units by the number of their samples.

    Example:
        >>> sums, sizes = np.array([[2.0, 1.0], [4.0, 1.0]]), np.array([2.0, 2.0])
        >>> resample(sums, sizes, "sequences", np.random.default_rng(0)).means.tolist()
        [1.5, 0.5]

    Args:
        sums: of the values in each unit, for each window.
        sizes: samples in each unit.
        unit: what the units are, in a word.
        rng: decides the draws.

    Returns:
        The means and their draws.

    Source: B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 8: what is independent is
    drawn as a whole. Percentiles are too narrow where units are few and are expanded: T. Hesterberg, What
    teachers should know about the bootstrap, The American Statistician 69(4):371-386, 2015.
    """
    n_given = len(sizes)
    sums, sizes = _pooled(sums, sizes, rng)
    n_units = len(sizes)
    drawn: list[Float[np.ndarray, "_ window"]] = []
    for start in range(0, DRAWS, CHUNK):
        rows = min(CHUNK, DRAWS - start)
        picked = rng.integers(n_units, size=(rows, n_units)) + n_units * np.arange(rows)[:, None]
        often = np.bincount(picked.ravel(), minlength=rows * n_units).reshape(rows, n_units)
        share = often.astype(float)
        drawn.append((share @ sums) / (share @ sizes)[:, None])
    means = sums.sum(axis=0) / sizes.sum()
    return Resampled(means, means + _widening(n_units) * (np.concatenate(drawn) - means), n_given, unit)


def _pooled(
    sums: Float[np.ndarray, "unit window"], sizes: Float[np.ndarray, " unit"], rng: np.random.Generator
) -> tuple[Float[np.ndarray, "_ window"], Float[np.ndarray, " _"]]:
    """Put many units together at random, which leaves them independent and costs the intervals nothing."""
    if len(sizes) <= MOST_UNITS:
        return sums, sizes
    order = rng.permutation(len(sizes))
    starts = np.linspace(0, len(sizes), MOST_UNITS, endpoint=False).astype(int)
    return np.add.reduceat(sums[order], starts), np.add.reduceat(sizes[order], starts)


def _widening(n_units: int) -> float:
    """Return how much wider the draws must spread where units are few: as Student's t is than the normal."""
    if n_units < 2:
        return float("inf")
    return float(np.sqrt(n_units / (n_units - 1)) * stdtrit(n_units - 1, ENDS[1]) / ndtri(ENDS[1]))
