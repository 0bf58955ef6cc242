"""A model that JAX can compile, with the operations that a model of another framework has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Shaped

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.core.foreign import Taught
from memspan.core.model import Model
from memspan.core.problem import Problem
from memspan.engine.loss import LOSS_FUNCTIONS, as_vectors, masked_mean
from memspan.engine.network import Network

__all__ = ["Native"]

RATE = 0.1  # of plain gradient descent, which is enough to see that something is learned


class Native:
    """The operations of `AbstractAdapted` on a compiled model.

    Args:
        problem: decides how wide input and output are.
        model: one of ours, or of `memspan.adapters.Jax`.
    """

    def __init__(self, problem: Problem, model: Model) -> None:
        self._network, self._problem = Network.of(problem, model), problem
        self.form = "none" if getattr(model, "whole", False) else "explicit"
        self._sequence = jax.vmap(self._network.sequence, in_axes=(None, 0, 0))
        self._read = jax.jit(self._sequence)
        self._graded = jax.jit(jax.value_and_grad(self._loss, has_aux=True))
        self.fresh(0)

    def fresh(self, seed: int) -> None:
        """Draw the first weights of a seed, and forget."""
        self._weights, self._state = jnp.asarray(self._network.draw(seed)), None

    def ask(self, operation: str, *arguments: Any) -> Any:
        """Call an operation by name; one without a call is returned."""
        found = getattr(self, operation)
        return found(*arguments) if callable(found) else found

    def weights(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return all weights as one vector, under one name."""
        return {"weights": np.asarray(self._weights)}

    def load(self, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """Put weights in the place of its own."""
        self._weights = jnp.asarray(weights["weights"])

    def reset(self) -> None:
        """Forget what was read."""
        self._state = None

    def state(self) -> list[Shaped[np.ndarray, "..."]]:
        """Return the state as arrays; none after a reset."""
        return [np.asarray(leaf) for leaf in jax.tree.leaves(self._state)]

    def restore(self, state: list[Shaped[np.ndarray, "..."]]) -> None:
        """Put a state in the place of its own."""
        structure = jax.tree.structure(self._network.initial_state)
        self._state = jax.tree.unflatten(structure, state) if state else None

    def read(
        self, inputs: Shaped[np.ndarray, "batch time ..."], training: bool = False
    ) -> Float[np.ndarray, "batch time output"]:
        """Read on from the state."""
        self._state, outputs = self._read(self._weights, self._start(len(inputs)), jnp.asarray(inputs))
        return np.asarray(outputs)

    def learn(self, lesson: Batch) -> Taught:
        """Take one step of gradient descent."""
        (loss, after), gradient = self._graded(self._weights, self._start(len(lesson.mask)), Batch(*lesson))
        self._weights, self._state = self._weights - RATE * gradient, after
        return Taught(float(loss), 1)

    def sensitivity(self, inputs: Shaped[np.ndarray, "batch time ..."], step: int) -> Float[np.ndarray, " time"]:
        """Return the norm of the gradient of the summed outputs at a step with respect to the input of each step."""
        if self._network.stack.reads_symbols and inputs.ndim == 2:
            vectors: Any = np.eye(self._problem.n_inputs, dtype=np.float32)[inputs]
        else:
            vectors = as_vectors(jnp.asarray(inputs), self._problem.n_inputs)
        start = self._start(len(inputs), afresh=True)
        try:
            gradient = jax.grad(lambda read: self._sequence(self._weights, start, read)[1][:, step].sum())(vectors)
        except TypeError as error:  # whole numbers have no derivative
            raise InvalidInput(f"inputs must be vectors for a gradient ({str(error).splitlines()[0]})") from None
        return np.sqrt(np.square(np.asarray(gradient)).sum(axis=(0, 2)))

    def _start(self, rows: int, afresh: bool = False) -> Any:
        if self._state is not None and not afresh:
            return self._state
        return jax.tree.map(lambda leaf: np.repeat(leaf[None], rows, axis=0), self._network.initial_state)

    def _loss(self, weights: Any, state: Any, lesson: Batch) -> Any:
        after, outputs = self._sequence(weights, state, lesson.inputs)
        targets = as_vectors(lesson.targets, self._problem.n_outputs)
        return masked_mean(LOSS_FUNCTIONS[self._problem.loss](outputs, targets), lesson.mask), after
