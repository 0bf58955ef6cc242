"""How a run ended, as a sentence with advice."""

from __future__ import annotations

import enum

__all__ = ["Status"]


class Status(enum.StrEnum):
    """How one run of one seed ended. Failure is a value: it is counted, never dropped.

    Example:
        >>> print(Status.DIVERGED)
        the loss stopped being a finite number; try a smaller learning rate or gradient clipping
    """

    SOLVED = "solved: the criterion holds at the end of the budget"
    LOST = "solved on the way, but the criterion no longer holds at the end; fewer epochs may keep it"
    BUDGET_SPENT = "not solved within the budget; more epochs or another learning rule may help"
    DIVERGED = "the loss stopped being a finite number; try a smaller learning rate or gradient clipping"
    FAILED = "the model's own code failed before the end of the budget; the reason is beside it"
