"""The product of matrices that lie at addresses: tiles whose sums stay in registers."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.memory import at, procedure, read, write
from memspan.models.native.vector import SPAN, WIDTH, Vector

__all__ = ["multiply"]

FLOAT, LONG = ir.FloatType(), ir.IntType(64)
LANES = ir.VectorType(FLOAT, WIDTH)


@no_type_check
def _tile(rows, span):
    """Return the procedure that adds to `rows` x `span` vectors of sums."""
    # A short row alone would wait for each sum; so it keeps some, each of every so many terms. How many depends on
    # the span only: a row's sum is the same whichever rows it is computed beside.
    apart = max(1, SPAN - 1) // span if span < 3 else 1

    @intrinsic
    def tile(typing, left, row, column, right, step, sums, stride, terms):
        def emit(b, left, row, column, right, step, sums, stride, terms):
            def place(r, x):
                return b.add(sums, b.add(b.mul(stride, LONG(4 * r)), LONG(4 * WIDTH * x)))

            cells = [(r, x) for r in range(rows) for x in range(span)]
            zero = Vector(b, ir.Constant(LANES, [0.0] * WIDTH))
            parts = {(cell, p): read(b, place(*cell)) if p == 0 else zero for p in range(apart) for cell in cells}
            many = b.mul(b.sdiv(terms, LONG(apart)), LONG(apart))
            parts = _loop(b, LONG(0), many, apart, parts, (left, row, column, right, step))
            if apart > 1:
                parts = _loop(b, many, terms, 1, parts, (left, row, column, right, step))
            for cell in cells:
                total = parts[cell, 0]
                for p in range(1, apart):
                    total = total + parts[cell, p]
                write(b, place(*cell), total)

        return procedure(8, emit)

    return tile


@no_type_check
def _loop(b, first, last, apart, parts, matrices):
    """Emit the sum over terms, `apart` of them in each turn."""
    before, body, after = b.block, b.append_basic_block("terms"), b.append_basic_block("summed")
    b.cbranch(b.icmp_signed("<", first, last), body, after)
    b.position_at_end(body)
    term = b.phi(LONG)
    term.add_incoming(first, before)
    sums = {key: b.phi(LANES) for key in parts}
    for key, phi in sums.items():
        phi.add_incoming(parts[key].value, before)
    new = {key: Vector(b, phi) for key, phi in sums.items()}
    for p in range(apart):
        _add_term(b, b.add(term, LONG(p)), p, new, matrices)
    following = b.add(term, LONG(apart))
    term.add_incoming(following, body)
    for key, phi in sums.items():
        phi.add_incoming(new[key].value, body)
    b.cbranch(b.icmp_signed("<", following, last), body, after)
    b.position_at_end(after)
    for key in new:
        phi = b.phi(LANES)
        phi.add_incoming(parts[key].value, before)
        phi.add_incoming(new[key].value, body)
        new[key] = Vector(b, phi)
    return new


@no_type_check
def _add_term(b, term, p, sums, matrices):
    """Emit one term of every sum."""
    left, row, column, right, step = matrices
    cells = [cell for cell, part in sums if part == p]
    line = b.add(right, b.mul(b.mul(term, step), LONG(4)))
    vectors = {x: read(b, b.add(line, LONG(4 * WIDTH * x))) for x in sorted({x for _, x in cells})}
    none, zeros = ir.Constant(LANES, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), WIDTH), [0] * WIDTH)
    for r in sorted({r for r, _ in cells}):
        place = b.add(left, b.mul(b.add(b.mul(row, LONG(r)), b.mul(term, column)), LONG(4)))
        number = b.load(b.inttoptr(place, FLOAT.as_pointer()), align=4)
        factor = Vector(b, b.shuffle_vector(b.insert_element(none, number, ir.IntType(32)(0)), none, zeros))
        for x, vector in vectors.items():
            sums[(r, x), p] = sums[(r, x), p] + factor * vector


@no_type_check
def _rows(rows):
    """Return the function that takes a tile of any span."""
    one, two, three = _tile(rows, 1), _tile(rows, 2), _tile(rows, 3)
    four, five = (_tile(rows, 4), _tile(rows, 5)) if SPAN == 5 else (three, three)

    @njit
    def tiles(span, left, row, column, right, step, sums, stride, terms):
        if span == 4:
            four(left, row, column, right, step, sums, stride, terms)
        elif span == 5:
            five(left, row, column, right, step, sums, stride, terms)
        elif span == 3:
            three(left, row, column, right, step, sums, stride, terms)
        elif span == 2:
            two(left, row, column, right, step, sums, stride, terms)
        else:
            one(left, row, column, right, step, sums, stride, terms)

    return tiles


_ONE, _TWO, _FOUR = _rows(1), _rows(2), _rows(4)
_USUAL = min(SPAN, 4)


@njit
@no_type_check
def multiply(rows, vectors, terms, left, row, column, right, step, sums, stride):
    """Add to sums [rows, vectors * WIDTH] the product of left [rows, terms] and right [terms, vectors * WIDTH].

    Args:
        rows: of the left matrix.
        vectors: columns of the right matrix, in full vectors.
        terms: of each sum.
        left: address of the left matrix.
        row: numbers from one of its rows to the next.
        column: numbers from one of its columns to the next.
        right: address of the right matrix.
        step: numbers from one of its rows to the next.
        sums: address of the sums.
        stride: numbers from one of their rows to the next.
    """
    while vectors > 0:
        span = vectors if vectors <= SPAN else _USUAL
        r = 0
        while r + 4 <= rows:
            _FOUR(span, at(left, r * row), row, column, right, step, at(sums, r * stride), stride, terms)
            r += 4
        if r + 2 <= rows:
            _TWO(span, at(left, r * row), row, column, right, step, at(sums, r * stride), stride, terms)
            r += 2
        if r < rows:
            _ONE(span, at(left, r * row), row, column, right, step, at(sums, r * stride), stride, terms)
        vectors -= span
        right = at(right, span * WIDTH)
        sums = at(sums, span * WIDTH)
