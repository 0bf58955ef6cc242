"""Units of a recurrent layer by blocks: vectors of them, half a vector, or both at once."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit

from memspan.models.native.vector import HALF, WIDTH

__all__ = ["Block", "block_width", "blocks"]

LONG = ir.IntType(64)


@njit(forceinline=True)
@no_type_check
def block_width(units, unit):
    """Return how many of the units from one on are computed next: a vector of them, half a vector, or both."""
    left = units - unit
    if left < WIDTH:
        return HALF
    return WIDTH + HALF if WIDTH < left <= WIDTH + HALF else WIDTH


@no_type_check
class Block:
    """One of the vectors that are computed side by side.

    Attributes:
        start: its first unit, counted from the first one of all these vectors.
        width: its numbers.
        last: how many of them are units, where that may be fewer.
    """

    def __init__(self, start, width, last):
        self.start, self.width, self.last = LONG(start), width, last


@no_type_check
def blocks(b, widths, unit, units):
    """Return the vectors of these widths from a unit on."""
    starts = [sum(widths[:number]) for number in range(len(widths))]
    left = b.sub(units, unit)
    return [
        Block(start, width, b.sub(left, LONG(start)) if width < WIDTH else None)
        for start, width in zip(starts, widths, strict=True)
    ]
