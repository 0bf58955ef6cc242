"""The middle of a sequence: which symbols it needs, how one is made, what a fresh one leaves to know."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction

import numpy as np
from jaxtyping import Int

from memspan.core.errors import InvalidInput

__all__ = ["MIDDLES", "checked_alphabet", "default_alphabet", "fresh_ceiling", "lasting_middle"]

MIDDLES = ("counting", "repeating", "random", "fresh")


def default_alphabet(lag: int, n_cues: int, middle: str) -> tuple[int, ...]:
    """Return 0, 1, 2, ...: the symbols of the middle (three where they are drawn), then the cues.

    Example:
        >>> default_alphabet(lag=3, n_cues=2, middle="counting")
        (0, 1, 2, 3, 4)
    """
    fillers = {"counting": lag, "repeating": 1}.get(middle, 3)
    return tuple(range(fillers + n_cues))


def checked_alphabet(alphabet: Iterable[object], lag: int, n_cues: int, middle: str) -> tuple[object, ...]:
    """Return a user's alphabet as a tuple.

    Example:
        >>> checked_alphabet("abXY", lag=2, n_cues=2, middle="counting")
        ('a', 'b', 'X', 'Y')

    Args:
        alphabet: the symbols of the middle, then the cues.
        lag: symbols in the middle.
        n_cues: sequences, each with a cue of its own.
        middle: one of `MIDDLES`.

    Returns:
        The symbols; NumPy's scalars become Python's, so that equal problems have equal descriptions.

    Raises:
        InvalidInput: a symbol is not hashable or comes twice, or there are too few or too many.
    """
    try:
        symbols = tuple(symbol.item() if isinstance(symbol, np.generic) else symbol for symbol in alphabet)
        symbol, often = max(Counter(symbols).items(), key=lambda item: item[1], default=(None, 0))
    except TypeError:
        raise InvalidInput(
            f"alphabet must be symbols that Python can hash, but got {alphabet!r}; use numbers or strings"
        ) from None
    if often > 1:
        raise InvalidInput(
            f"alphabet must hold each symbol once, but got {symbol!r} {often} times; "
            "for a clean conflict give every middle symbol and every cue its own symbol"
        )
    _check_size(len(symbols), lag, n_cues, middle)
    return symbols


def lasting_middle(middle: str, lag: int, n_fillers: int, seed: int) -> Int[np.ndarray, " length"]:
    """Return a middle that is the same at every presentation, as positions in the alphabet.

    Example:
        >>> lasting_middle("counting", lag=3, n_fillers=3, seed=0)
        array([0, 1, 2], dtype=int32)
    """
    if middle == "counting":
        return np.arange(lag, dtype=np.int32)
    if middle == "repeating":
        return np.zeros(lag, np.int32)
    return np.random.default_rng(seed).integers(n_fillers, size=lag, dtype=np.int32)


def fresh_ceiling(lag: int, n_fillers: int, n_cues: int, scored: str, window: int) -> Fraction:
    """Return the best expected accuracy where the middle is drawn afresh, uniformly from F symbols.

    A middle symbol is independent of all before it. As long as the window holds the cue, the step is known:
    a middle symbol is guessed right 1/F of the time, the cue at the end always (window > lag). The last
    lag - window + 1 windows (window <= lag) hold no cue, and each content of theirs is equally likely at each
    of these steps, so one guess must answer them all: a middle symbol is right (lag - window) / F times a
    sequence, one of n cues 1/n times.

    Example:
        >>> [str(fresh_ceiling(3, n_fillers=3, n_cues=2, scored="every", window=k)) for k in (1, 2, 3, 4)]
        ['1/4', '7/24', '3/8', '1/2']

    Args:
        lag: symbols in the middle.
        n_fillers: symbols that the middle is drawn from, F.
        n_cues: sequences, each with a cue of its own, n.
        scored: "every" step or only the "end".
        window: symbols seen.

    Returns:
        The accuracy over the scored positions.
    """
    filler, cue = Fraction(1, n_fillers), Fraction(1, n_cues)
    if scored == "end":
        return Fraction(1) if window > lag else cue
    rest = Fraction(1) if window > lag else max((lag - window) * filler, cue)
    return (min(window, lag) * filler + rest) / (lag + 1)


def _check_size(size: int, lag: int, n_cues: int, middle: str) -> None:
    exact = middle in ("counting", "repeating")
    needed = {"counting": lag, "repeating": 1}.get(middle, 2) + n_cues
    if size == needed or (size > needed and not exact):
        return
    bound = "exactly" if exact else "at least"
    raise InvalidInput(
        f"alphabet must hold {bound} {needed:,} symbols, {needed - n_cues:,} for a {middle} middle of "
        f"{lag:,} and {n_cues:,} cues, but got {size:,}; leave it out for 0, 1, 2, ..."
    )
