"""A model ready to read: parameters, inputs and compiled programs, made once for all checks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int

from memspan.core.model import Model
from memspan.models import unroll
from memspan.testing.violation import Violation

__all__ = ["N_ROWS", "N_STEPS", "QUICK", "Reader", "Taught", "everything", "reader"]

N_ROWS, N_STEPS = 4, 12  # sequences side by side, each with parameters of its own, and their length
# A program is run a few times on a few numbers: what the compiler saves by not polishing it is half of a check.
QUICK = {"xla_backend_optimization_level": 0}
SPREAD = 0.1  # added to what was drawn, so that nothing is zero by its initialisation

Rows = Any  # a pytree with a leading axis of rows


class Taught(NamedTuple):
    """Sequences that were read, and how their outputs depend on what they were made from.

    Attributes:
        end: states after the last step.
        outputs: one vector a step.
        gradients: of the outputs weighted and summed, by parameters and inputs.
    """

    end: Rows
    outputs: Float[Array, "row time output"]
    gradients: tuple[Rows, Float[Array, "row time feature"]]


class Reader:
    """One model and what the checks read with it; programs are compiled when a check first needs them."""

    def __init__(self, model: Model, n_inputs: int) -> None:
        self.model, self.n_inputs = model, n_inputs
        rng = np.random.default_rng(0)
        self.inputs = rng.standard_normal((N_ROWS, N_STEPS, n_inputs)).astype(np.float32)
        self.later = rng.standard_normal((N_ROWS, N_STEPS, n_inputs)).astype(np.float32)
        self.symbols: Int[np.ndarray, "row time"] = rng.integers(n_inputs, size=(N_ROWS, N_STEPS)).astype(np.int32)
        self.weights = rng.standard_normal((N_ROWS, N_STEPS, model.n_outputs)).astype(np.float32)

    @functools.cached_property
    def drawn(self) -> Rows:
        """Parameters of as many seeds as there are rows, as they were drawn."""
        return _rows([self.model.init(np.random.default_rng(seed), self.n_inputs) for seed in range(N_ROWS)])

    @functools.cached_property
    def params(self) -> Rows:
        """Those parameters, moved a little."""
        rng = np.random.default_rng(1)
        return jax.tree.map(lambda leaf: leaf + _noise(rng, leaf.shape), self.drawn)

    @functools.cached_property
    def start(self) -> Rows:
        """The initial state of every row."""
        return _rows([self.model.initial_state(self.n_inputs)] * N_ROWS)

    @functools.cached_property
    def alone(self) -> Callable[..., Any]:
        """(params, state, inputs) -> (state, outputs), for one sequence without a batch around it."""
        return jax.jit(self.model.sequence, compiler_options=QUICK)

    @functools.cached_property
    def whole(self) -> Callable[..., Any]:
        """(params, states, inputs) -> (states, outputs) by the sequence form, rows side by side."""
        return jax.jit(jax.vmap(self.model.sequence), compiler_options=QUICK)

    @functools.cached_property
    def steps(self) -> Callable[..., Taught]:
        """(params, states, inputs, valid) -> what was read step by step."""

        def read(params: Any, state: Any, inputs: Any, valid: Any) -> Any:
            return unroll(self.model, params, state, inputs, valid)

        return _taught(read, self.weights)

    @functools.cached_property
    def cut(self) -> Callable[..., Taught]:
        """(params, states, inputs) -> what the sequence form read in two parts: the first step, and the rest."""

        def read(params: Any, state: Any, inputs: Any) -> Any:
            state, first = self.model.sequence(params, state, inputs[:1])
            end, rest = self.model.sequence(params, state, inputs[1:])
            return end, jnp.concatenate([first, rest])

        return _taught(read, self.weights)

    @functools.cached_property
    def by_steps(self) -> Taught:
        """The inputs, read step by step."""
        return self.steps(self.params, self.start, self.inputs, everything())

    @functools.cached_property
    def at_once(self) -> tuple[Rows, Float[Array, "row time output"]]:
        """The inputs, read in the sequence form."""
        return self.whole(self.params, self.start, self.inputs)


def everything() -> Bool[np.ndarray, "row time"]:
    """Return a mask in which no step is padding.

    Example:
        >>> bool(everything().all())
        True

    Returns:
        One row for each sequence of a `Reader`.
    """
    return np.ones((N_ROWS, N_STEPS), bool)


def reader(model: Model, n_inputs: int) -> Reader:
    """Return what the checks read a model with; it is kept for the next check.

    Example:
        >>> from memspan.models import LSTM
        >>> reader(LSTM(units=2), 5).at_once[1].shape
        (4, 12, 2)

    Args:
        model: what reads.
        n_inputs: size of its input vector.

    Returns:
        Parameters, inputs and programs.

    Raises:
        Violation: the model has no hash.
    """
    try:
        hash(model)
    except TypeError as error:
        raise Violation(f"it cannot be hashed: {error}") from None
    return _reader(model, n_inputs)


_reader = functools.lru_cache(maxsize=4)(Reader)


def _taught(read: Callable[..., Any], weights: np.ndarray) -> Callable[..., Taught]:
    """Return a program that reads rows and differentiates their weighted outputs."""

    def one(weights: Any, params: Any, state: Any, inputs: Any, *more: Any) -> Taught:
        def weighted(params: Any, inputs: Any) -> Any:
            end, outputs = read(params, state, inputs, *more)
            return jnp.sum(outputs * weights), (end, outputs)

        gradients, (end, outputs) = jax.grad(weighted, argnums=(0, 1), has_aux=True)(params, inputs)
        return Taught(end, outputs, gradients)

    return functools.partial(jax.jit(jax.vmap(one), compiler_options=QUICK), weights)


def _rows(trees: list[Any]) -> Rows:
    return jax.tree.map(lambda *leaves: np.stack(leaves), *trees)


def _noise(rng: np.random.Generator, shape: tuple[int, ...]) -> Float[np.ndarray, "..."]:
    return (SPREAD * rng.standard_normal(shape)).astype(np.float32)
