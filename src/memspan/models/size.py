"""How large a model is: numbers it learns, numbers it carries from step to step, numbers that stay as drawn."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np

from memspan.core.model import Model

__all__ = ["Size", "size"]


class Size(NamedTuple):
    """What a fair comparison holds equal.

    Attributes:
        parameters: trainable numbers.
        state: numbers carried from step to step: all that can be remembered, and in recurrent networks all that
            a longer sequence costs.
        fixed: numbers that were drawn and are never trained, as in a reservoir; they are no parameters.
    """

    parameters: int
    state: int
    fixed: int = 0


def size(model: Model, n_inputs: int) -> Size:
    """Count a model's parameters and its state.

    Example:
        >>> from memspan.models import LSTM, MLP
        >>> size(LSTM(units=20), n_inputs=5), size(MLP(units=20, window=4), n_inputs=5)
        (Size(parameters=2080, state=40, fixed=0), Size(parameters=420, state=15, fixed=0))

    Args:
        model: any model; a read-out is not counted unless it is part of it.
        n_inputs: size of its input vector.

    Returns:
        The counts.
    """
    params, state = model.init(np.random.default_rng(0), n_inputs), model.initial_state(n_inputs)
    names: frozenset[str] = getattr(model, "fixed", frozenset())
    drawn = fixed = 0
    for path, leaf in jax.tree_util.tree_flatten_with_path(params)[0]:
        drawn += np.size(leaf)
        fixed += np.size(leaf) if jax.tree_util.keystr(path, simple=True, separator=".") in names else 0
    return Size(int(drawn - fixed), sum(int(np.size(leaf)) for leaf in jax.tree.leaves(state)), int(fixed))
