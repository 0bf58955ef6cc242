"""The product of matrices that lie at addresses: tiles whose sums stay in registers."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.memory import at, further, procedure, read, write
from memspan.models.native.vector import HALF, SPAN, WIDTH, Vector, constant

__all__ = ["broken_up", "multiply", "summed"]

FLOAT, LONG = ir.FloatType(), ir.IntType(64)


def broken_up(vectors: int) -> int:
    """Return in how many parts a sum is added up, each of every so many terms: one alone would wait for itself.

    It depends on the vectors of a row and not on how many rows there are: a row's sum is the same whichever rows it
    is computed beside.
    """
    return max(1, (SPAN - 1) // vectors)


@no_type_check
def _tile(rows, *widths):
    """Return the procedure that adds to sums in some rows, in vectors of these widths."""
    apart = broken_up(len(widths))
    starts = [sum(widths[:x]) for x in range(len(widths))]

    @intrinsic
    def tile(typing, left, row, column, right, step, sums, stride, terms):
        def emit(b, left, row, column, right, step, sums, stride, terms):
            def place(r, x):
                return further(b, further(b, sums, b.mul(stride, LONG(r))), LONG(starts[x]))

            def vector(term, x):
                return read(b, further(b, right, b.add(b.mul(term, step), LONG(starts[x]))), widths[x])

            cells = [(r, x) for r in range(rows) for x in range(len(widths))]
            parts = {(cell, p): constant(b, 0.0, widths[cell[1]]) for p in range(1, apart) for cell in cells}
            parts.update({(cell, 0): read(b, place(*cell), widths[cell[1]]) for cell in cells})
            for cell, total in summed(b, terms, parts, (left, row, column), vector).items():
                write(b, place(*cell), total)

        return procedure(8, emit)

    return tile


@no_type_check
def summed(b, terms, parts, left, vector):
    """Emit sums of products.

    Args:
        b: where instructions are written.
        terms: of each sum.
        parts: what each sum starts with, by ((row, x), part): as many parts as `broken_up` says.
        left: address of the left matrix, numbers from one row to the next and from one column to the next.
        vector: (term, x) emits the reading of the right matrix.

    Returns:
        The sums by (row, x).
    """
    apart = 1 + max(p for _, p in parts)
    many = b.mul(b.sdiv(terms, LONG(apart)), LONG(apart))
    parts = _loop(b, (LONG(0), many), apart, parts, left, vector)
    if apart > 1:
        parts = _loop(b, (many, terms), 1, parts, left, vector)
    totals = {}
    for (cell, _), part in sorted(parts.items(), key=lambda item: item[0][1]):
        totals[cell] = totals[cell] + part if cell in totals else part
    return totals


@no_type_check
def _loop(b, limits, apart, parts, left, vector):
    """Emit the sum over terms between two limits, `apart` of them in each turn."""
    first, last = limits
    before, body, after = b.block, b.append_basic_block("terms"), b.append_basic_block("summed")
    b.cbranch(b.icmp_signed("<", first, last), body, after)
    b.position_at_end(body)
    term = b.phi(LONG)
    term.add_incoming(first, before)
    sums = {key: b.phi(part.value.type) for key, part in parts.items()}
    for key, phi in sums.items():
        phi.add_incoming(parts[key].value, before)
    new = {key: Vector(b, phi) for key, phi in sums.items()}
    for p in range(apart):
        _add_term(b, b.add(term, LONG(p)), p, new, left, vector)
    following = b.add(term, LONG(apart))
    term.add_incoming(following, body)
    for key, phi in sums.items():
        phi.add_incoming(new[key].value, body)
    b.cbranch(b.icmp_signed("<", following, last), body, after)
    b.position_at_end(after)
    for key in new:
        phi = b.phi(parts[key].value.type)
        phi.add_incoming(parts[key].value, before)
        phi.add_incoming(new[key].value, body)
        new[key] = Vector(b, phi)
    return new


@no_type_check
def _add_term(b, term, p, sums, left, vector):
    """Emit one term of every sum."""
    address, row, column = left
    cells = [cell for cell, part in sums if part == p]
    vectors = {x: vector(term, x) for x in sorted({x for _, x in cells})}
    for r in sorted({r for r, _ in cells}):
        place = further(b, address, b.add(b.mul(row, LONG(r)), b.mul(term, column)))
        number = b.load(b.inttoptr(place, FLOAT.as_pointer()), align=4)
        for x, factor in vectors.items():
            sums[(r, x), p] = sums[(r, x), p] + _spread(b, number, factor.value.type) * factor


@no_type_check
def _spread(b, number, lanes):
    """Emit a vector of one number."""
    none, zeros = (
        ir.Constant(lanes, ir.Undefined),
        ir.Constant(ir.VectorType(ir.IntType(32), lanes.count), [0] * lanes.count),
    )
    return Vector(b, b.shuffle_vector(b.insert_element(none, number, ir.IntType(32)(0)), none, zeros))


@no_type_check
def _rows(rows):
    """Return the function that takes a tile of any span."""
    half, both = _tile(rows, HALF), _tile(rows, WIDTH, HALF)
    one, two, three = (_tile(rows, *[WIDTH] * span) for span in (1, 2, 3))
    four, five = (_tile(rows, *[WIDTH] * span) if span <= SPAN else three for span in (4, 5))

    @njit
    def tiles(span, left, row, column, right, step, sums, stride, terms):
        if span == 0:
            half(left, row, column, right, step, sums, stride, terms)
        elif span == _BOTH:
            both(left, row, column, right, step, sums, stride, terms)
        elif span == 4:
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


_BOTH = 9  # the span of a vector and half of one
_ONE, _TWO, _FOUR = _rows(1), _rows(2), _rows(4)
_USUAL = min(SPAN, 4)


@njit
@no_type_check
def multiply(rows, columns, terms, left, row, column, right, step, sums, stride):
    """Add to sums [rows, columns] the product of left [rows, terms] and right [terms, columns].

    Args:
        rows: of the left matrix.
        columns: of the right matrix, in full halves of vectors.
        terms: of each sum.
        left: address of the left matrix.
        row: numbers from one of its rows to the next.
        column: numbers from one of its columns to the next.
        right: address of the right matrix.
        step: numbers from one of its rows to the next.
        sums: address of the sums.
        stride: numbers from one of their rows to the next.
    """
    while columns > 0:
        vectors = columns // WIDTH
        span = vectors if vectors <= SPAN else _USUAL
        if columns == WIDTH + HALF:
            span = _BOTH
        r = 0
        while r + 4 <= rows:
            _FOUR(span, at(left, r * row), row, column, right, step, at(sums, r * stride), stride, terms)
            r += 4
        if r + 2 <= rows:
            _TWO(span, at(left, r * row), row, column, right, step, at(sums, r * stride), stride, terms)
            r += 2
        if r < rows:
            _ONE(span, at(left, r * row), row, column, right, step, at(sums, r * stride), stride, terms)
        taken = min(max(span * WIDTH, HALF), columns)
        columns -= taken
        right = at(right, taken)
        sums = at(sums, taken)
