"""What a test of "no difference" says: its statistic, its p-value, its n and its method."""

from __future__ import annotations

from dataclasses import asdict, dataclass

__all__ = ["Significance"]


@dataclass(frozen=True)
class Significance:
    """How surprising the runs would be if nothing differed. It says nothing about how large a difference is.

    Example:
        >>> print(Significance(statistic=4.37, degrees=1, p_value=0.0366, n=80, method="log-rank"))
        p = 0.037 (chi-squared 4.37, 1 degree of freedom, n = 80, log-rank)

    Attributes:
        statistic: chi-squared, 0 or more.
        degrees: of freedom; 0 where the runs cannot show a difference at all.
        p_value: share of studies without any difference whose statistic is at least as large, about.
        n: how many runs it rests on.
        method: the name of the test.
    """

    statistic: float
    degrees: int
    p_value: float
    n: int
    method: str

    def __str__(self) -> str:
        p = "p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}"
        freedom = f"{self.degrees} degree{'' if self.degrees == 1 else 's'} of freedom"
        return f"{p} (chi-squared {self.statistic:.2f}, {freedom}, n = {self.n}, {self.method})"

    def to_json(self) -> dict[str, float | int | str]:
        """Return the fields as a plain dictionary."""
        return asdict(self)
