"""An estimate: a number about runs, never shown without its interval, its n and its method."""

from __future__ import annotations

from dataclasses import asdict, dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True)
class Estimate:
    """A point with its interval.

    Example:
        >>> print(Estimate(point=0.41, low=0.32, high=0.51, n=100, method="wilson 95 %"))
        0.41 [0.32, 0.51] (n = 100, wilson 95 %)

    Attributes:
        point: the estimated value.
        low: lower end of the interval.
        high: upper end of the interval.
        n: how many independent runs it rests on.
        method: how the interval was made.
    """

    point: float
    low: float
    high: float
    n: int
    method: str

    def __str__(self) -> str:
        return f"{self.point:.2f} [{self.low:.2f}, {self.high:.2f}] (n = {self.n}, {self.method})"

    def to_json(self) -> dict[str, float | int | str]:
        """Return the fields as a plain dictionary."""
        return asdict(self)
