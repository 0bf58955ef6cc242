"""One step of an LSTM on a vector of its units, forward and backward, as instructions of LLVM."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.memory import at, procedure, read, write
from memspan.models.native.vector import WIDTH, Vector, hard_sigmoid, sigmoid, tanh

__all__ = ["backward_cell", "forward_cell"]

LONG = ir.IntType(64)


@no_type_check
def _four(b, address, units):
    """Return the addresses of the blocks of the four gates."""
    return [b.add(address, b.mul(units, LONG(4 * block))) for block in range(4)]


@no_type_check
def _forward(squash, width, masked):
    """Return the procedure of `width` units, or of the last `count` of them."""

    @intrinsic
    def units_forward(typing, product, sums, cell, hidden, cells, gates, units, count, keep):
        def emit(b, product, sums, cell, hidden, cells, gates, units, count, keep):
            last = count if masked else None
            blocks = _four(b, product, units)
            from_state = [read(b, block, width) for block in blocks]
            from_input = [read(b, block, width, last) for block in _four(b, sums, units)]
            zero = Vector(b, ir.Constant(from_state[0].value.type, [0.0] * width))
            for block in blocks:  # left empty for the next step's product
                write(b, block, zero)
            i, f, g, o = (one + other for one, other in zip(from_state, from_input, strict=True))
            i, f, g, o = squash(i), squash(f), tanh(g), squash(o)
            new = f * read(b, cell, width) + i * g
            write(b, cell, new)
            write(b, hidden, o * tanh(new), last)
            with b.if_then(b.icmp_signed("!=", keep, LONG(0))):
                write(b, cells, new, last)
                for block, gate in zip(_four(b, gates, units), (i, f, g, o), strict=True):
                    write(b, block, gate, last)

        return procedure(9, emit)

    return units_forward


@no_type_check
def _backward(slope, width, masked):
    """Return the procedure of `width` units, or of the last `count` of them."""

    @intrinsic
    def units_backward(typing, gates, cells, before, shown, hidden, cell, sums, units, count):
        def emit(b, gates, cells, before, shown, hidden, cell, sums, units, count):
            last = count if masked else None
            i, f, g, o = (read(b, block, width, last) for block in _four(b, gates, units))
            squashed = tanh(read(b, cells, width, last))
            d_hidden = read(b, hidden, width) + read(b, shown, width, last)
            d_cell = read(b, cell, width) + d_hidden * o * (1.0 - squashed * squashed)
            write(b, hidden, Vector(b, ir.Constant(d_cell.value.type, [0.0] * width)))
            write(b, cell, d_cell * f)
            slopes = (
                d_cell * g * slope(i),
                d_cell * read(b, before, width, last) * slope(f),
                d_cell * i * (1.0 - g * g),
                d_hidden * squashed * slope(o),
            )
            for block, value in zip(_four(b, sums, units), slopes, strict=True):
                write(b, block, value, last)

        return procedure(9, emit)

    return units_backward


@no_type_check
def _slope(value):
    return value * (1.0 - value)


@no_type_check
def _hard_slope(value):
    return value.inside(0.0, 1.0, 0.2)


HALF = WIDTH // 2
_FULL, _LAST, _FEW = (_forward(sigmoid, *form) for form in ((WIDTH, False), (WIDTH, True), (HALF, True)))
_HARD_FULL, _HARD_LAST = (_forward(hard_sigmoid, WIDTH, masked) for masked in (False, True))
_BACK_FULL, _BACK_LAST, _BACK_FEW = (_backward(_slope, *form) for form in ((WIDTH, False), (WIDTH, True), (HALF, True)))
_HARD_BACK_FULL, _HARD_BACK_LAST = (_backward(_hard_slope, WIDTH, masked) for masked in (False, True))


@njit
@no_type_check
def forward_cell(hard, product, sums, cell, hidden, cells, gates, units, keep):
    """Take one sequence one step further.

    Args:
        hard: whether the gates' activation is the hard sigmoid.
        product: what the state adds to the four gates' sums, in full vectors; left at zero.
        sums: what the input adds.
        cell: the cell, in full vectors; replaced.
        hidden: where the hidden state goes.
        cells: where the cell goes that the backward pass needs, if it is kept.
        gates: where the gates go, likewise.
        units: number of cells.
        keep: whether they are kept.
    """
    unit = 0
    while unit < units:
        place, own, left = at(product, unit), at(cell, unit), units - unit
        given, shown, kept, opened = at(sums, unit), at(hidden, unit), at(cells, unit), at(gates, unit)
        if hard:
            if left >= WIDTH:
                _HARD_FULL(place, given, own, shown, kept, opened, units, left, keep)
            else:
                _HARD_LAST(place, given, own, shown, kept, opened, units, left, keep)
        elif left >= WIDTH:
            _FULL(place, given, own, shown, kept, opened, units, left, keep)
        elif left > HALF:
            _LAST(place, given, own, shown, kept, opened, units, left, keep)
        else:
            _FEW(place, given, own, shown, kept, opened, units, left, keep)
        unit += WIDTH


@njit
@no_type_check
def backward_cell(hard, gates, cells, before, shown, hidden, cell, sums, units):
    """Take the gradient of one sequence one step back.

    Args:
        hard: whether the gates' activation is the hard sigmoid.
        gates: of the step.
        cells: the cell after the step.
        before: the cell before it.
        shown: gradient of the hidden state as the step's output.
        hidden: gradient of the hidden state from the following step, in full vectors; left at zero.
        cell: gradient of the cell, in full vectors; replaced.
        sums: where the gradient of the four gates' sums goes.
        units: number of cells.
    """
    unit = 0
    while unit < units:
        opened, after, old, given = at(gates, unit), at(cells, unit), at(before, unit), at(shown, unit)
        state, own, place, left = at(hidden, unit), at(cell, unit), at(sums, unit), units - unit
        if hard:
            if left >= WIDTH:
                _HARD_BACK_FULL(opened, after, old, given, state, own, place, units, left)
            else:
                _HARD_BACK_LAST(opened, after, old, given, state, own, place, units, left)
        elif left >= WIDTH:
            _BACK_FULL(opened, after, old, given, state, own, place, units, left)
        elif left > HALF:
            _BACK_LAST(opened, after, old, given, state, own, place, units, left)
        else:
            _BACK_FEW(opened, after, old, given, state, own, place, units, left)
        unit += WIDTH
