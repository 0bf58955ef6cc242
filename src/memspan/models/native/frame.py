"""What XLA hands to native code: a call frame, read by the offsets of its public C header (xla/ffi/api/c_api.h)."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import re
from pathlib import Path
from typing import no_type_check

import jax.ffi
from numba import njit

from memspan.models.native.memory import at, integer, write_integer

__all__ = [
    "AFFINE",
    "FORWARD",
    "SCHEDULE",
    "THREADS",
    "argument",
    "arguments",
    "attribute",
    "axis",
    "data",
    "only_asked",
    "place",
    "rank",
    "result",
    "results",
]


_HEADER = (Path(jax.ffi.include_dir()) / "xla" / "ffi" / "api" / "c_api.h").read_text()


def _version() -> int:
    """Return minor and major version of the interface, as they lie in memory; the layout below is that of major 0."""
    major, minor = (int(re.findall(rf"#define XLA_FFI_API_{part} (\d+)", _HEADER)[0]) for part in ("MAJOR", "MINOR"))
    if major != 0:
        raise NotImplementedError(f"native loops know version 0 of XLA's foreign function interface, not {major}")
    return minor << 32 | major


VERSION = _version()
# Where XLA's table of functions, after 48 bytes of versions, has those that run a task on a thread and count threads.
_FUNCTIONS = re.findall(r"_API_STRUCT_FIELD\((XLA_FFI_\w+)\);", _HEADER)
SCHEDULE, THREADS = (48 + 8 * _FUNCTIONS.index(f"XLA_FFI_ThreadPool_{name}") for name in ("Schedule", "NumThreads"))
AFFINE, FORWARD = 3, 5  # arguments of an affine layer's passes and of the loop's forward pass, by which they are known


@njit
@no_type_check
def only_asked(frame):
    """Answer XLA if it only asks which version of its interface the handler was written for; say whether it did."""
    extension = integer(frame + 8)
    if extension == 0:
        return False
    metadata = integer(extension + 24)
    write_integer(metadata + 24, VERSION)
    write_integer(metadata + 32, 0)
    return True


@njit
@no_type_check
def arguments(frame):
    """Return the number of arguments."""
    return integer(frame + 56)


@njit
@no_type_check
def argument(frame, number):
    """Return the address that describes an argument."""
    return integer(integer(frame + 72) + 8 * number)


@njit
@no_type_check
def results(frame):
    """Return the number of results."""
    return integer(frame + 96)


@njit
@no_type_check
def result(frame, number):
    """Return the address that describes a result."""
    return integer(integer(frame + 112) + 8 * number)


@njit
@no_type_check
def attribute(frame, number):
    """Return an attribute, a whole number of 64 bits."""
    return integer(integer(integer(integer(frame + 160) + 8 * number) + 8))


@njit
@no_type_check
def data(buffer):
    """Return where the numbers of an argument or result lie."""
    return integer(buffer + 24)


@njit
@no_type_check
def rank(buffer):
    """Return the number of its axes."""
    return integer(buffer + 32)


@njit
@no_type_check
def axis(buffer, number):
    """Return the length of one of its axes."""
    return integer(integer(buffer + 40) + 8 * number)


@njit
@no_type_check
def place(buffer, whole, inner, index):
    """Return where the numbers of one sequence lie.

    Args:
        buffer: an argument or result: leading axes, of which those that were not mapped have length 1, then inner
            axes.
        whole: a result with two inner axes, whose leading axes have their full length.
        inner: how many inner axes the buffer has, and how many numbers they hold.
        index: which sequence, counted along the leading axes.
    """
    offset, stride = 0, 1
    for number in range(rank(buffer) - inner[0] - 1, -1, -1):
        length = axis(whole, number)
        if axis(buffer, number) > 1:
            offset += index % length * stride
            stride *= length
        index //= length
    return at(data(buffer), offset * inner[1])
