"""The one sentence a person reads when an input is not what it should be, or the world is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from numbers import Integral

__all__ = ["ClusterError", "InvalidInput", "RunFailed", "StoreError", "check_choice", "check_range", "nearest"]


class InvalidInput(ValueError):
    """An argument, option or file is not what it should be; the message is one sentence for a person.

    The sentence says which argument, what is allowed, what was got and what to do next.

    Example:
        >>> raise InvalidInput("lag must be at least 1, but got 0; use lag=1 or more")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: lag must be at least 1, but got 0; use lag=1 or more
    """


class StoreError(RuntimeError):
    """A store cannot do what was asked, for a reason outside the question; the message is one sentence for a person.

    Example:
        >>> raise StoreError("runs.db could not be written, for the disk is full; make room and start again")
        Traceback (most recent call last):
        memspan.core.errors.StoreError: runs.db could not be written, for the disk is full; make room and start again
    """


class RunFailed(RuntimeError):
    """A run has no result, for a reason in the user's own code; the message is one sentence for a person.

    Example:
        >>> raise RunFailed("torch:mymodel:lstm raised at mymodel.py, line 7: KeyError: 'hidden'", for_all=True)
        Traceback (most recent call last):
        memspan.core.errors.RunFailed: torch:mymodel:lstm raised at mymodel.py, line 7: KeyError: 'hidden'

    Args:
        sentence: what happened and where.
        for_all: whether it would meet every other seed of the spec too: the model could not even be made.
    """

    def __init__(self, sentence: str, for_all: bool = False) -> None:
        super().__init__(sentence)
        self.for_all = for_all

    def __reduce__(self) -> tuple[type[RunFailed], tuple[str, bool]]:
        return RunFailed, (str(self), self.for_all)


class ClusterError(RuntimeError):
    """A cluster cannot do what was asked: it is not there, or not fit; the message is one sentence for a person.

    Example:
        >>> raise ClusterError("no scheduler answers at tcp://10.0.0.1:8786; start one with `dask scheduler`")
        Traceback (most recent call last):
        memspan.core.errors.ClusterError: no scheduler answers at tcp://10.0.0.1:8786; start one with `dask scheduler`
    """


def nearest(name: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name closest to a misspelt one, or None when nothing is close.

    Example:
        >>> nearest("onlin", ["online", "bptt"])
        'online'

    Args:
        name: what was given.
        allowed: the names that exist.

    Returns:
        The nearest name, or None.
    """
    matches = difflib.get_close_matches(name.lower(), list(allowed), n=1, cutoff=0.5)
    return matches[0] if matches else None


def check_choice(argument: str, value: str, allowed: Iterable[str]) -> str:
    """Return the value if it is one of the allowed names.

    Example:
        >>> check_choice("rule", "onlin", ["online", "bptt"])
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: rule must be one of online, bptt, but got 'onlin'; did you mean 'online'?

    Args:
        argument: the argument's name, as the user wrote it.
        value: what was given.
        allowed: the names that exist.

    Returns:
        The value, unchanged.

    Raises:
        InvalidInput: the value is not among the names.
    """
    names = list(allowed)
    if value in names:
        return value
    guess = nearest(value, names)
    advice = f"did you mean '{guess}'?" if guess else "choose one of these"
    raise InvalidInput(f"{argument} must be one of {', '.join(names)}, but got '{value}'; {advice}")


def check_range(argument: str, value: object, low: int, high: int | None = None) -> int:
    """Return the whole number if it lies in the allowed range.

    Example:
        >>> check_range("lag", 0, 1, 100_000)
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: lag must be a whole number from 1 to 100,000, but got 0

    Args:
        argument: the argument's name, as the user wrote it.
        value: what was given.
        low: smallest allowed value.
        high: largest allowed value; None means no upper end.

    Returns:
        The value, as a Python int.

    Raises:
        InvalidInput: the value is not a whole number or lies outside the range.
    """
    given = None if isinstance(value, bool) else value
    if isinstance(given, Integral):
        number = int(given)
        if number >= low and (high is None or number <= high):
            return number
    allowed = f"from {low:,} to {high:,}" if high is not None else f"of at least {low:,}"
    raise InvalidInput(f"{argument} must be a whole number {allowed}, but got {value!r}")
