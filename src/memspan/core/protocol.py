"""The protocol: in which order sequences come, when the state is reset, and how many are seen at once."""

from __future__ import annotations

from dataclasses import dataclass

from memspan.core.errors import InvalidInput, check_choice, check_range

__all__ = ["Protocol"]

ORDERS = ("fixed", "shuffled")
RESETS = ("sequence", "epoch", "never")
BATCHES = ("one", "all")


@dataclass(frozen=True)
class Protocol:
    """How an epoch is walked through. The default is the tutorial's.

    Example:
        >>> Protocol(order="shuffled", batch=8)
        Protocol(order='shuffled', reset='sequence', batch=8)
        >>> Protocol(reset="evry epoch")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: reset must be one of sequence, epoch, never, but got 'evry epoch';
        did you mean 'epoch'?

    Attributes:
        order: "fixed" shows the sequences in the same order every epoch, "shuffled" draws a new order each epoch.
        reset: the state starts from its initial value before each "sequence", at the start of each "epoch", or
            "never" after the start of training; row by row where several sequences are shown side by side.
        batch: "one" sequence at a time, "all" sequences of the epoch side by side, or a number of them, by which
            the epoch's sequences must be divisible.
    """

    order: str = "fixed"
    reset: str = "sequence"
    batch: str | int = "one"

    def __post_init__(self) -> None:
        check_choice("order", self.order, ORDERS)
        check_choice("reset", self.reset, RESETS)
        if isinstance(self.batch, str):
            check_choice("batch", self.batch, BATCHES)
        else:
            check_range("batch", self.batch, 1)
        if self.batch not in ("one", 1) and self.reset == "epoch":
            raise InvalidInput(
                f"reset='epoch' carries the state from one sequence to the next, but batch={self.batch!r} shows them "
                "side by side; use batch='one' or reset='sequence'"
            )

    def rows(self, n_sequences: int) -> int:
        """Return how many sequences of an epoch are shown side by side.

        Example:
            >>> Protocol(batch=4).rows(8), Protocol(batch="all").rows(8)
            (4, 8)
            >>> Protocol(batch=3).rows(8)
            Traceback (most recent call last):
            memspan.core.errors.InvalidInput: batch must divide the 8 sequences of an epoch, but got 3; use 2 or 4

        Args:
            n_sequences: sequences of an epoch.

        Returns:
            The number of rows of a batch.

        Raises:
            InvalidInput: the epoch's sequences cannot be cut into such batches.
        """
        if isinstance(self.batch, str):
            return n_sequences if self.batch == "all" else 1
        if n_sequences % self.batch:
            divisors = [rows for rows in range(1, n_sequences + 1) if n_sequences % rows == 0]
            below = max(rows for rows in divisors if rows < self.batch)
            above = [rows for rows in divisors if rows > self.batch][:1]
            advice = " or ".join(str(rows) for rows in [below, *above])
            raise InvalidInput(
                f"batch must divide the {n_sequences} sequences of an epoch, but got {self.batch}; use {advice}"
            )
        return self.batch
