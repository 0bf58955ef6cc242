"""The one sentence that a failing check says."""

from __future__ import annotations

__all__ = ["Violation", "require"]


class Violation(AssertionError):
    """A contract is broken; each line of the message is one sentence: which, and how."""


def require(holds: object, sentence: str) -> None:
    """Raise a `Violation` with the sentence where it does not hold.

    Example:
        >>> require(2 < 1, "one is less than two")
        Traceback (most recent call last):
        memspan.testing.violation.Violation: one is less than two

    Args:
        holds: what should be true.
        sentence: what is wrong where it is not.

    Raises:
        Violation: it does not hold.
    """
    if not holds:
        raise Violation(sentence)
