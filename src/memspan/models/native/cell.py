"""One step of an LSTM on some of its units, forward and backward, as instructions of LLVM."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.memory import at, further, procedure, read, write
from memspan.models.native.product import broken_up, summed
from memspan.models.native.vector import HALF, ROWS, WIDTH, constant, hard_sigmoid, sigmoid, tanh

__all__ = ["backward_cell", "forward_cells"]

LONG = ir.IntType(64)


@no_type_check
def _forward(squash, rows, width):
    """Return the procedure of `width` units in as many sequences as it has rows; half a vector may be cut short."""
    apart = broken_up(width)

    @intrinsic
    def block(typing, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, unit, keep):
        def emit(b, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, unit, keep):
            last = b.sub(units, unit) if width < WIDTH else None
            sums = {}
            for r in range(rows):
                row = b.load(b.inttoptr(b.add(given, LONG(8 * r)), LONG.as_pointer()))
                for gate in range(4):
                    place = further(b, row, b.add(b.mul(units, LONG(gate)), unit))
                    sums[(r, gate), 0] = read(b, place, width, last)
                    sums.update({((r, gate), p): constant(b, 0.0, width) for p in range(1, apart)})
            sums = summed(b, units, sums, (hidden, lanes, LONG(1), weights, LONG(4 * width)), width)
            for r in range(rows):
                own, apart_n = further(b, cell, b.mul(lanes, LONG(r))), b.mul(lanes, LONG(r))
                i, f, g, o = squash(sums[r, 0]), squash(sums[r, 1]), tanh(sums[r, 2]), squash(sums[r, 3])
                new = f * read(b, own, width) + i * g
                out = o * tanh(new)
                write(b, own, new)
                write(b, further(b, fresh, apart_n), out)
                write(b, further(b, shown, b.mul(length, LONG(r))), out, last)
                with b.if_then(b.icmp_signed("!=", keep, LONG(0))):
                    kept = further(b, trace, b.mul(depth, LONG(r)))
                    for number, value in enumerate((i, f, g, o, new)):
                        write(b, further(b, kept, b.mul(lanes, LONG(number))), value)

        return procedure(13, emit)

    return block


@no_type_check
def _backward(slope, width):
    """Return the procedure of `width` units in one sequence."""

    @intrinsic
    def block(typing, trace, before, shown, hidden, cell, slopes, units, lanes, unit):
        def emit(b, trace, before, shown, hidden, cell, slopes, units, lanes, unit):
            last = b.sub(units, unit) if width < WIDTH else None
            kept = (read(b, further(b, trace, b.mul(lanes, LONG(number))), width) for number in range(5))
            i, f, g, o, after = kept
            squashed = tanh(after)
            d_hidden = read(b, hidden, width) + read(b, shown, width, last)
            d_cell = read(b, cell, width) + d_hidden * o * (1.0 - squashed * squashed)
            write(b, hidden, constant(b, 0.0, width))  # left empty for the product that follows
            write(b, cell, d_cell * f)
            found = (
                d_cell * g * slope(i),
                d_cell * read(b, before, width) * slope(f),
                d_cell * i * (1.0 - g * g),
                d_hidden * squashed * slope(o),
            )
            # Vectors are whole here and may run over into the next gate, which is written afterwards.
            for number, value in enumerate(found):
                write(b, further(b, slopes, b.mul(units, LONG(number))), value)

        return procedure(9, emit)

    return block


@no_type_check
def _slope(value):
    return value * (1.0 - value)


@no_type_check
def _hard_slope(value):
    return value.inside(0.0, 1.0, 0.2)


@no_type_check
def _steps(squash):
    """Return the function that takes some sequences one step further, with one activation of the gates."""
    one, two, four = (_forward(squash, rows, WIDTH) for rows in (1, 2, ROWS))
    one_half, two_half = (_forward(squash, rows, HALF) for rows in (1, 2))

    @njit
    def forward(rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep):
        unit = 0
        while unit < units:
            full = units - unit >= WIDTH
            n = 0
            while n < rows:
                left, own, new = at(hidden, n * lanes), at(cell, n * lanes + unit), at(fresh, n * lanes + unit)
                row, out, kept = given + 8 * n, at(shown, n * length + unit), at(trace, n * depth + unit)
                if full and rows - n >= ROWS:
                    four(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += ROWS
                elif rows - n >= 2:
                    if full:
                        two(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    else:
                        two_half(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 2
                else:
                    if full:
                        one(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    else:
                        one_half(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 1
            width = WIDTH if full else HALF
            weights = at(weights, 4 * units * width)
            unit += width

    return forward


_SOFT, _HARD = _steps(sigmoid), _steps(hard_sigmoid)
_BACK, _BACK_HALF, _HARD_BACK, _HARD_BACK_HALF = (
    _backward(slope, width) for slope in (_slope, _hard_slope) for width in (WIDTH, HALF)
)


@njit
@no_type_check
def forward_cells(hard, rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep):
    """Take sequences that share weights one step further.

    Args:
        hard: whether the gates' activation is the hard sigmoid.
        rows: number of sequences.
        hidden: hidden states before the step, in full vectors [rows, lanes].
        weights: of all gates, block of units by block: see `packed`.
        given: addresses of what the input adds to the gates' sums of each sequence.
        cell: the cells, in full vectors; replaced.
        fresh: where the hidden states go, in full vectors.
        shown: where they go as outputs.
        length: numbers from one sequence's output to the next one's.
        trace: where gates and cell go, in full vectors, if they are kept.
        depth: numbers from one sequence's trace to the next one's.
        units: number of cells.
        lanes: numbers of them in full vectors.
        keep: whether the trace is kept.
    """
    if hard:
        _HARD(rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep)
    else:
        _SOFT(rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep)


@njit
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
    unit = units // WIDTH * WIDTH
    while unit + HALF < units:
        unit += HALF
    if unit == units:
        unit -= WIDTH
    while unit >= 0:
        opened, old, given = at(trace, unit), at(before, unit), at(shown, unit)
        state, own, place = at(hidden, unit), at(cell, unit), at(slopes, unit)
        full = unit % WIDTH == 0 and units - unit >= WIDTH
        if hard:
            if full:
                _HARD_BACK(opened, old, given, state, own, place, units, lanes, unit)
            else:
                _HARD_BACK_HALF(opened, old, given, state, own, place, units, lanes, unit)
        elif full:
            _BACK(opened, old, given, state, own, place, units, lanes, unit)
        else:
            _BACK_HALF(opened, old, given, state, own, place, units, lanes, unit)
        unit -= HALF if unit % WIDTH == HALF else WIDTH
