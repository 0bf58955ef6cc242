"""What is kept of a run besides its record: its weights, and how it does on problems of a longer lag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from memspan.core.errors import RunFailed
from memspan.core.problem import Problem
from memspan.engine.judge import judge
from memspan.engine.runs import Runs
from memspan.store import StoredRun, Tensors
from memspan.studies.kept.weights import tensors_of
from memspan.studies.longer import split_of

__all__ = ["NOTHING", "Beside", "Longer", "kept_of"]


class Longer(NamedTuple):
    """A problem of a longer lag, on which runs that solve their own are judged, without learning anything.

    Attributes:
        lag: its lag.
        problem: the problem.
    """

    lag: int
    problem: Problem


@dataclass(frozen=True)
class Beside:
    """What is kept of each run of a spec besides its record.

    Example:
        >>> from memspan.store import Environment
        >>> run = StoredRun(0, "finished", True, 500, 120, Environment({}, "cpu", ""))
        >>> Beside().lacks(run, has_weights=False), Beside(weights=True).lacks(run, has_weights=False)
        (False, True)

    Attributes:
        weights: whether final weights are kept.
        longer: problems that runs which solve their own are judged on.
    """

    weights: bool = False
    longer: tuple[Longer, ...] = ()

    def lacks(self, run: StoredRun, has_weights: bool) -> bool:
        """Return whether something of this is not kept of a run that is there.

        Args:
            run: the run.
            has_weights: whether its weights are kept.
        """
        if self.weights and not has_weights:
            return True
        return run.solved and any(split_of(one.lag) not in run.scores for one in self.longer)


NOTHING = Beside()


def kept_of(
    runs: Runs, records: Sequence[StoredRun], beside: Beside
) -> tuple[list[StoredRun], Mapping[int, Tensors] | None]:
    """Return what is kept of runs: their records, with scores at longer lags, and their weights.

    Args:
        runs: what the engine gave.
        records: of the same runs, in the same order.
        beside: what is asked for.

    Returns:
        The records, and weights by seed or None. Where code of the user's fails after training, the runs that it was
        asked for are failed.

    Raises:
        InvalidInput: the networks cannot read one of the problems.
    """
    solving = [row for row, record in enumerate(records) if record.solved]
    scores = [dict(record.scores) for record in records]
    lost = ""
    for longer in beside.longer if solving else ():
        try:
            found = judge(runs.spec, longer.problem, runs.weights[solving], [runs.seeds[row] for row in solving])
        except RunFailed as failure:  # code of the user's, which could be asked before training
            lost = f"judged at lag {longer.lag:,} after training: {failure}"
            break
        for row, accuracy, solved in zip(solving, found.accuracy.tolist(), found.solved.tolist(), strict=True):
            scores[row][split_of(longer.lag)] = {"accuracy": accuracy, "solved": float(solved)}
    kept = [replace(record, scores=named) for record, named in zip(records, scores, strict=True)]
    tensors = tensors_of(runs) if beside.weights else None
    if lost:
        for row in solving:
            kept[row] = StoredRun(kept[row].seed, "failed", False, 0, None, kept[row].environment, reason=lost)
        failed = {runs.seeds[row] for row in solving}
        tensors = tensors and {seed: each for seed, each in tensors.items() if seed not in failed}
    return kept, tensors
