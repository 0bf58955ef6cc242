"""What an estimate of the demand shows, in words."""

from __future__ import annotations

from memspan.core.estimate import Estimate
from memspan.demand.estimated import Estimated
from memspan.demand.samples import UNITS_NEEDED
from memspan.demand.verdict import Outcome, Verdict

__all__ = ["findings"]


def findings(estimated: Estimated) -> list[str]:
    """Return the verdict and what it rests on, one sentence after the other.

    Example:
        >>> import numpy as np
        >>> from memspan.demand.estimated import estimate
        >>> rng = np.random.default_rng(0)
        >>> findings(estimate([np.array([3, 0, 2]), np.array([4, 0, 2])], 5, rng=rng))[0]
        'More data needed: sequences are held out, and 60 or more are needed for that, or long ones to cut into
        blocks; if these are all the sequences there can be, ask for the exact demand.'

    Args:
        estimated: what was estimated.

    Returns:
        Sentences; the first is the verdict.
    """
    said = [_verdict(estimated)]
    if not estimated.rows:
        return said
    if estimated.excess is not None:
        said.append(_order(estimated.verdict))
        said.append(_confirmed(estimated.verdict, estimated.excess))
    unit = "blocks" if estimated.is_cut else "whole sequences"
    cut = f"; sequences are fewer than {UNITS_NEEDED} and were cut, a window of gap between" if estimated.is_cut else ""
    said.append(
        f"Held out: {unit} ({estimated.n_units:,} in all, 60 % to count, 10 % to weigh, 15 % to decide, 15 % to "
        f"report){cut}."
    )
    return said


def _verdict(estimated: Estimated) -> str:
    verdict = estimated.verdict
    if not estimated.rows:
        return (
            f"More data needed: sequences are held out, and {UNITS_NEEDED} or more are needed for that, or long ones "
            "to cut into blocks; if these are all the sequences there can be, ask for the exact demand."
        )
    longest = estimated.rows[-1].window
    reach = f"windows up to {verdict.judged} can be judged"
    if verdict.outcome is Outcome.FOUND:
        return (
            f"Demand: {_symbols(verdict.window)}, as far as windows up to {verdict.judged} can tell: none is better by "
            f"more than {verdict.tolerance:g} bit."
        )
    if verdict.outcome is Outcome.BETWEEN:
        return (
            f"Demand: between {verdict.at_least} and {_symbols(verdict.window)}, as far as windows up to "
            f"{verdict.judged} can tell, at a tolerance of {verdict.tolerance:g} bit; more data would narrow it."
        )
    if verdict.judged == 0:
        return (
            "More data needed: not even a window of 1 can be judged, for its contexts were counted too seldom or what "
            "they gain is too uncertain."
        )
    if verdict.outcome is Outcome.NOT_REACHED and verdict.judged == longest:
        return f"Not reached within {_symbols(longest)}: longer windows may still help; allow a longer one or add data."
    if verdict.outcome is Outcome.NOT_REACHED:
        return f"Not reached within {_symbols(verdict.judged)}; more data needed to judge longer windows."
    if verdict.at_least == 0:
        return f"More data needed: no window is shown to help, but only {reach}, which is too few to tell."
    return (
        f"More data needed: the demand is {_symbols(verdict.at_least)} or more, but the intervals are too wide, or "
        f"the contexts too rare, to say how many ({reach})."
    )


def _order(verdict: Verdict) -> str:
    if verdict.after_order is None:
        return "The loss still falls by more than the tolerance at the longest window that can be judged."
    if verdict.order is None:
        return (
            "The gains fade rather than end: beyond the last large one, longer windows still gain up to "
            f"{verdict.after_order:.2g} bit in all, so no finite order shows."
        )
    return (
        f"The gains end at {_symbols(verdict.order)}: all that windows up to {verdict.judged} add is at most "
        f"{verdict.after_order:.2g} bit."
    )


def _confirmed(verdict: Verdict, excess: Estimate) -> str:
    word = "contradict" if excess.low > verdict.tolerance else "agree with"
    return (
        f"Sequences that had no part in the choice {word} it: a window of {verdict.window} loses "
        f"{excess.point:.4f} bit [{excess.low:.4f}, {excess.high:.4f}] against {verdict.best}, the best."
    )


def _symbols(window: int | None) -> str:
    return f"{window:,} symbol" if window == 1 else f"{window:,} symbols"
