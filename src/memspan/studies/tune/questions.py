"""The questions that a tuning answers, and by what it orders what is good enough."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["QUESTIONS", "Key"]

Key = tuple[int | float, int | float]

QUESTIONS: dict[str, Callable[[int | float, int | float], Key]] = {
    "fewest weights": lambda weights, updates: (weights, updates),
    "fewest updates": lambda weights, updates: (updates, weights),
}
