"""The picture of what a model holds: read-out over time, swap matrix, credit against delay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.plots import credit, readout_over_time, save, swap
from memspan.plots.style import VegaLite, complete
from memspan.studies.hold.pooled import pooled
from memspan.studies.hold.result import Held

__all__ = ["picture"]


def picture(all_held: Sequence[Held], path: Path) -> Path:
    """Draw what was found, and save it.

    Args:
        all_held: one a run, of one spec; of several the medians over runs are drawn.
        path: a file ending in .svg, .png, .pdf or .json.

    Returns:
        Where it lies.

    Raises:
        InvalidInput: none of the probes that can be drawn was asked, or the path cannot be written.
    """
    panels = list(_of_one(all_held[0]) if len(all_held) == 1 else _of_several(all_held))
    if not panels:
        raise InvalidInput("--picture must be of readout, swap or credit, but none of these was measured; ask for one")
    # Each panel has colours and dashes of its own, which a concatenation would share.
    apart = {channel: "independent" for channel in ("color", "strokeDash")}
    return save(complete({"vconcat": panels, "spacing": 30, "resolve": {"scale": apart, "legend": apart}}), path)


def _of_one(held: Held) -> Iterator[VegaLite]:
    if held.readout is not None:
        found = held.readout
        lines = {"linear read-out": list(zip(found.steps, found.told, strict=True))}
        yield readout_over_time.panel(readout_over_time.facts(lines, found.chance))
    if held.swap is not None:
        found = held.swap
        yield swap.panel(swap.facts(found.parts, found.steps, found.follows, found.chance))
    if held.credit is not None:
        named = {"before training": held.untrained, "trained": held.credit}
        lines = {name: list(zip(one.back, one.norms, strict=True)) for name, one in named.items() if one is not None}
        yield credit.panel(credit.facts(lines, held.credit.horizon, held.credit.rule))


def _of_several(all_held: Sequence[Held]) -> Iterator[VegaLite]:
    found, first = pooled(all_held), all_held[0]
    runs = f", median of {found.runs:,} runs"
    if first.readout is not None:
        title = f"The cue in the state, step by step{runs}"
        lines = {"linear read-out": found.readout}
        yield readout_over_time.panel(readout_over_time.facts(lines, first.readout.chance, title))
    if first.swap is not None:
        title = f"Does the answer follow an exchanged state?{runs.replace(', m', ' M', 1)}"
        steps, scores = [step for step, _ in found.follows], [one for _, one in found.follows]
        yield swap.panel(swap.facts(first.swap.parts[:1], steps, [scores], first.swap.chance, title))
    if first.credit is not None:
        title = f"Gradient at every input, by that at the last one{runs}"
        shown = credit.facts({"trained": found.credit}, first.credit.horizon, first.credit.rule, title)
        yield credit.panel(shown)
