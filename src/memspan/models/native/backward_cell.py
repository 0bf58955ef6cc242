"""One step of an LSTM back, as instructions of LLVM."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import NamedTuple, no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.blocks import block_width, blocks
from memspan.models.native.memory import at, further, procedure, read, write
from memspan.models.native.vector import HALF, WIDTH, constant, one_by_one, tanh, together

__all__ = ["backward_cell"]

LONG = ir.IntType(64)


class _Step(NamedTuple):
    """What a procedure is told of the step, as `backward_cell` describes it; and from which unit on it computes."""

    trace: ir.Value
    before: ir.Value
    shown: ir.Value
    hidden: ir.Value
    cell: ir.Value
    slopes: ir.Value
    units: ir.Value
    lanes: ir.Value
    unit: ir.Value


@no_type_check
def _procedure(slope, *widths):
    """Return the procedure that takes vectors of units of one sequence a step back."""

    @intrinsic
    def cell_back(typing, trace, before, shown, hidden, cell, slopes, units, lanes, unit):
        def emit(b, *values):
            step = _Step(*values)
            vectors = blocks(b, widths, step.unit, step.units)

            def of(address, masked=False):
                parts = [(further(b, address, block.start), block.width, block.last) for block in vectors]
                return together([read(b, place, width, last if masked else None) for place, width, last in parts])

            kept = [of(further(b, step.trace, b.mul(step.lanes, LONG(number)))) for number in range(5)]
            i, f, g, o, after = kept
            squashed = tanh(after)
            d_hidden = of(step.hidden) + of(step.shown, masked=True)
            d_cell = of(step.cell) + d_hidden * o * (1.0 - squashed * squashed)
            found = (
                d_cell * g * slope(i),
                d_cell * of(step.before) * slope(f),
                d_cell * i * (1.0 - g * g),
                d_hidden * squashed * slope(o),
            )
            for block, value in zip(vectors, one_by_one(d_cell * f), strict=True):
                write(b, further(b, step.hidden, block.start), constant(b, 0.0, block.width))  # the product adds to it
                write(b, further(b, step.cell, block.start), value)
            # Vectors are whole here and may run over into the next gate, which is written afterwards.
            for number, slopes_of_gate in enumerate(found):
                for block, value in zip(vectors, one_by_one(slopes_of_gate), strict=True):
                    write(b, further(b, step.slopes, b.add(b.mul(step.units, LONG(number)), block.start)), value)

        return procedure(9, emit)

    return cell_back


@no_type_check
def _slope(value):
    return value * (1.0 - value)


@no_type_check
def _hard_slope(value):
    return value.inside(0.0, 1.0, 0.2)


@no_type_check
def _back_steps(slope):
    """Return the function that takes one sequence a step back: last units first, for vectors run over."""
    full, half, both = _procedure(slope, WIDTH), _procedure(slope, HALF), _procedure(slope, WIDTH, HALF)

    @njit(forceinline=True)
    def backward(trace, before, shown, hidden, cell, slopes, units, lanes):
        unit = 0
        while unit + block_width(units, unit) < units:
            unit += block_width(units, unit)
        while unit >= 0:
            opened, old, given = at(trace, unit), at(before, unit), at(shown, unit)
            state, own, place = at(hidden, unit), at(cell, unit), at(slopes, unit)
            width = block_width(units, unit)
            if width == WIDTH:
                full(opened, old, given, state, own, place, units, lanes, unit)
            elif width == HALF:
                half(opened, old, given, state, own, place, units, lanes, unit)
            else:
                both(opened, old, given, state, own, place, units, lanes, unit)
            unit -= HALF if unit % WIDTH == HALF else WIDTH

    return backward


_SOFT_BACK, _HARD_BACK = _back_steps(_slope), _back_steps(_hard_slope)


@njit(forceinline=True)
@no_type_check
def backward_cell(hard, trace, before, shown, hidden, cell, slopes, units, lanes):
    """Take the gradient of one sequence one step back.

    Args:
        hard: whether the gates' activation is the hard sigmoid.
        trace: gates and cell of the step.
        before: the cell before it.
        shown: gradient of the hidden state as the step's output.
        hidden: gradient of the hidden state from the following step, in full vectors; left at zero.
        cell: gradient of the cell, in full vectors; replaced.
        slopes: where the gradient of the four gates' sums goes; up to half a vector more is written.
        units: number of cells.
        lanes: numbers of them in full vectors.
    """
    if hard:
        _HARD_BACK(trace, before, shown, hidden, cell, slopes, units, lanes)
    else:
        _SOFT_BACK(trace, before, shown, hidden, cell, slopes, units, lanes)
