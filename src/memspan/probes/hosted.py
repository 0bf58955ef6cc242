"""A model in a process of another framework as a reader: all trials in one question, gradients where it has them."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float, Int, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput
from memspan.probes.reader import Clamp, Part, Reading

__all__ = ["Hosted"]


class Hosted:
    """A network that answers `walk`, `credit` and `derivative` from elsewhere.

    A state of zeros stands for the one before the first step, which is where a framework begins too. A model that reads
    whole sequences has what it has read in the place of a state, and how much that is.

    Args:
        network: such as `memspan.adapters` gives in the place of a compiled one.
        vector: its weights.

    Attributes:
        parts: what the numbers of the state are.
    """

    def __init__(self, network: Any, vector: Float[AnyArray, " weight"]) -> None:
        self._network, self._vector = network, np.asarray(vector, np.float32)
        self._arrays = [np.asarray(each) for each in network.initial_state[1]]
        if not network.keeps_state:
            self._arrays = [np.zeros(1, np.int32), _longer(self._arrays[0])]
        ends = np.cumsum([0, *(each.size for each in self._arrays)]).tolist()
        many = len(self._arrays) > 1
        names = network.names_of_state or [f"state {n}" if many else "state" for n in range(len(self._arrays))]
        if not network.keeps_state:
            names = ["steps read", "what was read"]
        self.parts = tuple(
            Part(name, first, last, network.keeps_state and bool(np.issubdtype(each.dtype, np.floating)))
            for name, first, last, each in zip(names, ends[:-1], ends[1:], self._arrays, strict=True)
        )

    def start(self, trials: int) -> Float[np.ndarray, "trial unit"]:
        """Return zeros, which `read` takes as a reset."""
        return np.zeros((trials, self.parts[-1].last), np.float32)

    def read(
        self,
        state: Float[AnyArray, "trial unit"],
        inputs: Shaped[AnyArray, "trial time ..."],
        first: int = 0,
        last: int | None = None,
        clamp: Clamp | None = None,
    ) -> Reading:
        """Read steps, and return states and outputs after each."""
        steps = inputs.shape[1]
        end, before = steps if last is None else last, np.asarray(state, np.float32)
        if clamp is None:
            pieces = [self._walk(before, inputs[:, first:end], every=True)] if first < end else []
        else:
            pieces: list[Reading] = []
            value = np.broadcast_to(clamp.value, (len(clamp.value), max(steps, clamp.value.shape[1]), before.shape[1]))
            for step in range(first, end):
                before = np.where(clamp.mask, value[:, step], before)
                pieces.append(self._walk(before, inputs[:, step : step + 1], every=True))
                before = pieces[-1].states[:, -1]
        if not pieces:  # no step to be read: how wide the outputs are is not known yet
            one = self._walk(before, inputs[:, :1], every=True)
            pieces = [Reading(one.states[:, :0], one.outputs[:, :0])]
        return Reading(*(_placed([piece[at] for piece in pieces], first, steps) for at in (0, 1)))

    def advance(
        self, state: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial time ..."], first: int, last: int
    ) -> Float[np.ndarray, "trial unit"]:
        """Read steps, and return the state after the last."""
        if first == last:
            return np.asarray(state)
        return self._walk(np.asarray(state, np.float32), inputs[:, first:last], every=False).states[:, -1]

    def credit(
        self,
        inputs: Shaped[AnyArray, "trial time ..."],
        right: Int[AnyArray, " trial"],
        answers: Int[AnyArray, " cue"],
    ) -> Float[np.ndarray, "trial time feature"]:
        """Return the gradient of the last step's margin with respect to every input vector.

        Raises:
            InvalidInput: the model has no gradients.
        """
        return self._network.credit(self._vector, inputs, right, answers)

    def jacobian(
        self, states: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial ..."]
    ) -> Float[np.ndarray, "trial unit unit"]:
        """Return the derivative of the next state with respect to the state.

        Raises:
            InvalidInput: the model has no gradients.
        """
        return self._network.derivative(self._vector, self._apart(np.asarray(states, np.float32)), inputs)

    def _walk(
        self, state: Float[np.ndarray, "trial unit"], inputs: Shaped[AnyArray, "trial time ..."], every: bool
    ) -> Reading:
        arrays = self._apart(state)
        went_on = np.asarray(state.any(axis=1), np.int32)
        if not self._network.keeps_state:
            went_on, arrays = np.asarray(arrays[0][:, 0], np.int32), arrays[1:]
            self._check_room(int(went_on.max()) + inputs.shape[1])
        states, outputs = self._network.walk(self._vector, (went_on, arrays), inputs, every)
        if not self._network.keeps_state:
            counted = np.arange(1, inputs.shape[1] + 1) if every else np.array([inputs.shape[1]])
            states = [np.add.outer(went_on, counted)[..., None], *states]
        rows = [each.reshape(*each.shape[:2], -1).astype(np.float32) for each in states]
        return Reading(np.concatenate(rows, axis=2), outputs)

    def _check_room(self, steps: int) -> None:
        longest = len(self._arrays[1])
        if steps > longest:
            raise InvalidInput(
                f"sequences must be of at most {longest:,} steps for a model that reads them whole, but got {steps:,}; "
                "give --longest, or a model with a state"
            )

    def _apart(self, state: Float[np.ndarray, "trial unit"]) -> list[Shaped[np.ndarray, "trial ..."]]:
        """Return vectors as the arrays of the state."""
        return [
            state[:, part.first : part.last].reshape(len(state), *each.shape).astype(each.dtype)
            for part, each in zip(self.parts, self._arrays, strict=True)
        ]


def _longer(read: Shaped[np.ndarray, "longest ..."]) -> Shaped[np.ndarray, "longer ..."]:
    """Return room for what is read at the longest delays that are tried."""
    return np.zeros((3 * len(read) + 128, *read.shape[1:]), read.dtype)


def _placed(pieces: list[np.ndarray], first: int, steps: int) -> Float[np.ndarray, "trial time _"]:
    """Return what was read at its place in time, zeros elsewhere."""
    read = np.concatenate(pieces, axis=1)
    placed = np.zeros((len(read), steps, read.shape[2]), np.float32)
    placed[:, first : first + read.shape[1]] = read
    return placed
