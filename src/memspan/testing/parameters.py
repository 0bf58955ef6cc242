"""Checks of what a model starts from: parameters by seed on the host, a real initial state, names, one size."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from memspan.core.model import Model
from memspan.models import size
from memspan.testing.violation import require

__all__ = [
    "array_names",
    "draws_by_seed",
    "fixed_arrays",
    "has_one_size",
    "names_its_arrays",
    "starts_from_host_arrays",
]


def starts_from_host_arrays(model: Model, n_inputs: int) -> None:
    """Parameters and initial state are NumPy arrays of finite float32 numbers."""
    for what, tree in (("init", _drawn(model, n_inputs, 0)), ("initial_state", model.initial_state(n_inputs))):
        for leaf, name in zip(jax.tree.leaves(tree), array_names(tree), strict=True):
            kind = f"{type(leaf).__name__} of {getattr(leaf, 'dtype', 'no dtype')}"
            right = isinstance(leaf, np.ndarray) and leaf.dtype == np.float32
            require(right, f"{what} gives a {kind} as {name or 'its value'}, but must give NumPy arrays of float32")
            require(np.isfinite(leaf).all(), f"{what} gives numbers in {name or 'its value'} that are not finite")


def draws_by_seed(model: Model, n_inputs: int) -> None:
    """The same seed gives the same parameters, another seed other ones; nothing global is drawn from."""
    first, again, other = (jax.tree.leaves(_drawn(model, n_inputs, seed)) for seed in (0, 0, 1))
    require(_same(first, again), "two draws from the same seed differ; draw from the generator that init is given")
    require(not first or not _same(first, other), "two seeds give the same parameters; draw them from the generator")


def names_its_arrays(model: Model, n_inputs: int) -> None:
    """Where it says how arrays are drawn, it says so of each one, by the name it has in the parameters."""
    said, has = set(model.initialisers), set(array_names(_drawn(model, n_inputs, 0)))
    for names, problem in ((has - said, "does not name"), (said - has, "names what is no parameter:")):
        require(not said or not names, f"initialisers {problem} {', '.join(sorted(names))}")
    fixed = fixed_arrays(model)
    require(fixed <= has, f"fixed names what is no parameter: {', '.join(sorted(fixed - has))}")


def has_one_size(model: Model, n_inputs: int) -> None:
    """`memspan.models.size` counts what every seed draws, but for what is fixed."""
    counted = size(model, n_inputs)
    state = sum(np.size(leaf) for leaf in jax.tree.leaves(model.initial_state(n_inputs)))
    require(counted.state == state, f"size counts a state of {counted.state} numbers, but it has {state}")
    for seed in range(1, 4):
        params, fixed = _drawn(model, n_inputs, seed), fixed_arrays(model)
        named = zip(array_names(params), jax.tree.leaves(params), strict=True)
        drawn = sum(np.size(leaf) for name, leaf in named if name not in fixed)
        require(
            counted.parameters == drawn,
            f"size counts {counted.parameters} parameters, but seed {seed} draws {drawn}",
        )


def array_names(tree: Any) -> list[str]:
    """Return the name of every array in a pytree: fields, keys and places from the outside in.

    Example:
        >>> from memspan.models import LSTM, Dense, Stack
        >>> array_names(Stack((LSTM(2), Dense(2))).init(np.random.default_rng(0), 5))
        ['0.kernel', '0.recurrent', '0.bias', '1.kernel', '1.bias']

    Args:
        tree: a pytree.

    Returns:
        One name an array, in the order of its leaves.
    """
    paths = jax.tree_util.tree_flatten_with_path(tree)[0]
    return [jax.tree_util.keystr(path, simple=True, separator=".") for path, _ in paths]


def fixed_arrays(model: Model) -> set[str]:
    """Return the names of the arrays that no rule trains, where a model says so.

    Example:
        >>> from memspan.models import LSTM
        >>> fixed_arrays(LSTM())
        set()

    Args:
        model: any model.

    Returns:
        What its member `fixed` names, if it has one.
    """
    return set(getattr(model, "fixed", ()))


def _drawn(model: Model, n_inputs: int, seed: int) -> Any:
    return model.init(np.random.default_rng(seed), n_inputs)


def _same(one: list[Any], other: list[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
