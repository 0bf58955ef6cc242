"""What probes ask of a trained model: a state that can be written and read, steps that can be walked, gradients."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, runtime_checkable

from jaxtyping import Bool, Float, Int, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput

__all__ = ["Clamp", "Differentiable", "Part", "Reader", "Reading", "differentiable"]


class Part(NamedTuple):
    """A named stretch of the numbers of a state, such as the cell of the first layer.

    Attributes:
        name: what the model calls it.
        first: its first number.
        last: the number after its last.
        is_real: whether it holds real numbers; what counts steps is exchanged and reset, but not blinded.
    """

    name: str
    first: int
    last: int
    is_real: bool = True


class Clamp(NamedTuple):
    """Numbers of the state that are held at given values before every step.

    Attributes:
        mask: which numbers are held.
        value: at what; an axis of size 1 stands for all trials, or all steps.
    """

    mask: Bool[AnyArray, " unit"]
    value: Float[AnyArray, "trial_or_1 time_or_1 unit"]


class Reading(NamedTuple):
    """What a model did while it read; steps that were not read are zero.

    Attributes:
        states: the state after each step.
        outputs: what it said after each step: logits, or real numbers.
    """

    states: Float[AnyArray, "trial time unit"]
    outputs: Float[AnyArray, "trial time output"]


@runtime_checkable
class Reader(Protocol):
    """A trained model as probes see it: trials side by side, each state one vector of numbers.

    Memspan's own models come in through `memspan.probes.reader_of`. Another library's model comes in as a class
    with these members; gradients (`Differentiable`) are asked of it only by the probes *credit* and *spectrum*.
    """

    @property
    def parts(self) -> tuple[Part, ...]:
        """What the numbers of the state are, in order and without a gap."""
        ...

    def start(self, trials: int) -> Float[Any, "trial unit"]:
        """Return the state before the first step, once a trial."""
        ...

    def read(
        self,
        state: Float[AnyArray, "trial unit"],
        inputs: Shaped[AnyArray, "trial time ..."],
        first: int = 0,
        last: int | None = None,
        clamp: Clamp | None = None,
    ) -> Reading:
        """Read the steps from `first` to before `last`, from a state that is the one before step `first`."""
        ...

    def advance(
        self, state: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial time ..."], first: int, last: int
    ) -> Float[Any, "trial unit"]:
        """Do the same, and return the last state alone: for delays of many steps."""
        ...


@runtime_checkable
class Differentiable(Reader, Protocol):
    """A reader that also has gradients."""

    def credit(
        self,
        inputs: Shaped[AnyArray, "trial time ..."],
        right: Int[AnyArray, " trial"],
        answers: Int[AnyArray, " cue"],
    ) -> Float[Any, "trial time feature"]:
        """Return the gradient of the last step's margin with respect to every input vector.

        The margin is the right answer's output less the largest output of the other answers.
        """
        ...

    def jacobian(
        self, states: Float[AnyArray, "trial unit"], inputs: Shaped[AnyArray, "trial ..."]
    ) -> Float[Any, "trial unit unit"]:
        """Return the derivative of the next state (rows) with respect to the state (columns)."""
        ...


def differentiable(reader: Reader, probe: str) -> Differentiable:
    """Return the reader, if it has gradients.

    Args:
        reader: a model.
        probe: who asks.

    Raises:
        InvalidInput: it has none.
    """
    if isinstance(reader, Differentiable):
        return reader
    raise InvalidInput(
        f"probe {probe} must be given a model with gradients, but got {type(reader).__name__}; "
        "give it the methods credit and jacobian, or leave the probe out"
    )
