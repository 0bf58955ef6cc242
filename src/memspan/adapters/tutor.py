"""One seed of a user's model, in the process that it lives in: walked through epochs as the protocol says."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from memspan.adapters.abstract import AbstractAdapted, Task
from memspan.adapters.walker import Walked, Walker
from memspan.core.batch import Batch
from memspan.core.errors import RunFailed
from memspan.core.foreign import Taught

__all__ = ["Tutor"]


class Tutor:
    """Makes a model, teaches it and reads with it.

    Args:
        make: makes an adapted model of a task.
        task: what the model is for.
    """

    def __init__(self, make: Callable[[Task], AbstractAdapted], task: Task) -> None:
        random.seed(task.seed)
        np.random.seed(task.seed % 2**32)  # noqa: NPY002 - users' code may draw from it
        self._make, self._task = make, task
        self._loaded: Any = None  # the weights that `go_on` put in
        self.model = make(task)

    def learn(self, lessons: Batch) -> Taught:
        """Learn from an epoch: `[lesson, batch, time, ...]`."""
        if self._task.reset == "epoch":
            self.model.reset()
        taught: list[Taught] = []
        for row in range(len(lessons.mask)):
            if self._task.reset == "sequence":
                self.model.reset()
            taught.append(self.model.learn(Batch(*(part[row] for part in lessons))))
            if not np.isfinite(taught[-1].loss):
                break
        return Taught(float(np.mean([one.loss for one in taught])), sum(one.updates for one in taught))

    def read(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Float[np.ndarray, "batch time output"]:
        """Return the outputs for whole sequences, the state reset as in training and left as it was."""
        if self._task.reset == "sequence":
            self.model.reset()
            return self._checked(inputs, self.model.read(inputs))
        rows, kept = self._task.rows, self.model.state()
        if len(inputs) % rows:
            raise RunFailed(
                f"reset='{self._task.reset}' needs evaluation sequences to read {rows} side by side, as in training, "
                f"but the problem evaluates {len(inputs)}; use batch='one'"
            )
        if self._task.reset == "epoch":
            self.model.reset()
        groups = [inputs[first : first + rows] for first in range(0, len(inputs), rows)]
        outputs = np.concatenate([self._checked(group, self.model.read(group)) for group in groups])
        self.model.restore(kept)
        return outputs

    def weights(self) -> Float[np.ndarray, " weight"]:
        """Return all weights as one vector."""
        arrays = [np.asarray(each, np.float32).ravel() for each in self.model.weights().values()]
        return np.concatenate([np.zeros(0, np.float32), *arrays])

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Return the shape of each of the weights."""
        return {name: np.shape(each) for name, each in self.model.weights().items()}

    def load(self, vector: Float[np.ndarray, " weight"]) -> None:
        """Put a vector, as `weights` returned it, in the place of the model's weights."""
        shapes = self.shapes()
        if not shapes:
            return
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes.values()])[:-1]
        parts = np.split(np.asarray(vector), ends)
        self.model.load({name: part.reshape(shapes[name]) for name, part in zip(shapes, parts, strict=True)})

    def recall(self, seed: int, vector: Float[np.ndarray, " weight"]) -> None:
        """Become what a seed was at the end of its training, of which its weights are kept and nothing else.

        Raises:
            RunFailed: training changes more than the weights.
        """
        if seed != self._task.seed and self.model.beside():  # which may be drawn from the seed
            self.__init__(self._make, replace(self._task, seed=seed))
        self._check_all_kept()
        self.load(vector)

    def _check_all_kept(self) -> None:
        """Refuse a model of which a reading in training leaves something else than it found, such as a running mean."""
        before = self.model.beside()
        if not before:
            return
        shape = (self._task.rows, 2) if self._task.symbols else (self._task.rows, 2, self._task.n_inputs)
        self.model.reset()
        self.model.read(np.zeros(shape, np.int32 if self._task.symbols else np.float32), training=True)
        changed = [name for name, now in self.model.beside().items() if not np.array_equal(now, before[name])]
        if changed:
            raise RunFailed(
                f"{self._task.user.name} ({self._task.user.place}) changes {changed[0]} in training, and only weights "
                "are kept; train it without, such as with LayerNorm in place of BatchNorm"
            )

    def shapes_of_state(self) -> list[tuple[tuple[int, ...], str]]:
        """Return shape and type of each array of the state of one sequence."""
        self.model.reset()
        symbols = np.zeros((1, 1), np.int32)
        self.model.read(symbols if self._task.symbols else np.zeros((1, 1, self._task.n_inputs), np.float32))
        return [(each.shape, str(each.dtype)) for each in self.model.state()]

    def go_on(
        self,
        vector: Float[np.ndarray, " weight"],
        steps: int,
        state: list[Shaped[np.ndarray, "..."]],
        inputs: Shaped[np.ndarray, "time ..."],
    ) -> tuple[list[Shaped[np.ndarray, "..."]], Float[np.ndarray, "time output"]]:
        """Read one sequence on from a state that is not the model's own, with weights that need not be.

        Args:
            vector: the weights.
            steps: how many were read before; 0 begins afresh.
            state: what was left after them: for a model without a state, all that it has read.
            inputs: what to read.

        Returns:
            The state after it, and the outputs.
        """
        self._put(vector)
        self.model.reset()
        inputs = self._as_symbols(inputs)
        if self.model.form == "none":
            history, end = np.array(state[0]), steps + len(inputs)
            if end > len(history):
                raise RunFailed(
                    f"{self._task.user.name} reads whole sequences and was to go on to step {end} of one, but "
                    f"no more than {len(history)} are kept for it; give shorter sequences"
                )
            history[steps:end] = inputs
            return [history], self.model.read(history[None, :end])[0, steps:]
        if steps:
            self.model.restore(state)
        outputs = self.model.read(inputs[None])[0]
        return self.model.state(), outputs

    def walk(
        self,
        vector: Float[np.ndarray, " weight"],
        state: list[Shaped[np.ndarray, "..."]],
        steps: Int[np.ndarray, " trial"],
        inputs: Shaped[np.ndarray, "trial time ..."],
        every: bool,
    ) -> Walked:
        """Read many sequences on from states of their own; see `Walker.walk`."""
        self._put(vector)
        return self._walker.walk(state, steps, inputs, every)

    def credit(
        self,
        vector: Float[np.ndarray, " weight"],
        inputs: Shaped[np.ndarray, "trial time ..."],
        right: Int[np.ndarray, " trial"],
        answers: Int[np.ndarray, " cue"],
    ) -> Float[np.ndarray, "trial time feature"]:
        """Return the gradient of the last step's margin; see `Walker.credit`."""
        self._put(vector)
        return self._walker.credit(inputs, right, answers)

    def derivative(
        self,
        vector: Float[np.ndarray, " weight"],
        state: list[Shaped[np.ndarray, "..."]],
        inputs: Shaped[np.ndarray, "trial ..."],
    ) -> Float[np.ndarray, "trial unit unit"]:
        """Return the derivative of the next state with respect to the state; see `Walker.derivative`."""
        self._put(vector)
        return self._walker.derivative(state, inputs)

    @functools.cached_property
    def _walker(self) -> Walker:
        return Walker(self.model, self._task)

    def _put(self, vector: Float[np.ndarray, " weight"]) -> None:
        """Put weights in, unless they are there."""
        if self._loaded is None or not np.array_equal(self._loaded, vector):
            self.load(vector)
            self._loaded = np.array(vector)

    def _as_symbols(self, inputs: Shaped[np.ndarray, "time ..."]) -> Shaped[np.ndarray, "time ..."]:
        """Return one-hot vectors as the symbols that they stand for; what lies between symbols stays a vector."""
        if not self._task.symbols or inputs.dtype.kind != "f":
            return inputs
        symbols = inputs.argmax(axis=-1).astype(np.int32)
        if np.array_equal(np.eye(self._task.n_inputs, dtype=inputs.dtype)[symbols], inputs):
            return symbols
        if self.model.form == "none" or self._task.options["inputs"] == "symbols":
            raise RunFailed(
                f"{self._task.user.name} reads symbols, and was to read what lies between them; leave that out"
            )
        return inputs

    def operate(self, name: str, *arguments: Any) -> Any:
        """Call an operation of the model itself; one without a call, such as `form`, is returned."""
        operation = getattr(self.model, name)
        return operation(*arguments) if callable(operation) else operation

    def _checked(self, inputs: Any, outputs: Any) -> Float[np.ndarray, "batch time output"]:
        wanted = (*inputs.shape[:2], self._task.n_outputs)
        if outputs.shape != wanted:
            raise RunFailed(
                f"{self._task.user.name} ({self._task.user.place}) must give outputs of shape {wanted} (sequences, "
                f"steps, outputs) for {wanted[0]} sequences of {wanted[1]} steps, but gave {outputs.shape}"
            )
        return outputs
