"""A model that keeps its state in itself, as a reader: reset, read on, its state taken out and put back."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput
from memspan.probes.reader import Clamp, Part, Reading

__all__ = ["Keeping", "KeepsState"]


@runtime_checkable
class KeepsState(Protocol):
    """What is asked of a model that keeps its state in itself: four functions, arrays in and out.

    The state is a list of arrays in a fixed order, for as many sequences as were last read side by side; after a reset
    it may be empty.
    """

    def reset(self) -> None:
        """Forget what was read."""
        ...

    def read(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Float[np.ndarray, "batch time output"]:
        """Read on from the state."""
        ...

    def state(self) -> list[Shaped[np.ndarray, "..."]]:
        """Return the state."""
        ...

    def restore(self, state: list[Shaped[np.ndarray, "..."]]) -> None:
        """Put a state in the place of its own."""
        ...


class Keeping:
    """A model that keeps its state in itself, as probes see it. It has no gradients here.

    Example:
        >>> class Sum:
        ...     def reset(self): self.s = None
        ...     def read(self, inputs):
        ...         sums = np.cumsum(inputs, axis=1) + (0 if self.s is None else self.s[:, None])
        ...         self.s = sums[:, -1]
        ...         return sums[:, :, None].astype(float)
        ...     def state(self): return [] if self.s is None else [self.s.astype("f4")]
        ...     def restore(self, state): self.s = state[0]
        >>> reader = Keeping(Sum(), np.array([[1, 2, 3]]))
        >>> reader.read(reader.start(1), np.array([[1, 2, 3]])).states[0].tolist()
        [[1.0], [3.0], [6.0]]

    Args:
        model: the model.
        inputs: one sequence or more that it can read, to find out which axis of its arrays is that of the sequences.

    Raises:
        InvalidInput: it shows no state, or one that does not grow with the number of sequences.
    """

    def __init__(self, model: KeepsState, inputs: Shaped[np.ndarray, "batch time ..."]) -> None:
        self._model = model
        shapes = [self._shapes(np.repeat(inputs[:1, :1], rows, axis=0)) for rows in (2, 3)]
        if not shapes[0] or len(shapes[0]) != len(shapes[1]):
            raise InvalidInput(
                f"a probe must be given a model that shows its state, but {type(model).__name__} shows none; return "
                "its arrays from state()"
            )
        self._axes = [_axis(two, three, type(model).__name__) for two, three in zip(*shapes, strict=True)]
        self._shapes_of_one = [
            tuple(size for axis, size in enumerate(shape) if axis != at)
            for shape, at in zip(shapes[0], self._axes, strict=True)
        ]
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in self._shapes_of_one)]).tolist()
        self._dtypes = [array.dtype for array in model.state()]
        self.parts = tuple(
            Part(f"state {number}" if len(ends) > 2 else "state", first, last, bool(np.issubdtype(dtype, np.floating)))
            for number, (first, last, dtype) in enumerate(zip(ends[:-1], ends[1:], self._dtypes, strict=True))
        )

    def start(self, trials: int) -> Float[np.ndarray, "trial unit"]:
        """Return what stands for the state before the first step: zeros, which `read` takes as a reset."""
        return np.zeros((trials, self.parts[-1].last), np.float32)

    def read(
        self,
        state: Float[AnyArray, "trial unit"],
        inputs: Shaped[AnyArray, "trial time ..."],
        first: int = 0,
        last: int | None = None,
        clamp: Clamp | None = None,
    ) -> Reading:
        """Read steps one by one, and return states and outputs after each."""
        steps = inputs.shape[1]
        before, states, outputs = np.asarray(state), list[np.ndarray](), list[np.ndarray]()
        for step in range(first, steps if last is None else last):
            if clamp is not None:
                value = np.broadcast_to(
                    clamp.value, (len(clamp.value), max(steps, clamp.value.shape[1]), before.shape[1])
                )
                before = np.where(clamp.mask, value[:, step], before)
            outputs.append(self._step(before, inputs[:, step : step + 1]))
            before = self._vector()
            states.append(before)
        return Reading(_placed(states, first, steps), _placed(outputs, first, steps))

    def advance(
        self, state: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial time ..."], first: int, last: int
    ) -> Float[np.ndarray, "trial unit"]:
        """Read steps, and return the state after the last."""
        if first == last:
            return np.asarray(state)
        self._step(np.asarray(state), inputs[:, first:last])
        return self._vector()

    def _shapes(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> list[tuple[int, ...]]:
        self._model.reset()
        self._model.read(inputs)
        return [array.shape for array in self._model.state()]

    def _step(
        self, state: Float[np.ndarray, "trial unit"], inputs: Shaped[AnyArray, "trial time ..."]
    ) -> Float[np.ndarray, "trial output"]:
        """Read on from a state; return the last outputs."""
        self._model.reset()
        if state.any():
            rows = len(state)
            self._model.restore(
                [
                    np.moveaxis(state[:, part.first : part.last].reshape(rows, *shape), 0, axis).astype(dtype)
                    for part, shape, axis, dtype in zip(
                        self.parts, self._shapes_of_one, self._axes, self._dtypes, strict=True
                    )
                ]
            )
        return np.asarray(self._model.read(np.asarray(inputs)))[:, -1]

    def _vector(self) -> Float[np.ndarray, "trial unit"]:
        """Return the model's state as one vector a trial."""
        arrays = zip(self._model.state(), self._axes, strict=True)
        rows = [np.moveaxis(np.asarray(array), axis, 0) for array, axis in arrays]
        return np.concatenate([array.reshape(len(array), -1) for array in rows], axis=1).astype(np.float32)


def _axis(two: tuple[int, ...], three: tuple[int, ...], name: str) -> int:
    """Return the axis of an array that grew with the sequences."""
    grown = [axis for axis, sizes in enumerate(zip(two, three, strict=True)) if sizes == (2, 3)]
    if len(grown) != 1:
        raise InvalidInput(
            f"a probe must be given a state with one axis for the sequences, but an array of {name} is {two} for two "
            f"and {three} for three; leave what they share out of state()"
        )
    return grown[0]


def _placed(rows: list[np.ndarray], first: int, steps: int) -> Float[np.ndarray, "trial time _"]:
    """Return what was read at its place in time, zeros elsewhere."""
    trials, width = rows[0].shape
    placed = np.zeros((trials, steps, width), np.float32)
    placed[:, first : first + len(rows)] = np.stack(rows, axis=1)
    return placed
