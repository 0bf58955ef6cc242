"""A user's model, made: the few operations that every adapter has, with NumPy arrays in and out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.core.foreign import Taught

__all__ = ["AbstractAdapted", "Task"]


@dataclass(frozen=True)
class Task:
    """What a model is made for.

    Attributes:
        user: what makes it: a `UserCode`, or a command.
        settings: of the user's own, by name.
        options: of the adapter, by name.
        n_inputs: size of the input vector of a step; of the alphabet, where inputs are symbols.
        n_outputs: size of the output vector of a step.
        symbols: whether inputs come as symbols; else they are vectors.
        loss: one of `core.problem.LOSSES`.
        rule: how it learns.
        optimizer: how a gradient changes its weights.
        reset: when the state is reset, as in `Protocol`.
        rows: sequences of a lesson.
        seed: of the first weights and of all that is drawn in training.
        device: where it is computed, in its framework's words.
    """

    user: Any
    settings: Mapping[str, Any]
    options: Mapping[str, Any]
    n_inputs: int
    n_outputs: int
    symbols: bool
    loss: str
    rule: Any
    optimizer: Any
    reset: str
    rows: int
    seed: int
    device: str


class AbstractAdapted(ABC):
    """A user's model in the process that it lives in.

    It holds one state, that of as many sequences as it last read side by side. Inputs are symbols or vectors; adapters
    encode symbols themselves. Outputs are logits, or real numbers, as wide as the problem's.
    """

    @property
    @abstractmethod
    def form(self) -> str:
        """How it carries its state: "explicit" (given, returned), "kept" (in the model), "none" (whole sequences)."""

    @abstractmethod
    def weights(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return all trained weights by name."""

    @abstractmethod
    def load(self, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """Put weights in the place of its own."""

    def beside(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return by name what outputs depend on besides weights and state: frozen weights, running means."""
        return {}

    @abstractmethod
    def reset(self) -> None:
        """Forget what was read."""

    def reset_of_its_own(self) -> str:
        """Have it forget by the means that its framework gives its user, where `reset` uses others; return their name.

        Returns:
            "" where there are no others.
        """
        return ""

    @abstractmethod
    def state(self) -> list[Shaped[np.ndarray, "..."]]:
        """Return the state as arrays, in a fixed order; none after a reset, and none where there is no state."""

    @abstractmethod
    def restore(self, state: list[Shaped[np.ndarray, "..."]]) -> None:
        """Put a state, as `state` returned it, in the place of its own."""

    @abstractmethod
    def read(
        self, inputs: Shaped[np.ndarray, "batch time ..."], training: bool = False
    ) -> Float[np.ndarray, "batch time output"]:
        """Read on from the state, with the weights as they are; `training` chooses the mode where there are two."""

    @abstractmethod
    def learn(self, lesson: Batch) -> Taught:
        """Learn from `[batch, time, ...]`, going on from the state, as the task's rule says."""

    @abstractmethod
    def sensitivity(self, inputs: Shaped[np.ndarray, "batch time ..."], step: int) -> Float[np.ndarray, " time"]:
        """Return the norm of the gradient of the summed outputs at a step with respect to the input of each step.

        It starts from a reset. Symbols count as their one-hot vectors, or as what they are embedded in.
        """

    @property
    def names_of_state(self) -> list[str]:
        """What the arrays of the state are called; none where that is not known."""
        return []

    def gradient(
        self, inputs: Shaped[np.ndarray, "batch time ..."], weights: Float[np.ndarray, "batch output"]
    ) -> Float[np.ndarray, "batch time feature"]:
        """Return the gradient of the weighted sum of the last outputs with respect to each input vector, from a reset.

        Raises:
            InvalidInput: nothing is known of its derivatives.
        """
        raise InvalidInput(f"probe credit must be given a model with gradients, but {self._which()}; leave it out")

    def derivative(
        self, state: list[Shaped[np.ndarray, "..."]], inputs: Shaped[np.ndarray, "batch ..."], axes: list[int]
    ) -> Float[np.ndarray, "batch unit unit"]:
        """Return the derivative of the next state (rows) with respect to the state (columns), arrays one after another.

        Args:
            state: of as many sequences side by side as there are inputs.
            inputs: of one step.
            axes: which axis of each array of the state is that of the sequences.

        Raises:
            InvalidInput: nothing is known of its derivatives.
        """
        raise InvalidInput(f"probe spectrum must be given a model with gradients, but {self._which()}; leave it out")

    def _which(self) -> str:
        return f"the derivatives of {type(self).__name__.removesuffix('Model').lower()} models are not at hand here"
