"""Which sequences of a call are computed together: those that share weights, step by step."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from numba import njit

from memspan.models.native.frame import AFFINE, argument, arguments, axis, place, rank, result

__all__ = ["TOGETHER", "all_sequences", "group", "next_group", "sizes", "together", "work"]

TOGETHER = 4  # sequences that share one reading of the weights


@njit
@no_type_check
def all_sequences(frame):
    """Return the number of sequences: the first result has all leading axes, and two of its own."""
    whole, count = result(frame, 0), 1
    for number in range(rank(whole) - 2):
        count *= axis(whole, number)
    return count


@njit
@no_type_check
def sizes(frame):
    """Return the numbers of units and of steps: recurrent kernel and symbols are the first arguments of both passes."""
    recurrent, symbols = argument(frame, 0), argument(frame, 1)
    return axis(recurrent, rank(recurrent) - 2), axis(symbols, rank(symbols) - 1)


@njit
@no_type_check
def group(frame, first, most):
    """Return how many sequences from the first one on are computed together: at most `most`, with weights in common."""
    recurrent, whole, sequences = argument(frame, 0), result(frame, 0), all_sequences(frame)
    units = sizes(frame)[0]
    inner = 2, 4 * units * units
    own, count = place(recurrent, whole, inner, first), 1
    while count < most and first + count < sequences and place(recurrent, whole, inner, first + count) == own:
        count += 1
    return count


@njit
@no_type_check
def next_group(frame, first, most):
    """Return the sequence after those that are computed together with a given one, or zero after the last."""
    following = first + (1 if arguments(frame) == AFFINE else group(frame, first, most))
    return following if following < all_sequences(frame) else 0


@njit
@no_type_check
def work(frame):
    """Return how many products of numbers a call needs, roughly."""
    if arguments(frame) == AFFINE:
        kernel, whole = argument(frame, 1), result(frame, 0)
        size = axis(kernel, rank(kernel) - 2) * axis(kernel, rank(kernel) - 1)
        return all_sequences(frame) * axis(whole, rank(whole) - 2) * size
    units, steps = sizes(frame)
    return all_sequences(frame) * steps * 4 * units * units


@njit
@no_type_check
def together(frame, threads):
    """Return how many sequences may be computed together: fewer where threads would be idle."""
    return max(1, min(TOGETHER, (all_sequences(frame) + threads - 1) // threads))
