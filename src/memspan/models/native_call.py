"""Native code as a function of arrays: compiled or loaded by the first call, and known to XLA from then on."""

from __future__ import annotations

import functools
import importlib
import threading

import jax
import numpy as np
from jaxtyping import Array, Shaped

__all__ = ["native_call"]

_TARGET = "memspan"
_LOCK = threading.Lock()


def native_call(shapes: list[tuple[int, ...]], *arguments: Shaped[Array, "..."], **settings: int) -> list[Array]:
    """Call native code, which sequences that are mapped side by side share.

    Args:
        shapes: of the results, float32; the first one has two axes.
        arguments: arrays, by whose number the code knows what to do; see `native/parallel.py`.
        settings: whole numbers.

    Returns:
        The results.
    """
    with _LOCK:
        _register()
    form = [jax.ShapeDtypeStruct(shape, np.float32) for shape in shapes]
    function = jax.ffi.ffi_call(_TARGET, form, vmap_method="expand_dims")
    return list(function(*arguments, **{name: np.int64(value) for name, value in settings.items()}))


@functools.cache
def _register() -> None:
    """Compile the kernels or load them, and tell XLA of them."""
    address = importlib.import_module("memspan.models.native.targets").handler()
    jax.ffi.register_ffi_target(_TARGET, jax.ffi.pycapsule(address), platform="cpu")
