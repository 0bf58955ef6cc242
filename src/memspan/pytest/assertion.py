"""An assertion that fails when a model no longer learns to remember."""

# Nothing is imported that is not needed to say that it is there: pytest loads this whether it is used or not.
from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memspan.core.estimate import Estimate
    from memspan.engine.runs import Runs

__all__ = ["assert_memory_span"]

BLOCK = 16  # runs between two looks at whether the budget is spent or the answer is certain
MOST = 10_000  # runs that are thought of when a number is advised


def assert_memory_span(
    model: Any,
    *,
    at_least: int,
    problem: Any = "conflict",
    rule: Any = "BPTT",
    optimizer: Any = "Adam",
    level: float = 0.9,
    seeds: int | None = None,
    epochs: int = 250,
    batch: str | int = "one",
    budget: float | None = None,
) -> Estimate:
    """Assert that a model learns to remember over a lag, in at least a share of all runs.

    Runs with different seeds are trained at the lag. The assertion holds where the lower end of the share's 95 %
    interval (Wilson) is at the level or above: it is shown, not just seen. A run that fails or diverges counts as one
    that did not succeed. As soon as too many have failed, no more are trained.

    Example:
        >>> import memspan as ms
        >>> settings = {"optimizer": "Adam(learning_rate=0.05)", "epochs": 60, "level": 0.5, "seeds": 8}
        >>> print(assert_memory_span(ms.models.LSTM(units=8), at_least=1, **settings))
        1.00 [0.68, 1.00] (n = 8, wilson 95 %)

    Args:
        model: what learns: one of ours or of `memspan.adapters`, or the words of the command line, such as
            "torch:mymodel:lstm(hidden=32)".
        at_least: the lag: steps between the cue and the answer.
        problem: one that has `with_lag`, a function of the lag that returns a problem, or its name.
        rule: how credit reaches the weights, or its name.
        optimizer: how a gradient changes the weights, or its name.
        level: share of all runs that must succeed, between 0 and 1.
        seeds: how many runs; by default as few as show the level though one of them fails.
        epochs: presentations of all sequences in each run.
        batch: sequences side by side, as in `memspan.Protocol`.
        budget: seconds that all runs together may take; where they are spent before all runs are made, the assertion
            fails. Looked at after every 16 runs. None for no limit.

    Returns:
        The share of runs that succeed, with its interval.

    Raises:
        AssertionError: it is not shown; the message has rate, interval, floor, and the curve of learning.
        InvalidInput: an argument is not what it should be, or so few seeds could not show the level if all succeeded.
    """
    import memspan as ms
    from memspan.pytest.failure import Asked, message_of
    from memspan.studies.span.plan import problem_at

    _check(at_least, level, budget)
    n = least_runs(level, failures=1) if seeds is None else seeds
    _check_can_show(n, level)
    spec = ms.Spec(
        problem=problem_at(_part("problem", problem))(at_least),
        model=_part("model", model),
        rule=_part("rule", rule),
        optimizer=_part("optimizer", optimizer),
        protocol=ms.Protocol(batch=batch),
        epochs=epochs,
    )
    blocks, stopped = _trained(spec, n, level, budget)
    found = ms.stats.wilson(sum(int(block.solved.sum()) for block in blocks), sum(map(len, blocks)))
    if stopped or found.low < level:
        raise AssertionError(message_of(Asked(at_least, level, n), found, blocks, stopped))
    return found


def _trained(spec: Any, n: int, level: float, budget: float | None) -> tuple[list[Runs], str]:
    """Train block by block; return what was trained, and why the rest was not."""
    from memspan.engine.train import run
    from memspan.stats import wilson

    begun, blocks, failed = time.monotonic(), list[Any](), 0
    for first in range(0, n, BLOCK):
        done = min(n, first + BLOCK)
        blocks.append(run(spec, range(first, done)))
        failed += int((~blocks[-1].solved).sum())
        if done < n and wilson(n - failed, n).low < level:
            # The same answer as all n would give, so that nothing is looked at twice.
            return blocks, f"after {done} of {n} runs, for the others could not make up for those that failed"
        if done < n and budget is not None and time.monotonic() - begun > budget:
            return blocks, f"after {done} of {n} runs, for the budget of {budget:g} s was spent; allow more"
    return blocks, ""


def least_runs(level: float, failures: int) -> int:
    """Return the smallest number of runs that shows the level though some fail.

    Example:
        >>> least_runs(0.9, failures=0), least_runs(0.9, failures=1), least_runs(0.5, failures=0)
        (35, 53, 4)
    """
    from memspan.core.errors import InvalidInput
    from memspan.stats import wilson

    for n in range(failures + 1, MOST):
        if wilson(n - failures, n).low >= level:
            return n
    raise InvalidInput(f"level must be one that {MOST:,} runs can show, but got {level:g}; use 0.9")


def _part(kind: str, value: Any) -> Any:
    """Return a part of a spec, built where it was given in words."""
    if not isinstance(value, str):
        return value
    from memspan.studies.span.names import build
    from memspan.studies.span.notation import table_of

    return build(kind, table_of(kind, value, kind), kind)


def _check(at_least: int, level: float, budget: float | None) -> None:
    from memspan.core.errors import InvalidInput, check_range

    check_range("at_least", at_least, 1)
    if not 0 < level < 1:
        raise InvalidInput(f"level must lie between 0 and 1, but got {level}; no runs show certainty, use 0.9")
    if budget is not None and not budget > 0:
        raise InvalidInput(f"budget must be seconds, more than 0, but got {budget}; leave it out for no limit")


def _check_can_show(n: int, level: float) -> None:
    """Refuse so few runs that the assertion would fail whatever they did."""
    from memspan.core.errors import InvalidInput, check_range
    from memspan.stats import wilson

    low = wilson(check_range("seeds", n, 1), n).low
    if low < level:
        least, more = (least_runs(level, failures) for failures in (0, 1))
        raise InvalidInput(
            f"seeds must be at least {least} to show a level of {level:g}, but got {n}, whose interval begins at "
            f"{low:.2f} if all succeed; use {least}, or {more}, which allows one failure"
        )
