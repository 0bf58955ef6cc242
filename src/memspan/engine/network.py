"""What a spec trains: the model with a read-out, on the vectors of the problem."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.errors import InvalidInput, RunFailed
from memspan.core.foreign import Foreign
from memspan.core.model import Model
from memspan.core.problem import Problem
from memspan.core.rule import Learner, Memory
from memspan.engine.layout import Layout
from memspan.engine.loss import LOSS_FUNCTIONS, as_vectors, masked_mean
from memspan.models import Stack
from memspan.models.dense_native import read_out

__all__ = ["Network", "count_weights", "network_of"]

# Purposes of a seed's random streams: its weights, what it is shown, and in which order.
INIT, SHOW, ORDER = range(3)


@dataclass(frozen=True)
class Network:
    """A model with a dense read-out as wide as the problem's output, its weights held as one vector.

    Attributes:
        stack: model and read-out.
        n_inputs: size of the input vector.
        layout: where the weights lie.
        loss: name of the loss that fits the outputs.
    """

    stack: Stack
    n_inputs: int
    layout: Layout
    loss: str

    @classmethod
    def of(cls, problem: Problem, model: Model) -> Network:
        """Put a read-out on a model so that it fits a problem, unless it ends in one."""
        stack = Stack((model,) if model.reads_out else (model, read_out(model, problem.n_outputs)))
        if stack.n_outputs != problem.n_outputs:
            raise InvalidInput(
                f"model must end in a read-out of {problem.n_outputs} outputs for {problem.variant}, but got one of "
                f"{stack.n_outputs}; leave the Dense layer out and a fitting one is added"
            )
        shapes = stack.init(np.random.default_rng(0), problem.n_inputs)
        return cls(stack, problem.n_inputs, Layout.of(shapes), problem.loss)

    def draw(self, seed: int) -> Float[np.ndarray, " weight"]:
        """Return the initial weights of a seed. They depend on nothing else, so that rules start alike."""
        return self.layout.ravel(self.stack.init(np.random.default_rng([seed, INIT]), self.n_inputs))

    @functools.cached_property
    def initial_state(self) -> Any:
        """The state before the first step, as host arrays."""
        return jax.tree.map(np.asarray, self.stack.initial_state(self.n_inputs))

    def step(self, params: Float[Array, " weight"], state: Any, x: Shaped[Array, ...]) -> tuple[Any, Any]:
        """Read one symbol or vector; the output is a vector of logits."""
        return self.stack.step(self.layout.unravel(params), state, as_vectors(x, self.n_inputs))

    def sequence(
        self, params: Float[Array, " weight"], state: Any, inputs: Shaped[Array, "time ..."]
    ) -> tuple[Any, Float[Array, "time output"]]:
        """Read a whole sequence of symbols or vectors; the output is a vector of logits at every step."""
        read = inputs if self.stack.reads_symbols else as_vectors(inputs, self.n_inputs)
        return self.stack.sequence(self.layout.unravel(params), state, read)

    def learner(self, optimizer: Any, every_step_scored: bool) -> Learner:
        """Return the functions that learning rules build on."""
        transform, cost = optimizer.build(), LOSS_FUNCTIONS[self.loss]

        def loss(outputs: Any, targets: Any, mask: Any) -> Float[Array, ""]:
            vectors = as_vectors(targets, self.stack.n_outputs)
            return masked_mean(cost(outputs, vectors), mask)

        def update(memory: Memory, gradient: Any, scored: Any) -> Memory:
            change, state = transform.update(gradient, memory.optimizer, memory.params)
            return memory._replace(params=memory.params + change, optimizer=state, updates=memory.updates + 1)

        # Weights are shared by the sequences of a batch; time comes first.
        sequence = jax.vmap(self.sequence, in_axes=(None, 0, 1), out_axes=(0, 1))
        return Learner(self.step, sequence, loss, update if every_step_scored else _only_if_scored(update))


def _only_if_scored(update: Callable[..., Memory]) -> Callable[..., Memory]:
    """Leave weights and optimizer alone where nothing was scored: its momentum would move them all the same."""

    def gated(memory: Memory, gradient: Any, scored: Any) -> Memory:
        after = update(memory, gradient, scored)
        return jax.tree.map(lambda new, old: jnp.where(scored, new, old), after, memory)

    return gated


def network_of(problem: Problem, model: Model | Foreign) -> Any:
    """Return how a row of weights is read, of a model of ours or of another framework.

    Args:
        problem: decides how wide input and output are.
        model: what learns.
    """
    return model.network(problem) if isinstance(model, Foreign) else Network.of(problem, model)


def count_weights(problem: Problem, model: Model | Foreign) -> int:
    """Return how many numbers a run trains; 0 for a foreign model that trains none, or could not even be made.

    Example:
        >>> from memspan.models import LSTM
        >>> from memspan.problems import Conflict
        >>> count_weights(Conflict(), LSTM(units=20))
        2185

    Args:
        problem: decides how wide input and output are.
        model: what learns.
    """
    try:
        return _count(problem, model) if isinstance(model, Foreign) else _sum(network_of(problem, model))
    except RunFailed:
        return 0


@functools.lru_cache(maxsize=4096)
def _count(problem: Problem, model: Foreign) -> int:
    """Ask once: a foreign model is made to be counted, and a search counts each of its trials many times."""
    return _sum(network_of(problem, model))


def _sum(network: Any) -> int:
    return sum(math.prod(shape) for shape in network.layout.shapes)
