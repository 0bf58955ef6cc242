"""A problem: a distribution over sequences, what counts as solved, and what can be known about it exactly."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from jaxtyping import Array, Bool, Float, PRNGKeyArray

from memspan.core.batch import Batch

__all__ = ["LOSSES", "FiniteProblem", "Problem"]

# Losses a problem may ask for: independent yes/no outputs, one of many, or real numbers.
LOSSES = ("binary_cross_entropy", "cross_entropy", "squared_error")


@runtime_checkable
class Problem(Protocol):
    """What the engine asks of a problem. A frozen dataclass with these members is enough; nothing is inherited.

    Its fields are its identity: they go into the spec, so they must be plain values. "Adding" and "copy" mean
    different tasks in different papers: `variant` says which one this is, and goes with every result.
    """

    @property
    def variant(self) -> str:
        """The problem's full name, with its source: "adding (Arjovsky 2016)"."""
        ...

    @property
    def reference(self) -> str:
        """Where the problem is defined."""
        ...

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
    def loss(self) -> str:
        """Which of `LOSSES` fits the outputs."""
        ...

    @property
    def score_name(self) -> str:
        """What `score` measures: "accuracy", "mean squared error", ..."""
        ...

    @property
    def chance(self) -> float:
        """Expected score of outputs that ignore everything, drawn at random."""
        ...

    @property
    def floor(self) -> float:
        """Best expected score of any predictor without memory: one that sees only the current input."""
        ...

    @property
    def best(self) -> float:
        """Best expected score of any predictor."""
        ...

    def batch(self, key: PRNGKeyArray | None) -> Batch:
        """One presentation for training; the same key gives the same batch. A fixed problem needs no key."""
        ...

    def evaluation(self, key: PRNGKeyArray | None) -> Batch:
        """The sequences on which success is judged; drawn apart from training where sequences are drawn."""
        ...

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Outputs (logits, or real numbers) of a best predictor; its score is `best`."""
        ...

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Whether each position is answered right; positions that are not scored may hold anything."""
        ...

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """The problem's own measure over the scored positions."""
        ...

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Whether the problem's own criterion of success holds."""
        ...


@runtime_checkable
class FiniteProblem(Problem, Protocol):
    """A problem over symbols of which more is known: how much memory it demands, exactly."""

    @property
    def alphabet(self) -> tuple[object, ...]:
        """The symbols, in the order of their one-hot positions."""
        ...

    @property
    def demand(self) -> int:
        """Smallest window with which the best possible accuracy is reached."""
        ...

    def ceiling(self, window: int) -> float:
        """Best accuracy of any predictor that sees only the last `window` symbols."""
        ...

    def sequences(self) -> list[list[object]]:
        """The sequences, in the problem's own alphabet."""
        ...
