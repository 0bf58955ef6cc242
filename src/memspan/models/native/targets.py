"""The kernels as a function that XLA can call by its address."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

import ctypes
import functools
import hashlib
from pathlib import Path
from typing import Any, no_type_check

from llvmlite import binding
from numba import cfunc, types

from memspan.models.native.frame import only_asked
from memspan.models.native.parallel import TASK, run, take_groups

__all__ = ["handler"]


def _fingerprint() -> int:
    """Return a number of all sources here: Numba's cache looks at one file only, and would keep code of old ones."""
    text = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return int.from_bytes(hashlib.sha256(text).digest()[:7], "big")


@no_type_check
def _compiled_task(fingerprint):
    @cfunc(types.int64(types.int64), cache=True)
    def task(job):
        if job == fingerprint:  # never; it makes the number a part of what is cached
            return 1
        return take_groups(job)

    return task


@no_type_check
def _compiled_call(fingerprint):
    @cfunc(types.int64(types.int64), cache=True)
    def call(frame):
        if frame == fingerprint:
            return 1
        if not only_asked(frame):
            run(frame)
        return 0

    return call


@functools.cache
def _kept() -> tuple[Any, Any]:
    mark = _fingerprint()
    task = _compiled_task(mark)
    binding.add_symbol(TASK, task.address)
    return task, _compiled_call(mark)


def handler() -> ctypes.c_void_p:
    """Return the address of both passes, compiled or read from Numba's cache; XLA tells them by their arguments.

    Returns:
        Where XLA finds the code, which lives as long as the process.
    """
    return ctypes.c_void_p(_kept()[1].address)
