"""A predict function, called: the operations of an adapted model."""

from __future__ import annotations

import inspect

import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import Task
from memspan.adapters.answers import encoded, outputs_of
from memspan.adapters.reading import AbstractReader
from memspan.core.errors import RunFailed, nearest

__all__ = ["Predictor"]


class Predictor(AbstractReader):
    """A function of the user's.

    Args:
        task: what it is for.
    """

    def __init__(self, task: Task) -> None:
        self.task, self._function = task, task.user.load()
        parameters = list(inspect.signature(self._function).parameters)[1:]
        for name in task.settings:
            if name not in parameters:
                guess = nearest(name, parameters)
                advice = f"did you mean '{guess}'?" if guess else "leave it out"
                raise RunFailed(f"{task.user.name} ({task.user.place}) has no parameter {name}; {advice}")

    def answer(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Float[np.ndarray, "batch time output"]:
        """Call it."""
        said = self._function(encoded(inputs, self.task), **self.task.settings)
        return outputs_of(said, self.task, *inputs.shape[:2])
