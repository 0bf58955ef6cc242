"""The operations of an adapted model that learns nothing and keeps no state between sequences."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import AbstractAdapted, Task
from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.core.foreign import Taught
from memspan.engine.loss import LOSS_FUNCTIONS, as_vectors, masked_mean

__all__ = ["AbstractReader"]


class AbstractReader(AbstractAdapted):
    """A predictor: only how it answers is left to write."""

    task: Task

    @abstractmethod
    def answer(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Float[np.ndarray, "batch time output"]:
        """Return outputs for whole sequences."""

    @property
    def form(self) -> str:
        """It reads whole sequences."""
        return "none"

    def weights(self) -> dict[str, Float[np.ndarray, "..."]]:
        """It shows none."""
        return {}

    def load(self, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """It has none."""

    def reset(self) -> None:
        """There is nothing to forget."""

    def state(self) -> list[Shaped[np.ndarray, "..."]]:
        """It shows none."""
        return []

    def restore(self, state: list[Shaped[np.ndarray, "..."]]) -> None:
        """It takes none."""

    def read(
        self, inputs: Shaped[np.ndarray, "batch time ..."], training: bool = False
    ) -> Float[np.ndarray, "batch time output"]:
        """Return outputs for whole sequences."""
        return self.answer(np.asarray(inputs))

    def learn(self, lesson: Batch) -> Taught:
        """Return the loss met; nothing is learned."""
        targets = as_vectors(jnp.asarray(lesson.targets), self.task.n_outputs)
        each = LOSS_FUNCTIONS[self.task.loss](jnp.asarray(self.answer(np.asarray(lesson.inputs))), targets)
        return Taught(float(masked_mean(each, jnp.asarray(lesson.mask))), 0)

    def sensitivity(self, inputs: Shaped[np.ndarray, "batch time ..."], step: int) -> Float[np.ndarray, " time"]:
        """Refuse: nothing is known of its derivatives.

        Raises:
            InvalidInput: always.
        """
        raise InvalidInput(
            f"a gradient must be asked of a model that is trained, but {self.task.user.name} only answers"
        )
