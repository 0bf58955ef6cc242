"""One step of an LSTM forward, as instructions of LLVM: sums and gates of some units stay in registers."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import NamedTuple, no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.blocks import block_width, blocks
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

__all__ = ["forward_cells"]

LONG = ir.IntType(64)
INPUT, FORGET, CANDIDATE, OUTPUT = range(4)


class _Step(NamedTuple):
    """What a procedure is told of the step, as `forward_cells` describes it; and from which unit on it computes."""

    hidden: ir.Value
    weights: ir.Value
    given: ir.Value
    cell: ir.Value
    fresh: ir.Value
    shown: ir.Value
    length: ir.Value
    trace: ir.Value
    depth: ir.Value
    units: ir.Value
    lanes: ir.Value
    unit: ir.Value
    keep: ir.Value


@no_type_check
def _sums(b, step, rows, vectors):
    """Emit the gates' sums, by (row, (vector, gate))."""
    apart, sums = broken_up(4 * len(vectors)), {}

    def weight(term, x):
        block, gate = vectors[x[0]], x[1]
        line = b.add(b.mul(term, LONG(4 * block.width)), LONG(block.width * gate))
        return read(
            b, further(b, step.weights, b.add(b.mul(b.mul(step.units, LONG(4)), block.start), line)), block.width
        )

    for r in range(rows):
        row = b.load(b.inttoptr(b.add(step.given, LONG(8 * r)), LONG.as_pointer()))
        for k, block in enumerate(vectors):
            for gate in range(4):
                place = b.add(b.mul(step.units, LONG(gate)), b.add(step.unit, block.start))
                sums[(r, (k, gate)), 0] = read(b, further(b, row, place), block.width, block.last)
                sums.update({((r, (k, gate)), p): constant(b, 0.0, block.width) for p in range(1, apart)})
    return summed(b, step.units, sums, (step.hidden, step.lanes, LONG(1)), weight)


@no_type_check
def _activated(function, vectors):
    """Emit an activation of vectors, a few of them side by side: more would not stay in registers."""
    few = [vectors[number : number + 6] for number in range(0, len(vectors), 6)]
    return [value for part in few for value in one_by_one(function(together(part)))]


@no_type_check
def _procedure(squash, rows, *widths):
    """Return the procedure that computes vectors of units in as many sequences as it has rows."""

    @intrinsic
    def cells(typing, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, unit, keep):
        def emit(b, *values):
            step = _Step(*values)
            vectors = blocks(b, widths, step.unit, step.units)
            places = [(r, k) for r in range(rows) for k in range(len(vectors))]
            sums = _sums(b, step, rows, vectors)
            gates = _activated(squash, [sums[r, (k, gate)] for r, k in places for gate in (INPUT, FORGET, OUTPUT)])
            i, f, o = gates[0::3], gates[1::3], gates[2::3]
            g = _activated(tanh, [sums[r, (k, CANDIDATE)] for r, k in places])

            def of(address, apart, r, k):
                return further(b, address, b.add(b.mul(apart, LONG(r)), vectors[k].start))

            old = [read(b, of(step.cell, step.lanes, r, k), vectors[k].width) for r, k in places]
            new = one_by_one(together(f) * together(old) + together(i) * together(g))
            out = one_by_one(together(o) * together(_activated(tanh, new)))
            for (r, k), value, output in zip(places, new, out, strict=True):
                write(b, of(step.cell, step.lanes, r, k), value)
                write(b, of(step.fresh, step.lanes, r, k), output)
                write(b, of(step.shown, step.length, r, k), output, vectors[k].last)
            with b.if_then(b.icmp_signed("!=", step.keep, LONG(0))):
                for (r, k), *kept in zip(places, i, f, g, o, new, strict=True):
                    for number, value in enumerate(kept):
                        write(b, further(b, of(step.trace, step.depth, r, k), b.mul(step.lanes, LONG(number))), value)

        return procedure(13, emit)

    return cells


@no_type_check
def _steps(squash):
    """Return the function that takes some sequences one step further, with one activation of the gates."""
    one, two, four = (_procedure(squash, rows, WIDTH) for rows in (1, 2, ROWS))
    one_half, two_half = (_procedure(squash, rows, HALF) for rows in (1, 2))
    one_both, two_both = (_procedure(squash, rows, WIDTH, HALF) for rows in (1, ROWS // 2))

    @njit(forceinline=True)
    def forward(rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep):
        unit = 0
        while unit < units:
            width = block_width(units, unit)
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


_SOFT, _HARD = _steps(sigmoid), _steps(hard_sigmoid)


@njit(forceinline=True)
@no_type_check
def forward_cells(hard, rows, hidden, weights, given, cell, fresh, shown, length, trace, depth, units, lanes, keep):
    """Take sequences that share weights one step further.

    Args:
        hard: whether the gates' activation is the hard sigmoid.
        rows: number of sequences.
        hidden: hidden states before the step, in full vectors [rows, lanes].
        weights: of all gates, block of units by block, as `forward.py` packs them.
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
