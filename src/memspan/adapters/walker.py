"""A user's model as probes ask it: many sequences side by side, each from a state of its own, and its gradients."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Shaped

from memspan.adapters.abstract import AbstractAdapted, Task
from memspan.core.errors import InvalidInput, RunFailed

__all__ = ["Walked", "Walker"]

State = list[Shaped[np.ndarray, "..."]]


class Walked(NamedTuple):
    """What a model did while it read.

    Attributes:
        states: each array of the state, `[trial, time, ...]` as that of one sequence; of the last step alone, time 1.
        outputs: after each step.
    """

    states: State
    outputs: Float[np.ndarray, "trial time output"]


class Walker:
    """Reads with a model whose state is given from outside. Its weights are as they are.

    Args:
        model: the model.
        task: what it was made for.
    """

    def __init__(self, model: AbstractAdapted, task: Task) -> None:
        self._model, self._task = model, task

    def walk(
        self,
        state: State,
        steps: Int[np.ndarray, " trial"],
        inputs: Shaped[np.ndarray, "trial time ..."],
        every: bool,
    ) -> Walked:
        """Read on from states.

        Args:
            state: its arrays, each `[trial, ...]` as that of one sequence; of a model without one, what it has read.
            steps: how many steps each has read before; 0 begins afresh.
            inputs: what to read.
            every: whether the state after each step is asked for, or the last one alone.
        """
        groups = [np.flatnonzero(steps == count) for count in np.unique(steps)]
        if self._model.form != "none" and self.axes is None:
            groups = [np.array([row]) for row in range(len(inputs))]
        asked = (([each[rows] for each in state], int(steps[rows[0]]), inputs[rows]) for rows in groups)
        found = [self._together(*one, every) for one in asked]
        order = np.argsort(np.concatenate(groups))
        states = [np.concatenate(parts)[order] for parts in zip(*(one.states for one in found), strict=True)]
        return Walked(states, np.concatenate([one.outputs for one in found])[order])

    def credit(
        self,
        inputs: Shaped[np.ndarray, "trial time ..."],
        right: Int[np.ndarray, " trial"],
        answers: Int[np.ndarray, " cue"],
    ) -> Float[np.ndarray, "trial time feature"]:
        """Return the gradient of the last step's margin at every input: the right answer's output less the largest."""
        rows = len(inputs) if self.axes is not None or self._model.form == "none" else 1
        return np.concatenate(
            [
                self._credit(inputs[first : first + rows], right[first : first + rows], answers)
                for first in range(0, len(inputs), rows)
            ]
        )

    def derivative(self, state: State, inputs: Shaped[np.ndarray, "trial ..."]) -> Float[np.ndarray, "trial unit unit"]:
        """Return the derivative of the next state (rows) with respect to the state (columns)."""
        if self._model.form == "none":
            raise InvalidInput("probe spectrum must be given a model with gradients of a state, but it has no state")
        axes = self.axes if self.axes is not None else [0] * len(state)
        return self._model.derivative(self._joined(state), inputs, axes)

    @functools.cached_property
    def axes(self) -> list[int] | None:
        """Which axis of each array of the state is that of the sequences; None where they are not read side by side."""
        shapes: list[list[tuple[int, ...]]] = []
        for rows in (2, 3):
            self._model.reset()
            wide = () if self._task.symbols else (self._task.n_inputs,)
            kind = np.int32 if self._task.symbols else np.float32
            self._model.read(np.zeros((rows, self._window, *wide), kind))
            shapes.append([each.shape for each in self._model.state()])
        self._model.reset()
        grown = [
            [axis for axis, sizes in enumerate(zip(two, three, strict=True)) if sizes == (2, 3)]
            for two, three in zip(*shapes, strict=True)
        ]
        return [axes[0] for axes in grown] if all(len(axes) == 1 for axes in grown) else None

    @property
    def _window(self) -> int:
        return getattr(self._model, "window", None) or 1

    def _credit(
        self,
        inputs: Shaped[np.ndarray, "trial time ..."],
        right: Int[np.ndarray, " trial"],
        answers: Int[np.ndarray, " cue"],
    ) -> Float[np.ndarray, "trial time feature"]:
        self._model.reset()
        said = self._model.read(inputs)[:, -1]
        weights = np.zeros_like(said)
        for row, wanted in enumerate(right):
            others = answers[answers != wanted]
            weights[row, wanted], weights[row, others[said[row, others].argmax()]] = 1, -1
        return self._model.gradient(inputs, weights)

    def _together(self, state: State, steps: int, inputs: Shaped[np.ndarray, "trial time ..."], every: bool) -> Walked:
        """Read sequences side by side that have read as many steps."""
        if self._model.form == "none":
            return self._again(state[0], steps, inputs, every)
        self._model.reset()
        if steps:
            self._model.restore(self._joined(state))
        if not every:
            outputs = self._model.read(inputs)
            return Walked([each[:, None] for each in self._split()], outputs)
        said: list[np.ndarray] = []
        after: list[State] = []
        for step in range(inputs.shape[1]):
            said.append(self._model.read(inputs[:, step : step + 1]))
            after.append(self._split())
        return Walked([np.stack(arrays, axis=1) for arrays in zip(*after, strict=True)], np.concatenate(said, axis=1))

    def _again(
        self,
        read: Shaped[np.ndarray, "trial longest ..."],
        steps: int,
        inputs: Shaped[np.ndarray, "trial time ..."],
        every: bool,
    ) -> Walked:
        """Read whole sequences from their beginning, once a step: what is asked of a step knows nothing later."""
        n, longest = inputs.shape[1], read.shape[1]
        if steps + n > longest:
            raise RunFailed(
                f"{self._task.user.name} reads whole sequences and was to go on to step {steps + n} of one, but no "
                f"more than {longest} are kept for it; give shorter sequences"
            )
        whole = np.array(read)
        whole[:, steps : steps + n] = inputs
        ends = range(steps + 1, steps + n + 1)
        outputs = np.stack([self._model.read(whole[:, :end])[:, -1] for end in ends], axis=1)
        if not every:
            return Walked([whole[:, None]], outputs)
        known = np.arange(longest) < np.array(ends)[:, None]  # what was read at each of the steps
        known = known.reshape(1, n, longest, *[1] * (read.ndim - 2))
        return Walked([np.where(known, whole[:, None], read[:, None])], outputs)

    def _joined(self, state: State) -> State:
        """Return states of single sequences as one of all of them side by side."""
        if self.axes is None:
            return [each[0] for each in state]
        pairs = zip(state, self.axes, strict=True)
        return [np.concatenate(list(each), axis=axis).astype(each.dtype) for each, axis in pairs]

    def _split(self) -> State:
        """Return the model's state as arrays `[trial, ...]`, each as that of one sequence."""
        if self.axes is None:
            return [each[None] for each in self._model.state()]
        return [
            np.stack(np.split(each, each.shape[axis], axis=axis))
            for each, axis in zip(self._model.state(), self.axes, strict=True)
        ]
