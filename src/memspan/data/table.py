"""Reading numbers: a list, array, pandas or polars frame as one finite array of (time, feature)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from memspan.core.errors import InvalidInput

__all__ = ["Frame", "Table", "to_series"]


@runtime_checkable
class Frame(Protocol):
    """A table that can give its values as an array, as frames of pandas and polars can."""

    def to_numpy(self) -> Any:
        """Return the values, one row per time step."""
        ...


Table = ArrayLike | Sequence[Any] | Frame


def to_series(table: Table, argument: str = "series") -> Float[np.ndarray, "time feature"]:
    """Return a table's numbers as one array with a row per time step and a column per feature.

    Numbers keep their precision: 32-bit floats stay as they are, everything else becomes 64-bit floats.

    Example:
        >>> to_series([[1, 10], [2, 20], [3, 30]])
        array([[ 1., 10.],
               [ 2., 20.],
               [ 3., 30.]])
        >>> to_series([1, 2, 3]).shape
        (3, 1)

    Args:
        table: numbers: a (time, feature) array, list of rows, or pandas or polars frame; one value per step
            is one feature.
        argument: what to call the table in an error.

    Returns:
        A new array.

    Raises:
        InvalidInput: the rows have unequal lengths, a value is not a finite number, or there is no value.
    """
    values = _numbers(table, argument)
    if values.ndim == 1:
        values = values[:, None]
    if values.ndim != 2 or values.size == 0:
        raise InvalidInput(
            f"{argument} must be a table with at least one row and one column, but got shape {values.shape}; "
            "reshape it to (time, feature)"
        )
    if (bad := np.argwhere(~np.isfinite(values))).size:
        row, column = bad[0].tolist()
        raise InvalidInput(
            f"{argument} must hold finite numbers, but got {values[row, column]} at row {row}, column "
            f"{column}; fill or drop missing values first"
        )
    return values


def _numbers(table: Table, argument: str) -> np.ndarray:
    try:
        values = np.asarray(table.to_numpy() if isinstance(table, Frame) else table)
    except ValueError as error:
        raise InvalidInput(
            f"{argument} must have rows of equal length, but got ragged ones; use pad(sequences), which gives a mask"
        ) from error
    words = values.dtype == object and any(isinstance(value, str | bytes) for value in values.flat)
    if values.dtype.kind not in "biufO" or words:
        raise InvalidInput(
            f"{argument} must hold numbers, but got values of type {'str' if words else values.dtype}; "
            "encode or drop such columns first"
        )
    try:
        return values.astype(np.float32 if values.dtype == np.float32 else np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(
            f"{argument} must hold numbers, but got a value that is none ({error}); fill, encode or drop it first"
        ) from error
