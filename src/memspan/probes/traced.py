"""A model of memspan, or any step that JAX can trace, as a reader: compiled once a shape, whatever the weights."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput
from memspan.engine.loss import as_vectors
from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.probes.flat_state import FlatState
from memspan.probes.hosted import Hosted
from memspan.probes.reader import Clamp, Part, Reading

__all__ = ["Called", "Traced", "reader_of"]

LARGEST = 1 << 28  # numbers of all states on record: a gigabyte


@dataclass(frozen=True, eq=False)
class Traced:
    """A step that JAX can trace, with its weights.

    Attributes:
        params: weights, a pytree of arrays: an argument of the compiled programs, no part of them.
        step: (params, state, vector) -> (state, output) of one sequence. Equal steps share their programs.
        initial_state: the state before the first step, a pytree of arrays on the host.
        n_inputs: size of an input vector, of which a symbol is one-hot.
    """

    params: Any
    step: Callable[..., Any]
    initial_state: Any
    n_inputs: int

    @functools.cached_property
    def flat(self) -> FlatState:
        """How the state lies in a vector."""
        return FlatState.of(self.initial_state)

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the numbers of the state are."""
        return self.flat.parts

    @functools.cached_property
    def _compiled(self) -> _Programs:
        return _programs(self.step, self.flat, self.n_inputs)

    def start(self, trials: int) -> Float[np.ndarray, "trial unit"]:
        """Return the state before the first step, once a trial."""
        return np.repeat(np.asarray(self.flat.ravel(self.initial_state))[None], trials, axis=0)

    def read(
        self,
        state: Float[AnyArray, "trial unit"],
        inputs: Shaped[AnyArray, "trial time ..."],
        first: int = 0,
        last: int | None = None,
        clamp: Clamp | None = None,
    ) -> Reading:
        """Read steps, and return states and outputs after each.

        Raises:
            InvalidInput: so many states cannot be kept.
        """
        trials, steps, units = len(inputs), inputs.shape[1], self.flat.size
        if trials * steps * units > LARGEST:
            raise InvalidInput(
                f"trials must be fewer, for the states of {trials:,} trials of {steps:,} steps hold "
                f"{trials * steps * units:,} numbers; use {LARGEST // (steps * units):,} or fewer"
            )
        held = clamp or Clamp(np.zeros(units, bool), np.zeros((1, 1, units), np.float32))
        ends = np.int32(first), np.int32(steps if last is None else last)
        states, outputs = self._compiled.read(self.params, np.asarray(state), np.asarray(inputs), *ends, *held)
        return Reading(np.asarray(states), np.asarray(outputs))

    def advance(
        self, state: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial time ..."], first: int, last: int
    ) -> Float[np.ndarray, "trial unit"]:
        """Read steps, and return the state after the last."""
        ends = np.int32(first), np.int32(last)
        return np.asarray(self._compiled.advance(self.params, np.asarray(state), np.asarray(inputs), *ends))

    def credit(
        self,
        inputs: Shaped[AnyArray, "trial time ..."],
        right: Int[AnyArray, " trial"],
        answers: Int[AnyArray, " cue"],
    ) -> Float[np.ndarray, "trial time feature"]:
        """Return the gradient of the last step's margin with respect to every input vector."""
        start = self.start(1)[0]
        return np.asarray(self._compiled.credit(self.params, start, np.asarray(inputs), right, answers))

    def jacobian(
        self, states: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial ..."]
    ) -> Float[np.ndarray, "trial unit unit"]:
        """Return the derivative of the next state with respect to the state."""
        return np.asarray(self._compiled.jacobian(self.params, np.asarray(states), np.asarray(inputs)))


class Called:
    """A step that JAX can call but not differentiate, such as that of another framework's model: no gradients.

    Args:
        traced: the step with its weights.

    Attributes:
        parts: what the numbers of the state are.
        start: as of `Traced`.
        read: as of `Traced`.
        advance: as of `Traced`.
    """

    def __init__(self, traced: Traced) -> None:
        self.parts, self.start, self.read, self.advance = traced.parts, traced.start, traced.read, traced.advance


def reader_of(trained: Trained) -> Traced | Hosted | Called:
    """Return a trained network as a reader: one of memspan, or one of another framework.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.LSTM(units=2), seeds=1, epochs=0)
        >>> reader = reader_of(runs[0])
        >>> reader.read(reader.start(1), np.array([[3, 0, 1, 2]])).states.shape
        (1, 4, 4)

    Args:
        trained: `runs[0]`, for example.

    Returns:
        The reader; those of one spec share their compiled programs.

    Raises:
        InvalidInput: the model has no state, so that there is nothing to probe.
    """
    network: Any = trained.network  # of another framework it has the same members
    if not FlatState.of(network.initial_state).size:
        kind = type(network.stack.layers[0] if isinstance(network, Network) else network).__name__
        raise InvalidInput(
            f"a probe must be given a model with a state, but {kind} has none: it answers from the current input "
            "alone; probe a recurrent one"
        )
    if hasattr(network, "walk"):
        return Hosted(network, trained.vector)
    traced = Traced(np.asarray(trained.vector), _step_of(network), network.initial_state, network.n_inputs)
    return traced if isinstance(network, Network) else Called(traced)


@functools.lru_cache(maxsize=32)
def _step_of(network: Any) -> Callable[..., Any]:
    """Return one and the same method for equal networks: methods of two objects are never equal."""
    return network.step


class _Programs(NamedTuple):
    """Compiled at the first call of each shape."""

    read: Callable[..., Any]
    advance: Callable[..., Any]
    credit: Callable[..., Any]
    jacobian: Callable[..., Any]


@functools.lru_cache(maxsize=32)
def _programs(step: Callable[..., Any], flat: FlatState, n_inputs: int) -> _Programs:
    def one(params: Any, state: Array, x: Array) -> tuple[Array, Array]:
        after, output = step(params, flat.unravel(state), as_vectors(x, n_inputs))
        return flat.ravel(after), output

    side_by_side = jax.vmap(one, in_axes=(None, 0, 0))

    def read(
        params: Any, state: Array, inputs: Array, first: Array, last: Array, mask: Array, value: Array
    ) -> tuple[Array, Array]:
        trials, time, units = *inputs.shape[:2], state.shape[1]
        by_step = jnp.moveaxis(inputs, 1, 0)
        held = jnp.broadcast_to(jnp.moveaxis(value, 1, 0), (value.shape[1], trials, units))
        outputs = jax.eval_shape(side_by_side, params, state, by_step[0])[1]

        def at(t: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
            before, states, said = carry
            before = jnp.where(mask, held[jnp.minimum(t, len(held) - 1)], before)
            after, output = side_by_side(params, before, by_step[t])
            return after, states.at[t].set(after), said.at[t].set(output)

        empty = (jnp.zeros((time, trials, units)), jnp.zeros((time, *outputs.shape)))
        _, states, said = jax.lax.fori_loop(first, last, at, (state, *empty))
        return jnp.swapaxes(states, 0, 1), jnp.swapaxes(said, 0, 1)

    def advance(params: Any, state: Array, inputs: Array, first: Array, last: Array) -> Array:
        return jax.lax.fori_loop(first, last, lambda t, s: side_by_side(params, s, inputs[:, t])[0], state)

    def margin(params: Any, start: Array, vectors: Array, right: Array, answers: Array) -> Array:
        last = jax.lax.scan(lambda state, x: one(params, state, x), start, vectors)[1][-1]
        others = jnp.where(answers == right, -jnp.inf, last[answers])
        return last[right] - jnp.max(others)

    def credit(params: Any, start: Array, inputs: Array, right: Array, answers: Array) -> Array:
        gradient = jax.vmap(jax.grad(margin, argnums=2), in_axes=(None, None, 0, 0, None))
        return gradient(params, start, as_vectors(inputs, n_inputs), right, answers)

    def jacobian(params: Any, states: Array, inputs: Array) -> Array:
        return jax.vmap(jax.jacrev(lambda state, x: one(params, state, x)[0]), in_axes=(0, 0))(states, inputs)

    return _Programs(*map(jax.jit, (read, advance, credit, jacobian)))
