"""The arrays that structures may hold: on the host before and after a program, traced or on a device within it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Union

import numpy as np
from jaxtyping import Array

__all__ = ["AnyArray"]

if TYPE_CHECKING:
    AnyArray = Any  # NumPy's and JAX's arrays share no type that a checker could compute with
else:
    AnyArray = Union[Array, np.ndarray]  # noqa: UP007 - jaxtyping reads this at run time
