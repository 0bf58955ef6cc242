"""The contract of a learning rule as a list of named checks: ours and yours pass through the same door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from memspan.core.model import Model
from memspan.models import LSTM
from memspan.testing import identity, learns
from memspan.testing.contract import hold

__all__ = ["check_rule", "rule_checks"]

_CHECKS: dict[str, Callable[..., None]] = {
    check.__name__: check
    for check in (
        identity.is_a_rule,
        identity.is_a_value,
        learns.keeps_the_memory_in_shape,
        learns.counts_its_updates,
        learns.changes_nothing_where_nothing_is_scored,
        learns.reports_the_loss_met,
        learns.carries_the_state,
        learns.ignores_what_is_not_scored,
        learns.averages_the_batch,
        learns.is_exact_within_one_step,
        learns.descends,
        learns.trains_in_the_engine,
    )
}
_GATES = ("is_a_rule", "is_a_value", "keeps_the_memory_in_shape")


def rule_checks() -> tuple[str, ...]:
    """Return the names of all checks, in order: the ids of a parametrised test.

    Example:
        >>> rule_checks()[:3]
        ('is_a_rule', 'is_a_value', 'keeps_the_memory_in_shape')

    Returns:
        Names that `check_rule` takes.
    """
    return tuple(_CHECKS)


def check_rule(rule: Any, checks: Iterable[str] | None = None, *, model: Model | None = None) -> None:
    """Check that a learning rule keeps the contract; return quietly where it does.

    The rule teaches a small network lessons of six steps, two sequences side by side, some steps unscored. Most
    checks freeze the weights and look at the gradients that it hands to the optimizer.

    Example:
        >>> from memspan.rules import BPTT
        >>> check_rule(BPTT(), ["reports_the_loss_met", "is_exact_within_one_step"])

    Args:
        rule: a rule of ours or of yours.
        checks: names from `rule_checks`; None takes all.
        model: what it teaches, where it cannot teach the LSTM of three units that is taken by default.

    Raises:
        Violation: one line for each broken check, with the rule's type and one sentence. A check that others build
            on ends the list.
        InvalidInput: no check has this name.
    """
    hold(rule, _CHECKS, checks, _GATES, model or LSTM(units=3))
