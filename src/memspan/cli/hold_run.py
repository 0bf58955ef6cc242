"""Probe runs and tell what was found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.cli.hold_target import Found, Wanted
    from memspan.cli.span_ways import Ways
    from memspan.studies.hold import Held, Settings

__all__ = ["Options", "probed"]

EXPLAIN = "explain"


@dataclass(frozen=True)
class Options:
    """The words that say how to probe; see `memspan.studies.hold.Settings`."""

    probe: str | None
    trials: int
    level: float
    filler: str
    longest: int | None
    noise: float

    @property
    def explains(self) -> bool:
        """Whether every step is to be printed."""
        return self.probe is not None and EXPLAIN in [word.strip() for word in self.probe.split(",")]

    def settings(self) -> Settings:
        """Return them as settings.

        Raises:
            InvalidInput: one is not what it should be.
        """
        from memspan.studies.hold import Settings, probes_in

        words = self.probe
        if self.explains and words is not None:
            words = ",".join(word for word in words.split(",") if word.strip() != EXPLAIN)
        probes = () if self.explains and not words else probes_in(words)
        return Settings(probes, self.trials, self.level, self.filler, self.longest, self.noise)


def probed(wanted: Wanted, options: Options, ways: Ways) -> int:
    """Probe runs and tell what was found.

    Args:
        wanted: which runs.
        options: how.
        ways: what becomes of it.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something is not what it should be; asked for before the work, where it can be.
    """
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.console import out
    from memspan.cli.hold_progress import speaker
    from memspan.studies.hold import findings, measure, picture, tables

    settings = options.settings()
    if ways.picture is not None and not {"readout", "swap", "credit"} & set(settings.probes):
        raise InvalidInput("--picture must be of readout, swap or credit, but --probe names none of these; add one")
    remember_compilations()
    silent = ways.target is not None and ways.target.path is None
    say = speaker(ways.quiet or silent)
    found = wanted.found(say)
    several = len(found.subjects) > 1
    all_held: list[Held] = []
    for subject in found.subjects:
        of = f"seed {subject.seed}: " if several else ""
        all_held.append(measure(subject, settings, lambda name, of=of: say(f"probing: {of}{name}")))
    if ways.picture is not None:
        picture(all_held, ways.picture)
    sentences = findings(all_held) if settings.probes else []
    explained, unexplained = _explained(found, alone=not settings.probes) if options.explains else ("", "")
    if ways.target is not None:
        ways.target.write(_json(found, settings, all_held, sentences, explained), last=True)
    if not silent:
        lines = [_head(found), *sentences, *_refused(all_held)]
        lines += [f"not measured: {unexplained}"] if unexplained else []
        lines += tables(all_held, ascii_only=out().options.ascii_only)
        if explained:
            lines += ["", explained]
        sys.stdout.write("\n".join(lines) + "\n")
        if ways.picture is not None:
            say(f"picture: {ways.picture}")
    return 0


def _head(found: Found) -> str:
    """Return which runs these are."""
    one = found.subjects[0]
    if len(found.subjects) > 1:
        which = f"the {len(found.subjects):,} runs of {found.of:,} that solve it"
    else:
        solves = "" if one.solved is None else ", which solves it" if one.solved else ", which does not solve it"
        which = f"seed {one.seed}{solves} ({found.solved:,} of {found.of:,} runs looked at do)"
    return f"{found.name}: {found.spec.problem.variant}; {which}; weights {found.weights}."


def _refused(all_held: Sequence[Held]) -> list[str]:
    return [f"not measured: {sentence}" for sentence in dict.fromkeys(s for h in all_held for s in h.refused.values())]


def _explained(found: Found, alone: bool) -> tuple[str, str]:
    """Return every step of the first run, on the first sequence of each cue; or nothing, and why.

    Raises:
        InvalidInput: it cannot be explained, and nothing else was asked.
    """
    try:
        return _steps_of(found), ""
    except InvalidInput as refusal:
        if alone:
            raise
        return "", str(refusal)


def _steps_of(found: Found) -> str:
    from memspan.probes import explain

    subject = found.subjects[0]
    if subject.trained is None:
        raise InvalidInput("probe explain must be given a network of memspan, but got another; leave it out")
    problem: Any = subject.problem
    return "\n\n".join(
        f"{' '.join(map(str, sequence[:-1]))}\n{explain(subject.trained, sequence[:-1])}"
        for sequence in problem.sequences()
    )


def _json(
    found: Found, settings: Settings, all_held: Sequence[Held], sentences: Sequence[str], explained: str
) -> dict[str, Any]:
    import dataclasses

    from memspan.studies.hold import pooled

    return {
        "version": 1,
        "command": "hold",
        "target": found.name,
        "spec": found.spec.hash,
        "problem": found.spec.problem.variant,
        "weights": found.weights,
        "solved": found.solved,
        "of": found.of,
        "settings": dataclasses.asdict(settings) | {"probes": list(settings.probes)},
        "findings": list(sentences),
        "pooled": pooled(all_held).to_json(),
        "runs": [held.to_json() for held in all_held],
        **({"explained": explained} if explained else {}),
    }
