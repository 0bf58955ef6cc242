"""NumPy arrays and .npy files: one row is one sequence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.data.read.kinds import from_object
from memspan.data.read.tables import Item, Items

__all__ = ["open_array", "open_npy"]


def open_array(array: np.ndarray, name: str = "the array") -> Items:
    """Open an array: (time) is one sequence, (sequence, time) one per row; objects in it may be sequences.

    Example:
        >>> [item.content for item in open_array(np.array([[3, 0], [4, 0]])).items]
        [[3, 0], [4, 0]]

    Args:
        array: whole numbers, text, truth values, or numbers to be binned.
        name: what to call it in an error.

    Returns:
        Its rows.

    Raises:
        InvalidInput: it has no or more than two axes, or named fields.
    """
    if array.ndim not in (1, 2) or array.dtype.names is not None:
        got = f"fields {', '.join(array.dtype.names)}" if array.dtype.names else f"shape {array.shape}"
        raise InvalidInput(f"{name} must have shape (time) or (sequence, time), but got {got}; reshape it")
    if array.ndim == 1 and not _holds_sequences(array):
        array = array[None]
    return Items(_items(array), from_object)


def open_npy(path: Path) -> Items:
    """Open a .npy file without reading it whole.

    Args:
        path: the file.

    Returns:
        Its rows, as in `open_array`.

    Raises:
        InvalidInput: the file is no array, or one of Python objects.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        raise InvalidInput(
            f"{path} must be a .npy file of numbers or text, but {error}; save one array with numpy.save"
        ) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise InvalidInput(f"{path} must hold one array, but is an archive of several; save one with numpy.save")
    return open_array(array, str(path))


def _holds_sequences(array: np.ndarray) -> bool:
    return array.dtype == object and any(isinstance(row, list | tuple | np.ndarray) for row in array.flat)


def _items(rows: Any) -> Iterator[Item]:
    for place in range(len(rows)):
        row = rows[place]
        yield Item(place, 1, row.tolist() if isinstance(row, np.ndarray) else row)
