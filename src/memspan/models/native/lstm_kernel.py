"""The loop of an LSTM as native code: many sequences, those that share weights step by step together."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

from memspan.models.native.cell import backward_cell, forward_cell
from memspan.models.native.frame import argument, attribute, axis, data, place, rank, result, results
from memspan.models.native.memory import add, at, clear, copy, padded, symbol
from memspan.models.native.product import multiply
from memspan.models.native.vector import WIDTH

__all__ = ["backward", "forward", "next_group", "together", "work"]

TOGETHER = 16  # sequences that share one reading of the weights


@njit
@no_type_check
def _block(units):
    """Return how many steps are added at once to the weights' gradient: it is larger than a cache, or it is not."""
    return 128 if units > 48 else 32


@njit
@no_type_check
def _copy_rows(to, to_stride, origin, origin_stride, rows, count):
    for row in range(rows):
        copy(at(to, row * to_stride), at(origin, row * origin_stride), count)


@njit
@no_type_check
def _group(frame, first, most):
    """Return how many sequences from the first one are computed together: those that share its weights, `most` at most."""
    recurrent, whole, sequences = argument(frame, 0), result(frame, 0), _sequences(frame)
    size = axis(recurrent, rank(recurrent) - 2) * axis(recurrent, rank(recurrent) - 1)
    own, count = place(recurrent, whole, (2, size), first), 1
    while count < most and first + count < sequences:
        if place(recurrent, whole, (2, size), first + count) != own:
            break
        count += 1
    return count


@njit
@no_type_check
def _sequences(frame):
    whole, count = result(frame, 0), 1
    for number in range(rank(whole) - 2):
        count *= axis(whole, number)
    return count


@njit
@no_type_check
def _steps(frame):
    symbols = argument(frame, 1)
    return axis(symbols, rank(symbols) - 1)


@njit
@no_type_check
def next_group(frame, first, most):
    """Return the sequence after those that are computed together with a given one, or zero after the last."""
    following = first + _group(frame, first, most)
    return following if following < _sequences(frame) else 0


@njit
@no_type_check
def work(frame):
    """Return how many products of numbers a call needs, roughly."""
    recurrent = argument(frame, 0)
    units = axis(recurrent, rank(recurrent) - 2)
    return _sequences(frame) * _steps(frame) * 4 * units * units


@njit
@no_type_check
def together(frame, threads):
    """Return how many sequences share one reading of the weights at most: fewer where threads would be idle."""
    return max(1, min(TOGETHER, (_sequences(frame) + threads - 1) // threads))


@njit
@no_type_check
def forward(frame, first, most):
    """Run one group: kernel, symbols, rows, hidden state, cell in; hidden states, and traces or the last cell, out."""
    recurrent, symbols, rows = argument(frame, 0), argument(frame, 1), argument(frame, 2)
    hidden, cell = argument(frame, 3), argument(frame, 4)
    outputs, hard, keep = result(frame, 0), attribute(frame, 1), results(frame) == 3
    units, steps, choice = axis(recurrent, rank(recurrent) - 2), _steps(frame), axis(rows, rank(rows) - 2)
    four, row, wide = 4 * units, padded(units), padded(4 * units)
    stride = wide + row  # the last gate's block is read in full vectors
    scratch = np.zeros(units * wide + most * (stride + 2 * row), np.float32)
    weights = scratch.ctypes.data
    products = at(weights, units * wide)
    cells, starts = at(products, most * stride), at(products, most * (stride + row))
    given, read = np.zeros(most, np.int64), np.zeros(most, np.int64)
    group = _group(frame, first, most)
    _copy_rows(weights, wide, place(recurrent, outputs, (2, four * units), first), four, units, four)
    for n in range(group):
        given[n] = place(rows, outputs, (2, choice * four), first + n)
        read[n] = place(symbols, outputs, (1, steps), first + n)
        copy(at(starts, n * row), place(hidden, outputs, (1, units), first + n), units)
        copy(at(cells, n * row), place(cell, outputs, (1, units), first + n), units)
    shown = at(data(outputs), first * steps * units)
    kept, opened = shown, shown
    if keep:
        kept = at(data(result(frame, 1)), first * steps * units)
        opened = at(data(result(frame, 2)), first * steps * four)
    left, apart = starts, row
    for t in range(steps):
        multiply(group, wide // WIDTH, units, left, apart, 1, weights, wide, products, stride)
        for n in range(group):
            place_t, step_t = (n * steps + t) * units, at(given[n], symbol(read[n], t, choice) * four)
            to, own = at(shown, place_t), at(cells, n * row)
            traces = at(kept, place_t), at(opened, 4 * place_t)
            forward_cell(hard, at(products, n * stride), step_t, own, to, traces[0], traces[1], units, keep)
        left, apart = at(shown, t * units), steps * units
    if not keep:
        _copy_rows(at(data(result(frame, 1)), first * units), units, cells, row, group, units)
    return scratch.size  # Numba frees an array after its last use


@njit
@no_type_check
def backward(frame, first, most):
    """Take one group back: what went in, traces, gradients of end and outputs in; of kernel, rows and start out."""
    recurrent, symbols, start_hidden = argument(frame, 0), argument(frame, 1), argument(frame, 2)
    start_cell, hidden, cell, gates = argument(frame, 3), argument(frame, 4), argument(frame, 5), argument(frame, 6)
    end_hidden, end_cell, shown = argument(frame, 7), argument(frame, 8), argument(frame, 9)
    whole, d_rows, distinct, hard = result(frame, 0), result(frame, 1), attribute(frame, 0), attribute(frame, 1)
    units, steps, choice = axis(recurrent, rank(recurrent) - 2), _steps(frame), axis(d_rows, rank(d_rows) - 2)
    four, row, wide = 4 * units, padded(units), padded(4 * units)
    size, length, block = four * units, steps * units, _block(units)
    scratch = np.zeros(four * row + most * (2 * row + block * wide + units * wide), np.float32)
    weights = scratch.ctypes.data
    hiddens, cells = at(weights, four * row), at(weights, four * row + most * row)
    slopes = at(cells, most * row)
    gradients = at(slopes, most * block * wide)
    where = np.zeros((8, most), np.int64)
    group = _group(frame, first, most)
    _transpose(place(recurrent, whole, (2, size), first), weights, units, row)
    if not distinct:
        clear(at(data(d_rows), first * choice * four), group * choice * four)
    for n in range(group):
        index = first + n
        where[0, n] = place(gates, whole, (2, steps * four), index)
        where[1, n] = place(cell, whole, (2, length), index)
        where[2, n] = place(start_cell, whole, (1, units), index)
        where[3, n] = place(shown, whole, (2, length), index)
        where[4, n] = place(hidden, whole, (2, length), index)
        where[5, n] = place(start_hidden, whole, (1, units), index)
        where[6, n] = at(data(d_rows), index * choice * four)
        where[7, n] = place(symbols, whole, (1, steps), index)
        copy(at(hiddens, n * row), place(end_hidden, whole, (1, units), index), units)
        copy(at(cells, n * row), place(end_cell, whole, (1, units), index), units)
    for t in range(steps - 1, -1, -1):
        now = t % block
        for n in range(group):
            opened, after = at(where[0, n], t * four), at(where[1, n], t * units)
            before = where[2, n] if t == 0 else at(after, -units)
            to = at(slopes, (n * block + now) * wide)
            own, state = at(cells, n * row), at(hiddens, n * row)
            backward_cell(hard, opened, after, before, at(where[3, n], t * units), state, own, to, units)
            read = at(where[6, n], symbol(where[7, n], t, choice) * four)
            if distinct:
                copy(read, to, four)
            else:
                add(read, to, four)
        multiply(group, row // WIDTH, four, at(slopes, now * wide), block * wide, 1, weights, row, hiddens, row)
        if now == 0:
            count = min(block, steps - t)
            for n in range(group):
                own, to = at(slopes, n * block * wide), at(gradients, n * units * wide)
                _add_products(where[4, n], where[5, n], own, to, t, count, units, wide)
    _copy_rows(at(data(result(frame, 2)), first * units), units, hiddens, row, group, units)
    _copy_rows(at(data(result(frame, 3)), first * units), units, cells, row, group, units)
    for n in range(group):
        to = at(data(whole), (first + n) * size)
        _copy_rows(to, four, at(gradients, n * units * wide), wide, units, four)
    return scratch.size  # Numba frees an array after its last use


@njit
@no_type_check
def _add_products(hidden, start, slopes, gradient, t, count, units, wide):
    """Add what a block of steps says of the weights: the hidden state before each step times the sums' gradient."""
    if t == 0:
        multiply(units, wide // WIDTH, 1, start, 1, units, slopes, wide, gradient, wide)
        multiply(units, wide // WIDTH, count - 1, hidden, 1, units, at(slopes, wide), wide, gradient, wide)
    else:
        multiply(units, wide // WIDTH, count, at(hidden, (t - 1) * units), 1, units, slopes, wide, gradient, wide)


@njit
@no_type_check
def _transpose(matrix, to, units, row):
    """Copy a matrix [units, 4 * units] to its transpose, in full vectors."""
    for column in range(4 * units):
        for unit in range(units):
            copy(at(to, column * row + unit), at(matrix, unit * 4 * units + column), 1)
