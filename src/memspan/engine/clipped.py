"""An optimizer whose gradients are clipped."""

from __future__ import annotations

import math
from dataclasses import dataclass

import optax

from memspan.core.errors import InvalidInput
from memspan.core.optimizer import Optimizer
from memspan.core.parts import check_part

__all__ = ["Clipped"]


@dataclass(frozen=True)
class Clipped:
    """Any optimizer, shown gradients that are no longer than a bound: a longer one is scaled down to it.

    The length is that of the gradient of all weights together. Each update of an online rule is clipped by itself.

    Example:
        >>> import jax.numpy as jnp
        >>> import numpy as np
        >>> from memspan.engine.optax_optimizer import Optax
        >>> optimizer = Clipped(Optax("sgd", learning_rate=1.0), norm=1.0).build()
        >>> update, _ = optimizer.update(jnp.array([3.0, 4.0]), optimizer.init(jnp.zeros(2)))
        >>> np.round(np.asarray(update, float), 4).tolist()
        [-0.6, -0.8]

    Attributes:
        optimizer: what moves the weights.
        norm: the largest length.

    References:
        Pascanu, Mikolov and Bengio 2013, algorithm 1.
    """

    optimizer: Optimizer
    norm: float = 1.0

    def __post_init__(self) -> None:
        check_part("optimizer", self.optimizer, Optimizer, "memspan.Adam()")
        if not 0 < self.norm < math.inf:
            raise InvalidInput(f"norm must be a number greater than 0, but got {self.norm}; use norm=1.0 or another")

    def build(self) -> optax.GradientTransformation:
        """Return the pair (init, update)."""
        return optax.chain(optax.clip_by_global_norm(self.norm), self.optimizer.build())
