"""A model's state as one vector of numbers, whose parts bear the names that the model gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from memspan.core.arrays import AnyArray
from memspan.probes.reader import Part

__all__ = ["FlatState"]


@dataclass(frozen=True)
class FlatState:
    """How a state's pytree lies in a vector. Whole numbers (positions, counters) are carried as float32, exactly.

    Example:
        >>> from memspan.models import LSTM
        >>> flat = FlatState.of((LSTM(units=2).initial_state(3), ()))
        >>> [(part.name, part.first, part.last) for part in flat.parts]
        [('hidden', 0, 2), ('cell', 2, 4)]

    Attributes:
        treedef: the nesting.
        shapes: of every array, in order.
        dtypes: the same, of their types.
        parts: where every array lies, and its name.
    """

    treedef: Any
    shapes: tuple[tuple[int, ...], ...]
    dtypes: tuple[str, ...]
    parts: tuple[Part, ...]

    @classmethod
    def of(cls, state: Any) -> FlatState:
        """Return how a state lies in a vector.

        Args:
            state: one sequence's, as arrays on the host; layers of a stack are named by their number, where more
                than one has a state.
        """
        leaves, treedef = jax.tree_util.tree_flatten_with_path(state)
        arrays = [np.asarray(leaf) for _, leaf in leaves]
        ends = np.cumsum([0, *(array.size for array in arrays)]).tolist()
        layers = {path[:1] for path, _ in leaves}
        names = _distinct([_name(path, several=len(layers) > 1) for path, _ in leaves])
        parts = [
            Part(name, first, last, bool(np.issubdtype(array.dtype, np.floating)))
            for name, array, first, last in zip(names, arrays, ends[:-1], ends[1:], strict=True)
        ]
        return cls(treedef, tuple(a.shape for a in arrays), tuple(a.dtype.name for a in arrays), tuple(parts))

    @property
    def size(self) -> int:
        """Numbers of a state."""
        return self.parts[-1].last if self.parts else 0

    def ravel(self, state: Any) -> Float[Array, " unit"]:
        """Return a state as a vector."""
        leaves = [jnp.ravel(leaf).astype(jnp.float32) for leaf in jax.tree.leaves(state)]
        return jnp.concatenate(leaves) if leaves else jnp.zeros(0)

    def unravel(self, vector: Float[AnyArray, " unit"]) -> Any:
        """Return the state of a vector."""
        leaves = [
            vector[part.first : part.last].reshape(shape).astype(dtype)
            for part, shape, dtype in zip(self.parts, self.shapes, self.dtypes, strict=True)
        ]
        return jax.tree.unflatten(self.treedef, leaves)


def _name(path: tuple[Any, ...], several: bool) -> str:
    """Return the words of a path; the number of the layer first, where there are several."""
    words = [str(getattr(key, "name", getattr(key, "key", getattr(key, "idx", "")))) for key in path]
    if path and not hasattr(path[0], "idx"):  # a single layer, whose parts have names of their own
        return ".".join(words)
    rest = words[1:] or ["state"]
    return ".".join([words[0], *rest] if several and words else rest)


def _distinct(names: list[str]) -> list[str]:
    """Number names that come twice."""
    return [f"{name}.{names[:i].count(name)}" if names.count(name) > 1 else name for i, name in enumerate(names)]
