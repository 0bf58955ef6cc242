"""The contract of a problem as a list of named checks: ours and yours pass through the same door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from memspan.core.errors import check_choice
from memspan.testing import described, known, presented
from memspan.testing.violation import Violation

__all__ = ["check_problem", "problem_checks"]

_CHECKS: dict[str, Callable[[Any], None]] = {
    check.__name__: check
    for check in (
        described.has_every_member,
        described.is_described,
        described.is_a_value,
        described.has_an_example_that_runs,
        described.moves_with_its_difficulty,
        described.ceilings_agree,
        presented.draws_by_key,
        presented.draws_side_by_side,
        presented.draws_in_shape,
        presented.scores_something_in_every_sequence,
        presented.draws_apart_for_evaluation,
        known.orders_its_floors,
        known.oracle_scores_best,
        known.oracle_sees_only_the_past,
        known.random_guess_scores_chance,
        known.stays_at_the_floor_without_memory,
        known.can_be_solved,
        known.ignores_what_the_mask_hides,
    )
}


def problem_checks() -> tuple[str, ...]:
    """Return the names of all checks, in order: the ids of a parametrised test.

    Example:
        >>> problem_checks()[:3]
        ('has_every_member', 'is_described', 'is_a_value')

        In a test file of your own::

            @pytest.mark.parametrize("check", memspan.testing.problem_checks())
            def test_contract(check):
                memspan.testing.check_problem(MyProblem(), [check])

    Returns:
        Names that `check_problem` takes.
    """
    return tuple(_CHECKS)


def check_problem(problem: Any, checks: Iterable[str] | None = None) -> None:
    """Check that a problem keeps the contract; return quietly where it does.

    A drawn problem is judged on 16 draws: what a score must be is compared within six standard errors.

    Example:
        >>> from memspan.problems import Conflict
        >>> check_problem(Conflict(), ["is_described", "oracle_scores_best"])

    Args:
        problem: a problem of ours or of yours.
        checks: names from `problem_checks`; None takes all.

    Raises:
        Violation: one line for each broken check, with the variant and one sentence.
        InvalidInput: no check has this name.
    """
    names = [check_choice("checks", name, _CHECKS) for name in (_CHECKS if checks is None else checks)]
    broken: list[str] = []
    for name in names:
        try:
            _CHECKS[name](problem)
        except Violation as violation:
            broken.append(f"{getattr(problem, 'variant', type(problem).__name__)}: {violation} [{name}]")
        if broken and name == "has_every_member":
            break
    if broken:
        raise Violation("\n".join(broken))
