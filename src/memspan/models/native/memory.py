"""Memory by address, for native code: numbers and vectors."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from memspan.models.native.vector import LANES, WIDTH, Vector

__all__ = [
    "LINE",
    "aligned",
    "at",
    "declared",
    "further",
    "integer",
    "padded",
    "place_of",
    "procedure",
    "read",
    "symbol",
    "write",
    "write_integer",
]

FLOAT, LONG = ir.FloatType(), ir.IntType(64)
LINE = 16  # numbers in a line of the cache


@no_type_check
def procedure(arguments, emit):
    """Return what Numba asks of an intrinsic: whole numbers in, nothing out; `emit` writes its instructions."""

    def generate(context, builder, signature, values):
        emit(builder, *values)
        return context.get_dummy_value()

    return types.void(*[types.int64] * arguments), generate


@no_type_check
def place_of(b, address, kind):
    """Emit the pointer to something of a kind at an address."""
    return b.inttoptr(address, kind.as_pointer())


@no_type_check
def further(b, address, count):
    """Emit the address so many numbers further."""
    return b.add(address, b.mul(count, LONG(4)))


@no_type_check
def _mask(b, count, width):
    lanes = ir.VectorType(LONG, width)
    none, zeros = ir.Constant(lanes, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    counts = b.shuffle_vector(b.insert_element(none, count, ir.IntType(32)(0)), none, zeros)
    return b.icmp_signed("<", ir.Constant(lanes, list(range(width))), counts)


@no_type_check
def read(b, address, width=WIDTH, count=None):
    """Emit the reading of a vector, of its first `count` numbers only if a count is given."""
    kind = ir.VectorType(FLOAT, width)
    pointer = place_of(b, address, kind)
    if count is None:
        return Vector(b, b.load(pointer, align=4))
    mask, zeros = _mask(b, count, width), ir.Constant(kind, [0.0] * width)
    form = ir.FunctionType(kind, [pointer.type, ir.IntType(32), mask.type, kind])
    load = declared(b, f"llvm.masked.load.v{width}f32.p0", form)
    return Vector(b, b.call(load, [pointer, ir.IntType(32)(4), mask, zeros]))


@no_type_check
def write(b, address, vector, count=None):
    """Emit the writing of a vector, of its first `count` numbers only if a count is given."""
    kind = vector.value.type
    pointer = place_of(b, address, kind)
    if count is None:
        b.store(vector.value, pointer, align=4)
        return
    mask = _mask(b, count, kind.count)
    form = ir.FunctionType(ir.VoidType(), [kind, pointer.type, ir.IntType(32), mask.type])
    store = declared(b, f"llvm.masked.store.v{kind.count}f32.p0", form)
    b.call(store, [vector.value, pointer, ir.IntType(32)(4), mask])


@no_type_check
def declared(b, name, form):
    """Return a function of LLVM's, declared once a module."""
    found = b.module.globals.get(name)
    return found if found is not None else ir.Function(b.module, form, name)


@intrinsic
@no_type_check
def integer(typing, address):
    """Return the whole number of 64 bits at an address."""

    def generate(context, builder, signature, values):
        return builder.load(place_of(builder, values[0], LONG))

    return types.int64(types.int64), generate


@intrinsic
@no_type_check
def write_integer(typing, address, value):
    """Write a whole number of 64 bits."""
    return procedure(2, lambda b, address, value: b.store(value, place_of(b, address, LONG)))


@intrinsic
@no_type_check
def _small(typing, address):
    """Return the whole number of 32 bits at an address."""

    def generate(context, builder, signature, values):
        return builder.sext(builder.load(place_of(builder, values[0], ir.IntType(32))), LONG)

    return types.int64(types.int64), generate


@njit(forceinline=True)
@no_type_check
def symbol(symbols, number, choice):
    """Return one of the symbols at an address; as in JAX, negative ones count from the end and none is outside."""
    found = _small(symbols + 4 * number)
    found = found + choice if found < 0 else found
    return min(max(found, 0), choice - 1)


@njit(forceinline=True)
@no_type_check
def aligned(address):
    """Return the first address from one on where a line of the cache begins: a vector across two is read twice."""
    return (address + 4 * LINE - 1) // (4 * LINE) * (4 * LINE)


@njit(forceinline=True)
@no_type_check
def at(address, count):
    """Return the address so many numbers further."""
    return address + 4 * count


@njit(forceinline=True)
@no_type_check
def padded(count):
    """Return a count rounded up to what full vectors and their halves hold."""
    return (count + LANES - 1) // LANES * LANES
