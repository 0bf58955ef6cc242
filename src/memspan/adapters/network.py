"""A user's model in the place of a compiled network: read step by step, from any state, with any weights."""

from __future__ import annotations

import functools
import weakref
from collections import OrderedDict
from dataclasses import replace
from typing import Any

import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Float, Int, Shaped

from memspan.adapters.abstract import Task
from memspan.adapters.process import Home, WorkerProcess, borrow, give_back
from memspan.core.arrays import AnyArray
from memspan.core.problem import Problem
from memspan.engine.layout import Layout

__all__ = ["ForeignNetwork"]

LONGEST = 4  # times the problem's own steps: what is kept of what a model without a state has read


class ForeignNetwork:
    """What `memspan.Trained` and the probes ask of a network, answered by a process that is started when it is needed.

    Its functions may be compiled and mapped, but have no derivative. A state is how many steps were read, and the
    arrays that the model left after them; for a model that keeps no state, these are the inputs themselves.

    Args:
        problem: decides how wide input and output are.
        home: which process the model needs.
        task: what it is made for.
        limit: seconds that one reading may take.
    """

    def __init__(self, problem: Problem, home: Home, task: Task, limit: float) -> None:
        self._problem, self._home, self._task, self._limit = problem, home, task, limit
        self.n_inputs, self.loss = problem.n_inputs, problem.loss

    @functools.cached_property
    def _worker(self) -> WorkerProcess:
        worker = borrow(self._home, self._task)
        weakref.finalize(self, give_back, worker)
        self._shapes = worker.make(self._task, self._limit)
        return worker

    @functools.cached_property
    def layout(self) -> Layout:
        """Where the weights lie; `unravel` gives them by name."""
        _ = self._worker
        # A plain dictionary would be put in the order of its names, which need not be that of the vector.
        return Layout(jax.tree.structure(OrderedDict.fromkeys(self._shapes, 0)), tuple(self._shapes.values()))

    def draw(self, seed: int) -> Float[np.ndarray, " weight"]:
        """Return the initial weights of a seed."""
        self._worker.make(replace(self._task, seed=seed), self._limit)
        return self._worker.ask("weights")

    @functools.cached_property
    def initial_state(self) -> Any:
        """The state before the first step, as host arrays."""
        shapes = self._worker.ask("shapes_of_state")
        if self._worker.ask("operate", "form") == "none":
            wide = () if self._task.symbols else (self.n_inputs,)
            shapes = [((LONGEST * self._problem.n_steps, *wide), "int32" if self._task.symbols else "float32")]
        # In the types that JAX computes with.
        return np.int32(0), [np.zeros(shape, jax.dtypes.canonicalize_dtype(kind)) for shape, kind in shapes]

    def step(self, params: Float[AnyArray, " weight"], state: Any, x: Shaped[AnyArray, ...]) -> tuple[Any, Any]:
        """Read one symbol or vector; the output is a vector of logits."""
        state, outputs = self.sequence(params, state, x[None])
        return state, outputs[0]

    def sequence(
        self, params: Float[AnyArray, " weight"], state: Any, inputs: Shaped[AnyArray, "time ..."]
    ) -> tuple[Any, Float[AnyArray, "time output"]]:
        """Read a whole sequence; the output is a vector of logits at every step."""
        steps, arrays = state
        if not any(isinstance(each, Tracer) for each in jax.tree.leaves((params, state, inputs))):
            after, said = self._go_on(params, steps, arrays, inputs)
            return (steps + len(inputs), after), said
        shapes = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape, leaf.dtype), self.initial_state[1])
        outputs = jax.ShapeDtypeStruct((len(inputs), self._problem.n_outputs), np.float32)
        after, said = jax.pure_callback(
            self._go_on, (shapes, outputs), params, steps, arrays, inputs, vmap_method="sequential"
        )
        return (steps + len(inputs), after), said

    @functools.cached_property
    def names_of_state(self) -> list[str]:
        """What the arrays of the state are called; empty where that is not known."""
        return self._worker.ask("operate", "names_of_state")

    @functools.cached_property
    def keeps_state(self) -> bool:
        """Whether the model has a state; one without is read from the beginning again, as long as that is."""
        return self._worker.ask("operate", "form") != "none"

    def walk(
        self,
        params: Float[AnyArray, " weight"],
        state: tuple[Int[AnyArray, " trial"], list[Shaped[AnyArray, "..."]]],
        inputs: Shaped[AnyArray, "trial time ..."],
        every: bool,
    ) -> tuple[list[Shaped[np.ndarray, "..."]], Float[np.ndarray, "trial time output"]]:
        """Read many sequences side by side, each on from its own state.

        Args:
            params: the weights.
            state: how many steps each has read, and the arrays of its state, each `[trial, ...]`.
            inputs: what to read.
            every: whether the state after each step is asked for; else the last one alone, as one step.

        Returns:
            The arrays of the states, `[trial, time, ...]`, and the outputs.
        """
        steps, arrays = state
        asked = [np.asarray(each) for each in arrays], np.asarray(steps), self._readable(inputs), every
        return tuple(self._worker.ask("walk", np.asarray(params), *asked))

    def credit(
        self,
        params: Float[AnyArray, " weight"],
        inputs: Shaped[AnyArray, "trial time ..."],
        right: Int[AnyArray, " trial"],
        answers: Int[AnyArray, " cue"],
    ) -> Float[np.ndarray, "trial time feature"]:
        """Return the gradient, at each input, of the right answer's output at the end less the largest other's.

        Raises:
            InvalidInput: the model has no gradients.
        """
        return self._worker.ask(
            "credit", np.asarray(params), self._readable(inputs), np.asarray(right), np.asarray(answers)
        )

    def derivative(
        self,
        params: Float[AnyArray, " weight"],
        arrays: list[Shaped[AnyArray, "..."]],
        inputs: Shaped[AnyArray, "trial ..."],
    ) -> Float[np.ndarray, "trial unit unit"]:
        """Return the derivative of the next state with respect to the state.

        Raises:
            InvalidInput: the model has no gradients.
        """
        return self._worker.ask("derivative", np.asarray(params), arrays, self._readable(inputs))

    def _readable(self, inputs: Shaped[AnyArray, "..."]) -> Shaped[np.ndarray, "..."]:
        """Return inputs in the type that models are shown in training."""
        return np.asarray(inputs, np.int32 if self._task.symbols else np.float32)

    def _go_on(self, params: Any, steps: Any, arrays: Any, inputs: Any) -> Any:
        asked = (np.asarray(params), int(steps), [np.asarray(each) for each in arrays], np.asarray(inputs))
        after, said = self._worker.ask("go_on", *asked)
        return [np.asarray(each, kept.dtype) for each, kept in zip(after, arrays, strict=True)], said
