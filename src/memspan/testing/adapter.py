"""The contract of a model of yours, in any framework, as a list of named checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput, RunFailed, check_choice, check_range
from memspan.core.problem import Problem
from memspan.problems import Conflict
from memspan.testing import adapted_learns, adapted_reads
from memspan.testing.subject import DoesNotApply, Subject, admitted
from memspan.testing.violation import Violation

__all__ = ["Finding", "adapter_checks", "check_adapter", "examine_adapter"]

# In words, for a line that says how a check went.
_CHECKS: dict[str, tuple[str, Callable[[Subject], None]]] = {
    check.__name__: (words, check)
    for words, check in (
        ("it can be made, and answers", adapted_learns.is_made_and_answers),
        ("a seed decides everything", adapted_learns.is_decided_by_its_seed),
        ("train and eval mode", adapted_reads.is_still_in_evaluation),
        ("reset clears the state", adapted_reads.forgets_at_a_reset),
        ("state survives to the next batch", adapted_reads.carries_its_state),
        ("no graph of the last batch is kept", adapted_learns.lets_go_of_the_past),
        ("batch members do not leak", adapted_reads.reads_each_sequence_alone),
        ("no look ahead", adapted_reads.reads_only_the_past),
        ("padding changes nothing", adapted_reads.ignores_padding),
        ("step form = sequence form", adapted_reads.reads_alike_in_both_forms),
        ("gradient reaches the cue", adapted_learns.has_credit_for_the_cue),
        ("save and load", adapted_learns.saves_and_loads),
    )
}
_GATES = ("is_made_and_answers", "is_decided_by_its_seed", "is_still_in_evaluation")
STEPS = 16


@dataclass(frozen=True)
class Finding:
    """How one check went.

    Attributes:
        check: its name.
        words: what it is about.
        status: "pass", "broken" or "does not apply".
        sentence: what is broken and what to do, or why it does not apply; "" where it passes.
        norms: of the check of gradients: their norm at each input, the last input first; () where there is none.
    """

    check: str
    words: str
    status: str
    sentence: str = ""
    norms: tuple[float, ...] = ()


def adapter_checks() -> tuple[str, ...]:
    """Return the names of all checks, in order: the ids of a parametrised test.

    Example:
        >>> adapter_checks()[:3]
        ('is_made_and_answers', 'is_decided_by_its_seed', 'is_still_in_evaluation')

        In a test file of your own::

            @pytest.mark.parametrize("check", memspan.testing.adapter_checks())
            def test_contract(check):
                memspan.testing.check_adapter(memspan.adapters.Torch("mymodel:lstm"), [check])

    Returns:
        Names that `check_adapter` takes.
    """
    return tuple(_CHECKS)


def check_adapter(
    model: Any, checks: Iterable[str] | None = None, *, problem: Problem | None = None, steps: int = STEPS
) -> None:
    """Check that a model of yours keeps the contract; return quietly where it does, or where a check does not apply.

    Example:
        >>> from memspan.models import LSTM
        >>> check_adapter(LSTM(units=3), ["reads_only_the_past", "has_credit_for_the_cue"])

    Args:
        model: one of `memspan.adapters`, or of our own.
        checks: names from `adapter_checks`; None takes all.
        problem: decides what inputs and outputs are; the tutorial's by default.
        steps: of the sequences that it is shown; the cue lies at the first, the answer at the last.

    Raises:
        Violation: one line for each broken check, with the model's name and one sentence. A check that others build
            on ends the list.
        InvalidInput: no check has this name, or there are fewer than four steps.
    """
    found = examine_adapter(model, checks, problem=problem, steps=steps)
    name = model.user.name if hasattr(model, "user") else type(model).__name__
    broken = [f"{name}: {one.sentence} [{one.check}]" for one in found if one.status == "broken"]
    if broken:
        raise Violation("\n".join(broken))


def examine_adapter(
    model: Any,
    checks: Iterable[str] | None = None,
    *,
    problem: Problem | None = None,
    steps: int = STEPS,
    on_finding: Callable[[Finding], None] | None = None,
) -> tuple[Finding, ...]:
    """Return how each check of a model of yours goes; see `check_adapter`.

    Example:
        >>> from memspan.models import LSTM
        >>> (found,) = examine_adapter(LSTM(units=3), ["has_credit_for_the_cue"], steps=8)
        >>> found.status, len(found.norms)
        ('pass', 8)

    Args:
        model: one of `memspan.adapters`, or of our own.
        checks: names from `adapter_checks`; None takes all.
        problem: decides what inputs and outputs are; the tutorial's by default.
        steps: of the sequences that it is shown.
        on_finding: called with each finding as soon as it is there.

    Returns:
        The findings, in the order of the checks.

    Raises:
        InvalidInput: no check has this name, or there are fewer than four steps.
    """
    chosen = [check_choice("checks", name, _CHECKS) for name in (_CHECKS if checks is None else checks)]
    check_range("steps", steps, 4)
    said: list[Finding] = []

    def note(finding: Finding) -> None:
        said.append(finding)
        if on_finding is not None:
            on_finding(finding)

    try:
        with admitted(model, problem or Conflict(), steps) as subject:
            for place, name in enumerate(chosen):
                note(_tried(name, subject))
                if said[-1].status == "broken" and (name in _GATES or not subject.alive()):
                    _skip(chosen[place + 1 :], note, name)
                    break
    except RunFailed as failure:  # it could not be made, whatever was asked
        first = next(iter(_CHECKS))
        note(Finding(first, _CHECKS[first][0], "broken", str(failure)))
        _skip([name for name in chosen if name != first], note, first)
    return tuple(said)


def _skip(names: list[str], note: Callable[[Finding], None], because: str) -> None:
    for name in names:
        note(Finding(name, _CHECKS[name][0], "does not apply", f"not tried, for {because} is broken"))


def _tried(name: str, subject: Subject) -> Finding:
    words, check = _CHECKS[name]
    try:
        check(subject)
        status, sentence = "pass", ""
    except DoesNotApply as reason:
        status, sentence = "does not apply", str(reason)
    except (Violation, RunFailed, InvalidInput) as broken:
        status, sentence = "broken", str(broken)
    norms = subject.norms if check is adapted_learns.has_credit_for_the_cue else ()
    return Finding(name, words, status, sentence, norms)
