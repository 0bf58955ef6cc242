"""Rows of numbers that lie at addresses: copied, added, cleared, asked for ahead."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit
from numba.extending import intrinsic

from memspan.models.native.memory import declared, place_of, procedure, read, write
from memspan.models.native.vector import WIDTH

__all__ = ["add", "ahead", "clear", "copy", "move"]

LONG = ir.IntType(64)


@no_type_check
def _of_vectors(adds, masked):
    """Return the procedure that adds a vector to another, or puts it there; of a masked one its first numbers only."""

    @intrinsic
    def put(typing, to, origin, count):
        def emit(b, to, origin, count):
            last = count if masked else None
            vector = read(b, origin, WIDTH, last)
            write(b, to, read(b, to, WIDTH, last) + vector if adds else vector, last)

        return procedure(3, emit)

    return put


@no_type_check
def _of_rows(adds):
    full, rest = _of_vectors(adds, False), _of_vectors(adds, True)

    @njit
    def put(to, origin, count):
        while count >= WIDTH:
            full(to, origin, count)
            to, origin, count = to + 4 * WIDTH, origin + 4 * WIDTH, count - WIDTH
        if count > 0:
            rest(to, origin, count)

    return put


add = _of_rows(True)  # (to, origin, count): add numbers to others
move = _of_rows(False)  # (to, origin, count): copy numbers, of which there are few


@intrinsic
@no_type_check
def copy(typing, to, origin, count):
    """Copy numbers."""

    def emit(b, to, origin, count):
        byte = ir.IntType(8)
        form = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), byte.as_pointer(), LONG, ir.IntType(1)])
        memcpy = declared(b, "llvm.memcpy.p0.p0.i64", form)
        size = b.mul(count, LONG(4))
        b.call(memcpy, [place_of(b, to, byte), place_of(b, origin, byte), size, ir.IntType(1)(0)])

    return procedure(3, emit)


@intrinsic
@no_type_check
def ahead(typing, address):
    """Ask for the line of the cache at an address, which is read soon."""

    def emit(b, address):
        byte = ir.IntType(8)
        form = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), *[ir.IntType(32)] * 3])
        prefetch = declared(b, "llvm.prefetch.p0", form)
        b.call(prefetch, [place_of(b, address, byte), *(ir.IntType(32)(number) for number in (0, 3, 1))])

    return procedure(1, emit)


@intrinsic
@no_type_check
def clear(typing, address, count):
    """Write zeros."""

    def emit(b, address, count):
        byte = ir.IntType(8)
        form = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), byte, LONG, ir.IntType(1)])
        memset = declared(b, "llvm.memset.p0.i64", form)
        b.call(memset, [place_of(b, address, byte), byte(0), b.mul(count, LONG(4)), ir.IntType(1)(0)])

    return procedure(2, emit)
