"""What a failed assertion says: rate, interval, floor, and the curve of learning."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from memspan.core.bars import BARS
from memspan.core.estimate import Estimate
from memspan.engine.runs import Runs

__all__ = ["Asked", "message_of"]

WIDTH = 40  # of the curve, in characters


class Asked(NamedTuple):
    """What was to be shown.

    Attributes:
        lag: the memory span.
        level: share of runs that must succeed.
        seeds: how many runs there were to be.
    """

    lag: int
    level: float
    seeds: int


def message_of(asked: Asked, found: Estimate, blocks: Sequence[Runs], stopped: str) -> str:
    """Say what was asked, what was found, and how the runs went.

    Args:
        asked: what was to be shown.
        found: the share of runs that succeeded.
        blocks: the runs.
        stopped: why there are fewer than asked for; "" where there are not.
    """
    problem = blocks[0].spec.problem
    reasons = [reason for block in blocks for reason in block.failures if reason]
    diverged = sum(int((~block.finite & ~block.failed).sum()) for block in blocks)
    lines = [
        f"a memory span of {asked.lag:,} is not shown: {round(found.point * found.n)} of {found.n} runs succeed, "
        f"{found.point:.0%} [{found.low:.0%}, {found.high:.0%}] (n = {found.n}, {found.method}), where the interval "
        f"must begin at {asked.level:.0%} or above",
        f"  problem   {problem.variant}",
        f"  score     {problem.score_name}: {problem.chance:.4g} by chance, {problem.floor:.4g} at most without memory "
        f"(floor), {problem.best:.4g} at best",
        f"  learning  {_curve(np.concatenate([block.accuracy for block in blocks]), problem.floor)}",
        *([f"  stopped   {stopped}"] if stopped else []),
        *([f"  diverged  {diverged} of {found.n} runs"] if diverged else []),
        *([f"  failed    {len(reasons)} of {found.n} runs: {reasons[0]}"] if reasons else []),
    ]
    if found.high >= asked.level and not stopped:
        lines.append(
            f"  {asked.level:.0%} lies in the interval: it may be so, and more than {asked.seeds} seeds would tell"
        )
    return "\n".join(lines)


def _curve(scores: Float[np.ndarray, "seed epoch"], floor: float) -> str:
    """Return the median score over epochs as one line of bars, and where it leaves the floor."""
    counted = np.where(np.isfinite(scores), scores, -np.inf)
    median = np.median(counted[:, np.isfinite(scores).any(axis=0)], axis=0)
    median = median[np.isfinite(median)]
    if not len(median):
        return "no run came to an evaluation"
    shown = median[np.linspace(0, len(median) - 1, min(WIDTH, len(median))).astype(int)]
    low, high = float(shown.min()), float(shown.max())
    heights = (shown - low) / ((high - low) or 1.0) * (len(BARS[0]) - 1)
    bars = "".join(BARS[0][round(float(height))] for height in heights)
    above = np.flatnonzero(median > floor)
    leaves = f"above the floor from epoch {int(above[0]) + 1} on" if len(above) else "never above the floor"
    return f"{shown[0]:.2f} {bars} {shown[-1]:.2f}, median of {len(scores)} runs over {len(median)} epochs; {leaves}"
