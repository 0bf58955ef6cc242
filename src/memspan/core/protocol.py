"""The protocol: in which order sequences come, when the state is reset, and how many are seen at once."""

from __future__ import annotations

from dataclasses import dataclass

from memspan.core.errors import InvalidInput, check_choice

__all__ = ["Protocol"]

ORDERS = ("fixed", "shuffled")
RESETS = ("sequence", "epoch", "never")
BATCHES = ("one", "all")


@dataclass(frozen=True)
class Protocol:
    """How an epoch is walked through. The default is the tutorial's.

    Example:
        >>> Protocol(order="shuffled")
        Protocol(order='shuffled', reset='sequence', batch='one')
        >>> Protocol(reset="evry epoch")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: reset must be one of sequence, epoch, never, but got 'evry epoch';
        did you mean 'epoch'?

    Attributes:
        order: "fixed" shows the sequences in the same order every epoch, "shuffled" draws a new order each epoch.
        reset: the state starts from its initial value before each "sequence", at the start of each "epoch", or
            "never" after the start of training.
        batch: "one" sequence at a time, or "all" sequences of the epoch side by side.
    """

    order: str = "fixed"
    reset: str = "sequence"
    batch: str = "one"

    def __post_init__(self) -> None:
        check_choice("order", self.order, ORDERS)
        check_choice("reset", self.reset, RESETS)
        check_choice("batch", self.batch, BATCHES)
        if self.batch == "all" and self.reset == "epoch":
            raise InvalidInput(
                "reset='epoch' carries the state from one sequence to the next, but batch='all' shows them side by "
                "side; use batch='one' or reset='sequence'"
            )
