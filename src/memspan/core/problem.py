"""A problem: a distribution over sequences, what counts as solved, and what can be known about it exactly."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch

__all__ = ["Problem"]


@runtime_checkable
class Problem(Protocol):
    """What the engine asks of a problem. A frozen dataclass with these members is enough; nothing is inherited.

    Its fields are its identity: they go into the spec, so they must be plain values.
    """

    @property
    def n_inputs(self) -> int:
        """Size of the input vector of one step (the alphabet's, where inputs are symbols)."""
        ...

    @property
    def n_outputs(self) -> int:
        """Size of the output vector of one step."""
        ...

    @property
    def n_sequences(self) -> int:
        """Sequences in one presentation, that is in one epoch."""
        ...

    @property
    def n_steps(self) -> int:
        """Steps of the longest sequence."""
        ...

    @property
    def is_fixed(self) -> bool:
        """True when every presentation holds the same sequences."""
        ...

    @property
    def floor(self) -> float:
        """Best accuracy of any predictor that sees only the current symbol."""
        ...

    @property
    def demand(self) -> int:
        """Smallest window with which the best possible accuracy is reached."""
        ...

    def ceiling(self, window: int) -> float:
        """Best accuracy of any predictor that sees only the last `window` symbols."""
        ...

    def batch(self, key: PRNGKeyArray | None) -> Batch:
        """One presentation for training; the same key gives the same batch. A fixed problem needs no key."""
        ...

    def evaluation(self, key: PRNGKeyArray | None) -> Batch:
        """The sequences on which success is judged; drawn apart from training where sequences are drawn."""
        ...

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Whether each position is answered right; positions that are not scored may hold anything."""
        ...

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Whether the problem's own criterion of success holds."""
        ...

    def sequences(self) -> list[list[object]]:
        """The sequences of a fixed problem, in its own alphabet."""
        ...

    @property
    def alphabet(self) -> tuple[object, ...]:
        """The symbols, in the order of their one-hot positions."""
        ...

