"""The loop of an LSTM forward, as native code."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

from memspan.models.native.forward_cells import forward_cells
from memspan.models.native.frame import argument, attribute, axis, data, place, rank, result
from memspan.models.native.groups import group, sizes
from memspan.models.native.memory import LINE, aligned, at, padded, symbol
from memspan.models.native.rows import copy
from memspan.models.native.vector import HALF, WIDTH

__all__ = ["forward"]


@njit
@no_type_check
def _pack(recurrent, to, units):
    """Copy a kernel [units, 4 * units] so that it is read in order: by block of units, by row, by gate."""
    unit = 0
    while unit < units:
        width = WIDTH if units - unit >= WIDTH else HALF
        for row in range(units):
            for gate in range(4):
                origin = at(recurrent, (4 * row + gate) * units + unit)
                copy(at(to, (4 * row + gate) * width), origin, min(width, units - unit))
        to = at(to, 4 * units * width)
        unit += width


@njit
@no_type_check
def forward(frame, first, most):
    """Run one group: kernel, symbols, rows, hidden state, cell in; hidden states, and the trace or last cell, out."""
    recurrent, symbols, rows = argument(frame, 0), argument(frame, 1), argument(frame, 2)
    hidden, cell, outputs, other = argument(frame, 3), argument(frame, 4), result(frame, 0), result(frame, 1)
    hard, keep = attribute(frame, 1), attribute(frame, 2)
    units, steps = sizes(frame)
    four, lanes, choice = 4 * units, padded(units), axis(rows, rank(rows) - 2)
    scratch = np.zeros(four * lanes + 3 * most * lanes + LINE, np.float32)
    weights = aligned(scratch.ctypes.data)
    cells = at(weights, four * lanes)
    old, new = at(cells, most * lanes), at(cells, 2 * most * lanes)
    tables, read, given = np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros(most, np.int64)
    count = group(frame, first, most)
    _pack(place(recurrent, outputs, (2, four * units), first), weights, units)
    for n in range(count):
        tables[n] = place(rows, outputs, (2, choice * four), first + n)
        read[n] = place(symbols, outputs, (1, steps), first + n)
        copy(at(old, n * lanes), place(hidden, outputs, (1, units), first + n), units)
        copy(at(cells, n * lanes), place(cell, outputs, (1, units), first + n), units)
    shown, length = at(data(outputs), first * steps * units), steps * units
    trace, step = shown, 0
    if keep:
        step = axis(other, rank(other) - 1)
        trace = at(data(other), first * steps * step)
    depth, addresses = steps * step, given.ctypes.data
    for t in range(steps):
        for n in range(count):
            given[n] = at(tables[n], symbol(read[n], t, choice) * four)
        out, kept = at(shown, t * units), at(trace, t * step)
        forward_cells(hard, count, old, weights, addresses, cells, new, out, length, kept, depth, units, lanes, keep)
        old, new = new, old
    if not keep:
        for n in range(count):
            copy(at(data(other), (first + n) * units), at(cells, n * lanes), units)
    return scratch.size + given.size  # Numba frees an array after its last use
