"""How single array operations pass dependence on: sparse matrices of truth values, one row an element."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int
from scipy import sparse

__all__ = ["ELEMENTWISE", "MOVES", "Rows", "either", "everywhere", "moved", "passed_on", "spread"]

Rows = Any  # scipy.sparse.csr_array of bool, whose stubs say little
Shape = tuple[int, ...]

# fmt: off
ELEMENTWISE = {
    "abs", "acos", "acosh", "add", "add_any", "and", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "clamp",
    "complex", "conj", "convert_element_type", "copy", "copy_p", "cos", "cosh", "digamma", "div", "eq", "erf",
    "erf_inv", "erfc", "exp", "exp2", "expm1", "ge", "gt", "imag", "integer_pow", "is_finite", "le", "lgamma",
    "log", "log1p", "logistic", "lt", "max", "min", "mul", "name", "ne", "neg", "nextafter", "not", "or", "pow",
    "real", "reduce_precision", "rem", "rsqrt", "select_n", "sin", "sinh", "sqrt", "square", "sub", "tan", "tanh",
    "xor",
}
# fmt: on
ALONG_AXES = {"reduce_sum", "reduce_max", "reduce_min", "reduce_prod"}
ALONG_AXIS = {"cumsum", "cumprod", "cummax", "cummin", "cumlogsumexp"}


def _slice(params: dict[str, Any], x: np.ndarray) -> np.ndarray:
    steps = params["strides"] or [1] * x.ndim
    return x[tuple(map(slice, params["start_indices"], params["limit_indices"], steps))]


def _broadcast(params: dict[str, Any], x: np.ndarray) -> np.ndarray:
    shape = [1] * len(params["shape"])
    for size, axis in zip(x.shape, params["broadcast_dimensions"], strict=True):
        shape[axis] = size
    return np.broadcast_to(x.reshape(shape), params["shape"])


def _pad(params: dict[str, Any], x: np.ndarray, filler: np.ndarray) -> np.ndarray:
    config = params["padding_config"]
    sizes = [low + size + max(0, size - 1) * gap + high for size, (low, high, gap) in zip(x.shape, config, strict=True)]
    out = np.full(sizes, filler)
    for place in np.ndindex(x.shape):
        at = [low + i * (gap + 1) for i, (low, _, gap) in zip(place, config, strict=True)]
        if all(0 <= i < size for i, size in zip(at, sizes, strict=True)):
            out[tuple(at)] = x[place]
    return out


# What only moves elements, done to NumPy arrays of their numbers: nothing has to be compiled.
MOVES: dict[str, Callable[..., Any]] = {
    "broadcast_in_dim": _broadcast,
    "concatenate": lambda params, *xs: np.concatenate(xs, params["dimension"]),
    "expand_dims": lambda params, x: np.expand_dims(x, params["dimensions"]),
    "reshape": lambda params, x: x.reshape(params["new_sizes"]),
    "pad": _pad,
    "rev": lambda params, x: np.flip(x, params["dimensions"]),
    "slice": _slice,
    "split": lambda params, x: np.split(x, np.cumsum(params["sizes"])[:-1], params["axis"]),
    "squeeze": lambda params, x: np.squeeze(x, params["dimensions"]),
    "stack": lambda params, *xs: np.stack(xs, params["axis"]),
    "tile": lambda params, x: np.tile(x, params["reps"]),
    "transpose": lambda params, x: np.transpose(x, params["permutation"]),
    "unstack": lambda params, x: list(np.moveaxis(x, params["axis"], 0)),
}


def either(parts: Sequence[Rows]) -> Rows:
    """Return the union, element by element.

    Example:
        >>> one, other = (sparse.csr_array(np.array(rows, bool)) for rows in ([[1, 0]], [[0, 1]]))
        >>> either([one, other]).toarray().astype(int).tolist()
        [[1, 1]]
    """
    return functools.reduce(lambda a, b: a + b, parts)


def everywhere(parts: Sequence[Rows], shape: Shape) -> Rows:
    """Return rows for an array each of whose elements depends on all that any element of the parts depends on.

    Example:
        >>> everywhere([sparse.csr_array(np.eye(2, dtype=bool))], (3,)).toarray().astype(int).tolist()
        [[1, 1], [1, 1], [1, 1]]
    """
    together: Rows = sparse.vstack(parts, format="csr")
    return _united(together, np.zeros(together.shape[0], int), 1)[np.zeros(int(np.prod(shape)), int)]


def moved(rows: Sequence[Rows | None], shapes: Sequence[Shape], move: Callable[..., Any]) -> list[Rows]:
    """Return the rows after elements were moved: numbers are moved in their place, and tell where each came from.

    Example:
        >>> eye = sparse.csr_array(np.eye(2, dtype=bool))
        >>> moved([eye], [(2,)], lambda x: x[::-1])[0].toarray().astype(int).tolist()
        [[0, 1], [1, 0]]

    Args:
        rows: what the elements of each array depend on; None is nothing.
        shapes: the shape of each array.
        move: from arrays of numbers to one of them, or to a list; a number that stands for no element is nowhere.

    Returns:
        Rows for each array that is given out.
    """
    numbers, parts, first = list[Any](), list[Rows](), 1
    for row, shape in zip(rows, shapes, strict=True):
        size = 0 if row is None else int(np.prod(shape))
        numbers.append(np.zeros(shape, int) if row is None else np.arange(first, first + size).reshape(shape))
        parts += [] if row is None else [row]
        first += size
    nothing = sparse.csr_array((1, parts[0].shape[1]), dtype=bool)
    together: Rows = sparse.vstack([nothing, *parts], format="csr")
    out = move(*numbers)
    flat = [np.asarray(x).ravel() for x in (out if isinstance(out, list) else [out])]
    return [together[np.where((x < 0) | (x >= first), 0, x)] for x in flat]


def spread(rows: Rows, shape: Shape, to: Shape) -> Rows:
    """Return the rows of an array that meets another, larger along some axes, element by element.

    Example:
        >>> spread(sparse.csr_array(np.eye(2, dtype=bool)), (2, 1), (2, 2)).toarray().astype(int).tolist()
        [[1, 0], [1, 0], [0, 1], [0, 1]]
    """
    return rows if shape == to else moved([rows], [shape], lambda numbers: np.broadcast_to(numbers, to))[0]


def passed_on(name: str, params: dict[str, Any], rows: Sequence[Rows | None], shapes: Sequence[Shape]) -> Rows | None:
    """Return the rows after a sum or maximum along axes, or after a contraction; None for any other operation.

    Example:
        >>> eye = sparse.csr_array(np.eye(4, dtype=bool))
        >>> passed_on("reduce_sum", {"axes": (0,)}, [eye], [(2, 2)]).toarray().astype(int).tolist()
        [[1, 0, 1, 0], [0, 1, 0, 1]]
    """
    if name in ALONG_AXES:
        return _united(rows[0], *_groups(shapes[0], [int(axis) for axis in params["axes"]]))
    if name in ALONG_AXIS:
        groups, n_groups = _groups(shapes[0], (params["axis"],))
        return _united(rows[0], groups, n_groups)[groups]
    if name == "dot_general":
        contracted, batch = params["dimension_numbers"]
        sides = [side for side in (0, 1) if rows[side] is not None]
        return either([_product(contracted, batch, shapes, side, rows[side]) for side in sides])
    return None


def _united(rows: Rows, groups: Int[np.ndarray, " element"], n_groups: int) -> Rows:
    """Return the union over the rows of each group."""
    places = (groups, np.arange(len(groups)))
    members: Rows = sparse.csr_array((np.ones(len(groups), bool), places), (n_groups, len(groups)))
    return members @ rows


def _groups(shape: Shape, axes: Sequence[int]) -> tuple[Int[np.ndarray, " element"], int]:
    """Return into which element each is reduced, and how many there are then."""
    left = [1 if axis in axes else size for axis, size in enumerate(shape)]
    n_groups = int(np.prod(left))
    return np.broadcast_to(np.arange(n_groups).reshape(left), shape).ravel(), n_groups


def _product(contracted: Any, batch: Any, shapes: Sequence[Shape], side: int, rows: Rows) -> Rows:
    """Return what a contraction depends on through one of its sides; its axes are batch, left free, right free."""
    free = [[a for a in range(len(s)) if a not in (*c, *b)] for s, c, b in zip(shapes, contracted, batch, strict=True)]
    shape, n_batch, n_left = shapes[side], len(batch[side]), len(free[0])
    united = _united(rows, *_groups(shape, contracted[side]))
    kept = [axis for axis in range(len(shape)) if axis not in contracted[side]]
    numbers = np.arange(united.shape[0]).reshape([shape[axis] for axis in kept])
    numbers = numbers.transpose([kept.index(axis) for axis in (*batch[side], *free[side])])
    # The free axes of the other side are new ones, along which nothing changes.
    at = n_batch + (0 if side else n_left)
    others = [shapes[1 - side][axis] for axis in free[1 - side]]
    wide = numbers.reshape(*numbers.shape[:at], *[1] * len(others), *numbers.shape[at:])
    return united[np.broadcast_to(wide, (*numbers.shape[:at], *others, *numbers.shape[at:])).ravel()]
