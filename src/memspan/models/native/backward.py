"""The loop of an LSTM backward, as native code."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

from memspan.models.native.backward_cell import backward_cell
from memspan.models.native.frame import argument, attribute, axis, data, place, rank, result
from memspan.models.native.groups import group, sizes
from memspan.models.native.memory import LINE, aligned, at, padded, symbol
from memspan.models.native.product import multiply
from memspan.models.native.rows import add, ahead, clear, copy

__all__ = ["backward"]

AHEAD = 4  # steps
_TRACE, _BEFORE, _SHOWN, _HIDDEN, _START, _ROWS, _SYMBOLS = range(7)


@njit
@no_type_check
def _block(units):
    """Return how many steps are added at once to the weights' gradient: it is larger than a cache, or it is not."""
    return 128 if units > 48 else 32


@njit
@no_type_check
def backward(frame, first, most):
    """Take one group back: what went in and came out, gradients of end and outputs in; of weights and start out."""
    whole, d_rows, d_hidden, d_cell = result(frame, 0), result(frame, 1), result(frame, 2), result(frame, 3)
    distinct, hard = attribute(frame, 0), attribute(frame, 1)
    units, steps = sizes(frame)
    four, lanes, choice = 4 * units, padded(units), axis(d_rows, rank(d_rows) - 2)
    columns, wide = padded(four), padded(3 * units + lanes)  # the last gate's vectors may run over
    block, size = _block(units), units * padded(four)
    scratch = np.zeros(four * lanes + most * (3 * lanes + block * wide + size) + LINE, np.float32)
    weights = aligned(scratch.ctypes.data)
    hiddens = at(weights, four * lanes)
    cells, starts = at(hiddens, most * lanes), at(hiddens, 2 * most * lanes)
    slopes = at(hiddens, 3 * most * lanes)
    gradients = at(slopes, most * block * wide)
    count = group(frame, first, most)
    where = np.zeros((7, most), np.int64)
    _find(frame, first, count, where)
    _transpose(place(argument(frame, 0), whole, (2, four * units), first), weights, units, lanes)
    for n in range(count):
        copy(at(starts, n * lanes), where[_BEFORE, n], units)
        copy(at(hiddens, n * lanes), place(argument(frame, 6), whole, (1, units), first + n), units)
        copy(at(cells, n * lanes), place(argument(frame, 7), whole, (1, units), first + n), units)
        if not distinct:
            clear(where[_ROWS, n], choice * four)
    step = axis(argument(frame, 5), rank(argument(frame, 5)) - 1)
    for t in range(steps - 1, -1, -1):
        now = t % block
        for n in range(count):
            trace, shown = at(where[_TRACE, n], t * step), at(where[_SHOWN, n], t * units)
            before = at(trace, 4 * lanes - step) if t > 0 else at(starts, n * lanes)
            for number in range(0, 5 * lanes, LINE):
                ahead(at(trace, number - AHEAD * step))
            state, own, to = at(hiddens, n * lanes), at(cells, n * lanes), at(slopes, (n * block + now) * wide)
            backward_cell(hard, trace, before, shown, state, own, to, units, lanes)
            row = at(where[_ROWS, n], symbol(where[_SYMBOLS, n], t, choice) * four)
            if distinct:
                copy(row, to, four)
            else:
                add(row, to, four)
        multiply(count, lanes, four, at(slopes, now * wide), block * wide, 1, weights, lanes, hiddens, lanes)
        if now == 0:
            for n in range(count):
                own, to = at(slopes, n * block * wide), at(gradients, n * size)
                _add_products(where[_HIDDEN, n], where[_START, n], own, to, t, min(block, steps - t), units, wide)
    for n in range(count):
        copy(at(data(d_hidden), (first + n) * units), at(hiddens, n * lanes), units)
        copy(at(data(d_cell), (first + n) * units), at(cells, n * lanes), units)
        for row in range(units):
            to = at(data(whole), ((first + n) * units + row) * four)
            copy(to, at(gradients, n * size + row * columns), four)
    return scratch.size  # Numba frees an array after its last use


@njit
@no_type_check
def _find(frame, first, count, where):
    """Note where the numbers of each sequence lie."""
    whole, d_rows = result(frame, 0), result(frame, 1)
    start_hidden, start_cell, hidden = argument(frame, 2), argument(frame, 3), argument(frame, 4)
    trace, shown, symbols = argument(frame, 5), argument(frame, 8), argument(frame, 1)
    units, steps = sizes(frame)
    step, choice = axis(trace, rank(trace) - 1), axis(d_rows, rank(d_rows) - 2)
    for n in range(count):
        index = first + n
        where[_TRACE, n] = place(trace, whole, (2, steps * step), index)
        where[_BEFORE, n] = place(start_cell, whole, (1, units), index)
        where[_SHOWN, n] = place(shown, whole, (2, steps * units), index)
        where[_HIDDEN, n] = place(hidden, whole, (2, steps * units), index)
        where[_START, n] = place(start_hidden, whole, (1, units), index)
        where[_ROWS, n] = at(data(d_rows), index * choice * 4 * units)
        where[_SYMBOLS, n] = place(symbols, whole, (1, steps), index)


@njit
@no_type_check
def _add_products(hidden, start, slopes, gradient, t, count, units, wide):
    """Add what a block of steps says of the weights: the hidden state before each step times the sums' gradient."""
    columns = padded(4 * units)
    if t == 0:
        multiply(units, columns, 1, start, 1, units, slopes, wide, gradient, columns)
        multiply(units, columns, count - 1, hidden, 1, units, at(slopes, wide), wide, gradient, columns)
    else:
        multiply(units, columns, count, at(hidden, (t - 1) * units), 1, units, slopes, wide, gradient, columns)


@njit
@no_type_check
def _transpose(matrix, to, units, lanes):
    """Copy a matrix [units, 4 * units] to its transpose, in full vectors."""
    for column in range(4 * units):
        for unit in range(units):
            copy(at(to, column * lanes + unit), at(matrix, unit * 4 * units + column), 1)
