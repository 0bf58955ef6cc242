"""`memspan demo`: the tutorial's demonstration, measured."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

if TYPE_CHECKING:
    from memspan.studies.demo import Measured, Settings

__all__ = ["demo"]


def demo(
    *,
    rule: str | None = None,
    lag: int = 3,
    units: int = 20,
    epochs: int = 250,
    seeds: int = 100,
    seed: int = 0,
    prefix: str | None = None,
    length: int = 4,
    output: Path = Path("memspan-demo.svg"),
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
) -> int:
    """Teach a network two sequences that only memory can tell apart, and count in how many runs it learns them.

    The sequences are 3,0,1,2,3 and 4,0,1,2,4: after the 2, only the first symbol tells what follows. Two runs are
    shown in full, then every learning rule and control is run from many seeds.

    Args:
        rule: Show and measure one rule only, beside the controls: online, rtrl, shuffled, bptt or batch.
        lag: Steps between the first symbol and the step that needs it; to 222 with 20 units.
        units: Memory cells of the LSTM, and hidden units of the controls.
        epochs: Presentations of both sequences.
        seeds: Runs of each rule; fewer where a run is dear, and the number is shown.
        seed: First seed; its run is the one shown in full.
        prefix: Symbols to continue, separated by commas; by default the first symbol of each sequence.
        length: Symbols to add to the prefix.
        output: Where the picture goes: a file ending in .svg, .png, .pdf or .json.
        json_: Print one JSON object instead of text.
        quiet: No progress on standard error.

    Returns:
        The exit code.
    """
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.demo_text import Narrator
    from memspan.plots import check_target
    from memspan.studies.demo import Settings, findings, measure, picture, plan

    settings = Settings(lag=lag, units=units, epochs=epochs, seeds=seeds, seed=seed, rule=rule)
    beginnings = _beginnings(settings, prefix, length)
    check_target(output)  # before the work: no bad path may lose a finished run
    remember_compilations()
    lines = plan(settings)
    narrator = Narrator(settings, lines, silent=json_, quiet=quiet or json_)
    done: dict[str, Measured] = {}
    try:
        for measured in measure(lines, narrator.progress):
            done[measured.line.name] = measured
            narrator.finished(measured, beginnings, length)
    except KeyboardInterrupt:
        narrator.table(done)
        raise
    narrator.table(done)
    sentences = findings(settings, done)
    narrator.sentences(sentences)
    drawn = picture(settings, done, output)
    narrator.pictures(drawn)
    if json_:
        shown = _json(settings, done, sentences, beginnings, length, output)
        sys.stdout.write(json.dumps(shown, allow_nan=False) + "\n")
    return 0


def _beginnings(settings: Settings, prefix: str | None, length: int) -> list[list[object]]:
    """Return the prefixes to continue, as symbols of the problem."""
    from memspan.core.errors import check_range

    check_range("length", length, 1, 100_000)
    problem = settings.problem
    if prefix is None:
        return [sequence[:1] for sequence in problem.sequences()]
    named = {str(symbol): symbol for symbol in problem.alphabet}
    words = [word.strip() for word in prefix.split(",")]
    unknown = [word for word in words if word not in named]
    if unknown:
        shown = ", ".join(list(named)[:12])
        raise InvalidInput(f"prefix must use the symbols {shown}, but got '{unknown[0]}'; separate them by commas")
    return [[named[word] for word in words]]


def _json(
    settings: Settings,
    done: dict[str, Measured],
    sentences: list[str],
    beginnings: list[list[object]],
    length: int,
    output: Path,
) -> dict[str, Any]:
    """Return everything that the text shows, as one object."""
    import dataclasses

    from memspan.studies.demo import RECIPES

    problem = settings.problem
    shown = {
        name: {
            "seed": measured.runs.seeds[0],
            "status": measured.runs.status[0].name.lower(),
            "loss": [float(loss) for loss in measured.runs.loss[0]],
            "predictions": [
                {"inputs": s[:-1], "targets": s[1:], "predicted": measured.runs[0].predict(s[:-1])}
                for s in problem.sequences()
            ],
            "continued": [
                {"prefix": prefix, "generated": measured.runs[0].generate(prefix, length)} for prefix in beginnings
            ],
        }
        for name, measured in done.items()
        if RECIPES[name].control is None
    }
    return {
        "version": 1,
        "command": "demo",
        "settings": dataclasses.asdict(settings),
        "demand": problem.demand,
        "ceilings": {str(k): problem.ceiling(k) for k in sorted({1, max(1, problem.demand - 1), problem.demand})},
        "table": [done[name].to_json() for name in RECIPES if name in done],
        "runs": shown,
        "findings": sentences,
        "picture": str(output),
    }
