"""Heads: units in equal parts that do not mix."""

from __future__ import annotations

from memspan.core.errors import InvalidInput, check_range

__all__ = ["units_per_head"]


def units_per_head(units: int, heads: int) -> int:
    """Return how many units each head has, or say that the heads do not divide them.

    Example:
        >>> units_per_head(20, 4)
        5
        >>> units_per_head(20, 3)
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: heads must divide the 20 units, but got 3; use one of 1, 2, 4, 5, 10, 20

    Args:
        units: units of the layer, at least 1.
        heads: heads of the layer, at least 1.

    Returns:
        Units of one head.

    Raises:
        InvalidInput: a number is no whole number of at least 1, or heads do not divide units.
    """
    check_range("units", units, 1)
    check_range("heads", heads, 1)
    if units % heads:
        divisors = ", ".join(str(number) for number in range(1, units + 1) if units % number == 0)
        raise InvalidInput(f"heads must divide the {units} units, but got {heads}; use one of {divisors}")
    return units // heads
