"""Any optimizer with steps that shrink to nothing over the training."""

from __future__ import annotations

from dataclasses import dataclass

import optax

from memspan.core.errors import check_range
from memspan.core.optimizer import Optimizer
from memspan.core.parts import check_part

__all__ = ["Annealed"]


@dataclass(frozen=True)
class Annealed:
    """Any optimizer, its steps scaled down to 0 along half a cosine.

    What a run has learned it then keeps: with steps of one length to the end, weights that must be exact, such as
    those that count, are thrown off again by single updates.

    Example:
        >>> import jax.numpy as jnp
        >>> from memspan.engine.optax_optimizer import Optax
        >>> optimizer = Annealed(Optax("sgd", learning_rate=1.0), updates=2).build()
        >>> state, gradient, steps = optimizer.init(jnp.zeros(())), jnp.array(-1.0), []
        >>> for _ in range(4):
        ...     step, state = optimizer.update(gradient, state)
        ...     steps.append(round(float(step), 2))
        >>> steps
        [1.0, 0.5, 0.0, 0.0]

    Attributes:
        optimizer: what moves the weights.
        updates: number of the update at which nothing moves any more; each update of an online rule counts.

    References:
        Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts.
    """

    optimizer: Optimizer
    updates: int

    def __post_init__(self) -> None:
        check_part("optimizer", self.optimizer, Optimizer, "memspan.Adam()")
        check_range("updates", self.updates, 1)

    def build(self) -> optax.GradientTransformation:
        """Return the pair (init, update)."""
        cosine = optax.cosine_decay_schedule(1.0, self.updates)
        return optax.chain(self.optimizer.build(), optax.scale_by_schedule(cosine))
