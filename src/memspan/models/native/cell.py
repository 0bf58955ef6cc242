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
from memspan.models.native.vector import (
    HALF,
    ROWS,
    WIDTH,
    constant,
    hard_sigmoid,
    one_by_one,
    sigmoid,
    tanh,
    together,
)

__all__ = ["backward_cell", "forward_cells"]

LONG = ir.IntType(64)


@no_type_check
def _blocks(b, widths, unit, units):
    """Return the blocks of a procedure: place of the first unit, width, and how many of them there are, if fewer."""
    starts = [sum(widths[:number]) for number in range(len(widths))]
    places = [b.add(unit, LONG(start)) for start in starts]
    return [
        (start, width, b.sub(units, place) if width < WIDTH else None)
        for start, width, place in zip(starts, widths, places, strict=True)
    ]


@no_type_check
def _activated(function, vectors):
    """Return an activation of vectors, a few of them side by side: more would not stay in registers."""
    few = [vectors[number : number + 6] for number in range(0, len(vectors), 6)]
    return [value for part in few for value in one_by_one(function(together(part)))]


@no_type_check
def _forward(squash, rows, *widths):
    """Return the procedure that computes blocks of units in as many sequences as it has rows."""
    apart = broken_up(4 * len(widths))

    @intrinsic
    def procedure_of_blocks(
        typing, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, unit, keep
    ):
        def emit(b, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, unit, keep):
            blocks = _blocks(b, widths, unit, units)

            def vector(term, x):
                start, width, _ = blocks[x[0]]
                line = b.add(b.mul(units, LONG(4 * start)), b.add(b.mul(term, LONG(4 * width)), LONG(width * x[1])))
                return read(b, further(b, weights, line), width)

            sums = {}
            for r in range(rows):
                row = b.load(b.inttoptr(b.add(given, LONG(8 * r)), LONG.as_pointer()))
                for k, (start, width, last) in enumerate(blocks):
                    for gate in range(4):
                        place = b.add(b.mul(units, LONG(gate)), b.add(unit, LONG(start)))
                        sums[(r, (k, gate)), 0] = read(b, further(b, row, place), width, last)
                        sums.update({((r, (k, gate)), p): constant(b, 0.0, width) for p in range(1, apart)})
            sums = summed(b, units, sums, (hidden, lanes, LONG(1)), vector)
            cells = [(r, k) for r in range(rows) for k in range(len(blocks))]
            gates = _activated(squash, [sums[r, (k, gate)] for r, k in cells for gate in (0, 1, 3)])
            candidates = _activated(tanh, [sums[r, (k, 2)] for r, k in cells])

            def at_lanes(address, r, k):
                return further(b, address, b.add(b.mul(lanes, LONG(r)), LONG(blocks[k][0])))

            old = [read(b, at_lanes(cell, r, k), blocks[k][1]) for r, k in cells]
            new = together(gates[1::3]) * together(old) + together(gates[0::3]) * together(candidates)
            out = one_by_one(together(gates[2::3]) * together(_activated(tanh, one_by_one(new))))
            for (r, k), value, output in zip(cells, one_by_one(new), out, strict=True):
                write(b, at_lanes(cell, r, k), value)
                write(b, at_lanes(fresh, r, k), output)
                place = further(b, shown, b.add(b.mul(length, LONG(r)), LONG(blocks[k][0])))
                write(b, place, output, blocks[k][2])
            with b.if_then(b.icmp_signed("!=", keep, LONG(0))):
                kept = zip(cells, gates[0::3], gates[1::3], candidates, gates[2::3], one_by_one(new), strict=True)
                for (r, k), *values in kept:
                    place = further(b, trace, b.add(b.mul(depth, LONG(r)), LONG(blocks[k][0])))
                    for number, value in enumerate(values):
                        write(b, further(b, place, b.mul(lanes, LONG(number))), value)

        return procedure(13, emit)

    return procedure_of_blocks


@no_type_check
def _backward(slope, *widths):
    """Return the procedure that takes blocks of units of one sequence a step back."""

    @intrinsic
    def procedure_of_blocks(typing, trace, before, shown, hidden, cell, slopes, units, lanes, unit):
        def emit(b, trace, before, shown, hidden, cell, slopes, units, lanes, unit):
            blocks = _blocks(b, widths, unit, units)

            def all_of(address, masked=False):
                return together(
                    [
                        read(b, further(b, address, LONG(s)), width, last if masked else None)
                        for s, width, last in blocks
                    ]
                )

            i, f, g, o, after = (all_of(further(b, trace, b.mul(lanes, LONG(number)))) for number in range(5))
            squashed = tanh(after)
            d_hidden = all_of(hidden) + all_of(shown, masked=True)
            d_cell = all_of(cell) + d_hidden * o * (1.0 - squashed * squashed)
            found = (
                d_cell * g * slope(i),
                d_cell * all_of(before) * slope(f),
                d_cell * i * (1.0 - g * g),
                d_hidden * squashed * slope(o),
            )
            for (start, width, _), value in zip(blocks, one_by_one(d_cell * f), strict=True):
                write(b, further(b, hidden, LONG(start)), constant(b, 0.0, width))  # empty for the following product
                write(b, further(b, cell, LONG(start)), value)
            # Vectors are whole here and may run over into the next gate, which is written afterwards.
            for number, values in enumerate(found):
                for (start, _, _), value in zip(blocks, one_by_one(values), strict=True):
                    write(b, further(b, slopes, b.add(b.mul(units, LONG(number)), LONG(start))), value)

        return procedure(9, emit)

    return procedure_of_blocks


@no_type_check
def _slope(value):
    return value * (1.0 - value)


@no_type_check
def _hard_slope(value):
    return value.inside(0.0, 1.0, 0.2)


@njit(forceinline=True)
@no_type_check
def _width(units, unit):
    """Return how many of the units from one on are computed next: a vector of them, half a vector, or both."""
    left = units - unit
    if left < WIDTH:
        return HALF
    return WIDTH + HALF if WIDTH < left <= WIDTH + HALF else WIDTH


@no_type_check
def _steps(squash):
    """Return the function that takes some sequences one step further, with one activation of the gates."""
    one, two, four = (_forward(squash, rows, WIDTH) for rows in (1, 2, ROWS))
    one_half, two_half = (_forward(squash, rows, HALF) for rows in (1, 2))
    one_both, two_both = (_forward(squash, rows, WIDTH, HALF) for rows in (1, ROWS // 2))

    @njit(forceinline=True)
    def forward(rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep):
        unit = 0
        while unit < units:
            width = _width(units, unit)
            n = 0
            while n < rows:
                left, own, new = at(hidden, n * lanes), at(cell, n * lanes + unit), at(fresh, n * lanes + unit)
                row, out, kept = given + 8 * n, at(shown, n * length + unit), at(trace, n * depth + unit)
                if width == WIDTH and rows - n >= ROWS:
                    four(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += ROWS
                elif width == WIDTH and rows - n >= 2:
                    two(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 2
                elif width == WIDTH:
                    one(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 1
                elif width == HALF and rows - n >= 2:
                    two_half(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 2
                elif width == HALF:
                    one_half(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 1
                elif rows - n >= ROWS // 2:
                    two_both(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += ROWS // 2
                else:
                    one_both(left, weights, row, own, new, out, length, kept, depth, units, lanes, unit, keep)
                    n += 1
            weights = at(weights, 4 * units * width)
            unit += width

    return forward


@no_type_check
def _back_steps(slope):
    """Return the function that takes one sequence a step back: last units first, for vectors run over."""
    full, half, both = _backward(slope, WIDTH), _backward(slope, HALF), _backward(slope, WIDTH, HALF)

    @njit(forceinline=True)
    def backward(trace, before, shown, hidden, cell, slopes, units, lanes):
        unit = 0
        while unit + _width(units, unit) < units:
            unit += _width(units, unit)
        while unit >= 0:
            opened, old, given = at(trace, unit), at(before, unit), at(shown, unit)
            state, own, place = at(hidden, unit), at(cell, unit), at(slopes, unit)
            width = _width(units, unit)
            if width == WIDTH:
                full(opened, old, given, state, own, place, units, lanes, unit)
            elif width == HALF:
                half(opened, old, given, state, own, place, units, lanes, unit)
            else:
                both(opened, old, given, state, own, place, units, lanes, unit)
            unit -= HALF if unit % WIDTH == HALF else WIDTH

    return backward


_SOFT, _HARD = _steps(sigmoid), _steps(hard_sigmoid)
_SOFT_BACK, _HARD_BACK = _back_steps(_slope), _back_steps(_hard_slope)


@njit(forceinline=True)
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
