"""What is to be probed, with what, and how closely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.core.problem import Problem
from memspan.core.spec import Spec
from memspan.engine.network import Network
from memspan.engine.runs import Runs
from memspan.engine.trained import Trained
from memspan.probes.reader import Reader
from memspan.probes.stretch import FILLERS
from memspan.probes.traced import reader_of

__all__ = ["PROBES", "Settings", "Subject", "of_runs", "probes_in"]

PROBES = ("stretch", "swap", "wipe", "freeze", "carriers", "readout", "credit", "decay", "noise", "spectrum")
EARLIER = {"minimal": "carriers", "read-out": "readout", "read_out": "readout"}


@dataclass(frozen=True, eq=False)
class Subject:
    """One trained model that is to be probed.

    Attributes:
        problem: what it was trained on.
        reader: the model, as probes see it.
        seed: the seed that it was trained from; None where it has none.
        solved: whether it solved its problem; None where that is not known.
        horizon: inputs back that the credit of its learning rule reached; None for all, or where that is not known.
        rule: the name of the rule; "" where there is none.
        untrained: the same model before training, None where it is not at hand.
        trained: the network itself, where it is one of memspan.
    """

    problem: Problem
    reader: Reader
    seed: int | None = None
    solved: bool | None = None
    horizon: int | None = None
    rule: str = ""
    untrained: Reader | None = None
    trained: Trained | None = None

    @classmethod
    def of(
        cls, trained: Trained, spec: Spec | None = None, seed: int | None = None, solved: bool | None = None
    ) -> Subject:
        """Return a trained network as a subject.

        Args:
            trained: the network.
            spec: what it was trained as, where the network does not say so itself.
            seed: from which seed, the same.
            solved: whether it solved its problem.

        Raises:
            InvalidInput: the model has no state, or its weights are not finite.
        """
        if not np.isfinite(trained.vector).all():
            raise InvalidInput(
                f"a probe must be given finite weights, but the run of seed {seed} diverged; name another seed"
            )
        spec, seed = spec or trained.spec, trained.seed if seed is None else seed
        untrained = None
        if seed is not None and (isinstance(trained.network, Network) or hasattr(trained.network, "draw")):
            untrained = reader_of(Trained(trained.problem, trained.network, trained.network.draw(seed)))
        horizon = getattr(spec.rule, "horizon", None) if spec is not None else None
        rule = type(spec.rule).__name__ if spec is not None else ""
        return cls(trained.problem, reader_of(trained), seed, solved, horizon, rule, untrained, trained)


@dataclass(frozen=True)
class Settings:
    """How a model is probed.

    Attributes:
        probes: names of the probes, some of `PROBES`.
        trials: sequences, where a problem draws them; as many again where some are held out.
        level: the share of trials that counts as held.
        filler: what longer delays are made of: one of `memspan.probes.stretch.FILLERS`.
        longest: the longest delay; None for ten times the trained one, and 100 at least.
        noise: of the read-out, as a share of the states' own deviation.
        seed: decides all that is drawn here.
    """

    probes: tuple[str, ...] = PROBES
    trials: int = 128
    level: float = 0.9
    filler: str = "draw"
    longest: int | None = None
    noise: float = 0.01
    seed: int = 0

    def __post_init__(self) -> None:
        for name in self.probes:
            check_choice("probe", name, PROBES)
        check_range("trials", self.trials, 8, 100_000)
        check_choice("filler", self.filler, FILLERS)
        check_range("seed", self.seed, 0)
        if not 0 < self.level <= 1:
            raise InvalidInput(f"level must be above 0 and at most 1, but got {self.level}; 0.9 is usual")
        if not 0 <= self.noise < np.inf:
            raise InvalidInput(f"noise must be a number from 0, but got {self.noise}; 0.01 is usual")


def probes_in(text: str | None) -> tuple[str, ...]:
    """Return the probes that a line of text names; all of them where there is none.

    Example:
        >>> probes_in("swap, read-out"), len(probes_in(None))
        (('swap', 'readout'), 10)

    Raises:
        InvalidInput: there is no such probe.
    """
    if text is None:
        return PROBES
    words = [word.strip().lower() for word in text.split(",") if word.strip()]
    named = [check_choice("--probe", EARLIER.get(word, word), PROBES) for word in words]
    if not named:
        raise InvalidInput(f"--probe must name one or more of {', '.join(PROBES)}, but got '{text}'")
    return tuple(dict.fromkeys(named))


def of_runs(runs: Runs, rows: Iterable[int] | None = None) -> Sequence[Subject]:
    """Return trained runs as subjects.

    Args:
        runs: of one spec.
        rows: which of them; by default all.
    """
    chosen = range(len(runs)) if rows is None else rows
    return [Subject.of(runs[row], runs.spec, runs.seeds[row], bool(runs.solved[row])) for row in chosen]
