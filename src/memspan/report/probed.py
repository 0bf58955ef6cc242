"""What probes find in the network that is shown: the cue read out of its state, states exchanged, credit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.core.spec import Spec
from memspan.engine import Trained
from memspan.plots import credit, readout_over_time, swap
from memspan.plots.style import VegaLite, complete
from memspan.report.contents import Figure, Table, View
from memspan.studies.hold import Held, Settings, Subject, findings, measure

__all__ = ["probed"]

PROBES = ("readout", "swap", "credit")
NAMES = (*PROBES, "untrained")


def probed(trained: Trained, spec: Spec, seed: int, solved: bool, who: str) -> tuple[list[Figure], str]:
    """Return pictures of what probes find in one network, and in words why there are none.

    Args:
        trained: the network.
        spec: what it was trained as.
        seed: from which seed.
        solved: whether it solved its problem.
        who: what to call it.
    """
    try:
        held = measure(Subject.of(trained, spec, seed, solved), Settings(probes=PROBES))
    except InvalidInput as refusal:
        return [], f"What probes find in it: {refusal}."
    return list(_figures(held, who)), ""


def _figures(held: Held, who: str) -> Iterator[Figure]:
    if held.readout is not None:
        found = held.readout
        facts = readout_over_time.facts(
            {"linear read-out": list(zip(found.steps, found.told, strict=True))}, found.chance
        )
        rows = [(f"{step:,}", *_shares(told)) for step, told in zip(found.steps, found.told, strict=True)]
        yield Figure(
            "readout",
            "Whether the cue can be read out of its state",
            (_view(readout_over_time.draw(facts), held, ("readout",), who),),
            Table(
                f"Share of held-out readings in which a linear decoder tells the cue ({found.told[0].method})",
                SHARES,
                tuple(rows),
            ),
            "A linear decoder is fitted to the state after every step, and tried on readings it was not made from. "
            "Dotted: chance.",
        )
    if held.swap is not None:
        found = held.swap
        rows = [
            (part, f"{step:,}", *_shares(one))
            for part, row in zip(found.parts, found.follows, strict=True)
            for step, one in zip(found.steps, row, strict=True)
        ]
        yield Figure(
            "swap",
            "Whether its answer follows an exchanged state",
            (
                _view(
                    complete(swap.panel(swap.facts(found.parts, found.steps, found.follows, found.chance), 270)),
                    held,
                    ("swap",),
                    who,
                ),
            ),
            Table(
                f"Share of trials that answer with the other sequence's cue ({found.follows[0][0].method})",
                ("exchanged", *SHARES),
                tuple(rows),
                words=1,
            ),
            "The states of two sequences are exchanged after a step. If memory is in the state, the answer follows "
            "the state and not the input.",
        )
    if held.credit is not None:
        named = {"before training": held.untrained, "trained": held.credit}
        lines = {name: list(zip(one.back, one.norms, strict=True)) for name, one in named.items() if one is not None}
        rows = [(name, f"{back:,}", f"{norm.point:.3g}") for name, line in lines.items() for back, norm in line]
        drawn = credit.draw(credit.facts(lines, held.credit.horizon, held.credit.rule))
        yield Figure(
            "credit",
            "How far back its gradient reaches",
            (_view(drawn, held, ("credit", "untrained"), who),),
            Table("Gradient of the answer with respect to each input", ("network", "inputs back", "norm"), tuple(rows)),
            "The gradient from the step that is scored to every earlier input, and how far the rule's own reaches.",
        )


SHARES = ("after step", "share", "from", "to", "trials")


def _shares(one: Estimate) -> tuple[str, ...]:
    return (*(f"{100 * value:.0f} %" for value in (one.point, one.low, one.high)), f"{one.n:,}")


def _view(spec: VegaLite, held: Held, names: tuple[str, ...], who: str) -> View:
    """Return a drawing with what one probe found in words."""
    alone = replace(held, **{name: None for name in NAMES if name not in names}, refused={})
    said = " ".join(findings([alone]))
    return View("", spec, f"{said} ({who})")
