"""Probe a model: each probe by itself, so that one that does not fit leaves the others alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from memspan import probes
from memspan.core.errors import InvalidInput
from memspan.probes.reader import Differentiable
from memspan.probes.trials import Trials, trials_of
from memspan.studies.hold.plan import Settings, Subject
from memspan.studies.hold.result import Held
from memspan.studies.hold.sentences import sentences

__all__ = ["measure"]

OnProbe = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class _Asked:
    """A subject with the trials that it is asked.

    Attributes:
        subject: the model.
        settings: how closely it is looked at.
        trials: the sequences.
        others: sequences that were not among them; the same where there are no others.
    """

    subject: Subject
    settings: Settings
    trials: Trials
    others: Trials


def measure(subject: Subject, settings: Settings, on_probe: OnProbe | None = None) -> Held:
    """Probe one model.

    Example:
        >>> import memspan as ms
        >>> from memspan.studies.hold import Settings, of_runs
        >>> runs = ms.train(ms.problems.Conflict(lag=2), ms.models.MLP(units=8, window=3), ms.rules.BPTT(), epochs=300)
        >>> held = measure(of_runs(runs)[0], Settings(probes=("stretch", "swap")))
        >>> held.stretch.span.point, held.swap.follows[0][0].point
        (2, 1.0)

    Args:
        subject: the model.
        settings: which probes, and how closely.
        on_probe: called with the name of each probe before it begins.

    Returns:
        What was found; a probe that cannot be asked of this model says why.

    Raises:
        InvalidInput: the problem's sequences are no trials: then there is nothing to ask.
    """
    drawn = trials_of(subject.problem, 2 * settings.trials, settings.seed)
    half = len(drawn) if drawn.complete else settings.trials
    others = drawn if drawn.complete else drawn[half:]
    asked = _Asked(subject, settings, drawn if drawn.complete else drawn[:half], others)
    found: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for name in settings.probes:
        if on_probe is not None:
            on_probe(name)
        try:
            found[name] = DO[name](asked)
        except InvalidInput as refusal:
            refused[name] = str(refusal)
    if "credit" in found and isinstance(subject.untrained, Differentiable):
        found["untrained"] = probes.credit(subject.untrained, asked.trials, subject.horizon, subject.rule)
    held = Held(subject.seed, subject.solved, drawn.delay, drawn.names, drawn.complete, refused=refused, **found)
    return replace(held, said=tuple(sentences(held)))


def _stretch(asked: _Asked) -> probes.Stretched:
    s = asked.settings
    return probes.stretch(
        asked.subject.reader,
        asked.trials,
        longest=s.longest,
        filler=s.filler,
        level=s.level,
        repeats=s.trials,
        seed=s.seed,
    )


def _carriers(asked: _Asked) -> probes.Carriers:
    return probes.carriers(asked.subject.reader, asked.trials, asked.others, level=asked.settings.level)


def _readout(asked: _Asked) -> probes.ReadOut:
    s = asked.settings
    return probes.read_out(
        asked.subject.reader,
        asked.trials,
        asked.others,
        noise=s.noise,
        level=s.level,
        repeats=2 * s.trials,
        seed=s.seed,
    )


DO: dict[str, Callable[[_Asked], Any]] = {
    "stretch": _stretch,
    "swap": lambda a: probes.swap(a.subject.reader, a.trials, seed=a.settings.seed),
    "wipe": lambda a: probes.wipe(a.subject.reader, a.trials),
    "freeze": lambda a: probes.freeze(a.subject.reader, a.trials),
    "carriers": _carriers,
    "readout": _readout,
    "credit": lambda a: probes.credit(a.subject.reader, a.trials, a.subject.horizon, a.subject.rule),
    "decay": lambda a: probes.decay(a.subject.reader, a.trials, seed=a.settings.seed),
    "noise": lambda a: probes.noise(
        a.subject.reader, a.trials, level=a.settings.level, repeats=2 * a.settings.trials, seed=a.settings.seed
    ),
    "spectrum": lambda a: probes.spectrum(a.subject.reader, a.trials),
}
