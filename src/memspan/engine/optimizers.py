"""Optimizers as frozen settings, each of which builds an Optax gradient transformation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
import optax
from jaxtyping import Float

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput

__all__ = ["Adam", "AdamState"]


class AdamState(NamedTuple):
    """What Adam keeps.

    Attributes:
        updates: how many were made so far.
        mean: running mean of the gradient.
        square: running mean of its square.
    """

    updates: Float[AnyArray, ""]
    mean: Float[AnyArray, " weight"]
    square: Float[AnyArray, " weight"]


@dataclass(frozen=True)
class Adam:
    """Adam with the defaults of Keras, which adds epsilon before the bias of the second moment is corrected.

    Optax (and Kingma and Ba's algorithm 1) add it afterwards, which differs where gradients are tiny; Keras uses
    the variant that section 2 of the paper calls epsilon hat.

    Example:
        >>> optimizer = Adam(learning_rate=0.001).build()
        >>> update, state = optimizer.update(jnp.array([2.0]), optimizer.init(jnp.zeros(1)))
        >>> update.round(6).tolist()
        [-0.0010000000474974513]

    Attributes:
        learning_rate: size of a step.
        b1: memory of the mean.
        b2: memory of the square.
        epsilon: keeps the denominator away from zero.

    References:
        Kingma and Ba 2015; keras.optimizers.Adam.
    """

    learning_rate: float = 0.001
    b1: float = 0.9
    b2: float = 0.999
    epsilon: float = 1e-7

    def __post_init__(self) -> None:
        if not self.learning_rate > 0:
            raise InvalidInput(f"learning_rate must be greater than 0, but got {self.learning_rate}")

    def build(self) -> optax.GradientTransformation:
        """Return the pair (init, update)."""

        def init(params: Any) -> AdamState:
            zeros = np.zeros(np.shape(params), np.float32)  # on the host: nothing to compile
            return AdamState(updates=np.zeros((), np.float32), mean=zeros, square=zeros)

        def update(
            updates: optax.Updates, state: optax.OptState, params: optax.Params | None = None
        ) -> tuple[optax.Updates, optax.OptState]:
            assert isinstance(state, AdamState)
            gradient = jnp.asarray(updates)
            count = state.updates + 1
            rate = self.learning_rate * jnp.sqrt(1 - self.b2**count) / (1 - self.b1**count)
            mean = state.mean + (gradient - state.mean) * (1 - self.b1)
            square = state.square + (gradient * gradient - state.square) * (1 - self.b2)
            change = -rate * mean / (jnp.sqrt(square) + self.epsilon)
            return change, AdamState(updates=count, mean=mean, square=square)

        return optax.GradientTransformation(init, update)
