"""A model of another framework: it learns where it lives, and memspan shows it the sequences and judges its outputs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, runtime_checkable

from jaxtyping import Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.batch import Batch
from memspan.core.problem import Problem

__all__ = ["Cohort", "Foreign", "Pupil", "Taught"]


class Taught(NamedTuple):
    """What an epoch was like.

    Attributes:
        loss: mean loss met on the way; one that is no finite number ends the training.
        updates: how many times the weights were changed.
    """

    loss: float
    updates: int


@runtime_checkable
class Pupil(Protocol):
    """One seed of a foreign model, from its first weights to its last. All arrays are NumPy's.

    Whatever goes wrong in the user's code is a `RunFailed`: the seed is lost and nothing else.
    """

    def learn(self, lessons: Batch) -> Taught:
        """Learn from an epoch: `[lesson, batch, time, ...]`, one lesson after the other, as rule and protocol say."""
        ...

    def read(self, inputs: Shaped[AnyArray, "batch time ..."]) -> Float[AnyArray, "batch time output"]:
        """Return the outputs for whole sequences with the weights as they are, the state reset as in training."""
        ...

    def weights(self) -> Float[AnyArray, " weight"]:
        """Return all weights as one vector."""
        ...

    def recall(self, seed: int, weights: Float[AnyArray, " weight"]) -> None:
        """Become what a seed was at the end of its training; a model that changes more than weights refuses."""
        ...


@runtime_checkable
class Foreign(Protocol):
    """What the engine asks of a model that it cannot compile: a frozen dataclass of settings, its identity.

    In a spec it stands in the place of a `Model`; `memspan.adapters` has those of other frameworks.
    """

    @property
    def trains(self) -> bool:
        """Whether it learns; one that does not is asked once."""
        ...

    def check(self, spec: Any) -> None:
        """Refuse, as an `InvalidInput`, a spec that it cannot keep to, such as a rule that it cannot follow."""
        ...

    def network(self, problem: Problem) -> Any:
        """Return how a row of weights is read: what `memspan.Trained` asks of a network."""
        ...

    def admit(self, spec: Any, seed: int) -> AbstractContextManager[Pupil]:
        """Draw a seed's first weights; the seed learns inside the context."""
        ...


@runtime_checkable
class Cohort(Protocol):
    """What the engine asks, further, of a foreign model whose seeds learn side by side where it lives."""

    @property
    def side_by_side(self) -> bool:
        """Whether they do; else each is admitted alone."""
        ...

    def teach(self, spec: Any, seeds: list[int]) -> tuple[Shaped[AnyArray, "seed ..."], ...]:
        """Return what each seed leaves behind, one row a seed: loss, accuracy, solved, updates, stage, weights.

        Whatever goes wrong in the user's code is a `RunFailed`: these seeds are lost and nothing else.
        """
        ...
