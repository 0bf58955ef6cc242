"""`memspan hold`: what a trained model holds, and where in its state."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

__all__ = ["hold"]


def hold(
    run: str | None = None,
    spec: str | None = None,
    /,
    *,
    problem: str | None = None,
    model: str | None = None,
    rule: str | None = None,
    optimizer: str | None = None,
    batch: Literal["one", "all"] | None = None,
    epochs: int | None = None,
    recipe: str | None = None,
    lag: int | None = None,
    seed: int | None = None,
    seeds: int | None = None,
    probe: str | None = None,
    trials: int = 128,
    level: float = 0.9,
    filler: Literal["draw", "hold", "cycle"] = "draw",
    longest: int | None = None,
    noise: float = 0.01,
    picture: Annotated[Path | None, Parameter(name=("--picture", "--output"))] = None,
    json_: Annotated[str | None, Parameter(name="--json", allow_leading_hyphen=True)] = None,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
) -> int:
    """Probe a trained model: for how long it holds the cue, where in its state, and what could be taken from it.

    The model is a run of a store, a recipe of a study file or one that ships (it is trained first), or is made of
    --model and --rule. Without --seed it is the first run that solves its problem.

    Args:
        run: A store, such as runs.db; or a study file or recipes/NAME.
        spec: Of a store: the beginning of the spec's hash, as memspan list shows it; by default the first one of which
            a run solves its problem.
        problem: Without a file: the problem; conflict by default.
        model: Without a file: what learns, such as 'LSTM(units=32)'.
        rule: Without a file: how credit reaches the weights; online by default.
        optimizer: Without a file: how a gradient changes the weights; Adam by default.
        batch: Without a file: one sequence at a time, or all side by side.
        epochs: Presentations of all sequences; by default the study's, without a study 250.
        recipe: Of a study file: the name of the recipe; the first by default.
        lag: The delay to train with; by default the study's shortest, without a study 3.
        seed: The one seed to probe, whether it solves its problem or not.
        seeds: Look at this many seeds, from 0 on, and probe all that solve the problem; intervals are then over runs.
        probe: Some of stretch, swap, wipe, freeze, carriers, readout, credit, decay, noise, spectrum, separated by
            commas; by default all. And explain: every step of a small network with its arithmetic.
        trials: Sequences to probe with, where the problem draws them.
        level: The share of trials that counts as held.
        filler: What longer delays are made of: draw symbols of the middle, hold its first, or cycle through it.
        longest: The longest delay to try; by default ten times the trained one, and 100 at least.
        noise: Of the linear read-out, as a share of the states' own deviation.
        picture: Draw read-out, swap and credit: a file ending in .svg, .png, .pdf or .json.
        json_: Write one JSON object to a file, or to standard output (-) instead of text.
        quiet: Nothing on standard error.

    Returns:
        The exit code.
    """
    from memspan.cli.hold_run import Options, probed
    from memspan.cli.hold_target import Wanted
    from memspan.cli.span_target import Asked
    from memspan.cli.span_ways import Ways

    words = Asked(
        target=run,
        problem=problem,
        models=(model,) if model else (),
        rules=(rule,) if rule else (),
        optimizer=optimizer,
        batch=batch,
        recipes=(recipe,) if recipe else (),
        lags=() if lag is None else (lag,),
        epochs=epochs,
    )
    wanted = Wanted(words, spec, seed, seeds)
    options = Options(probe, trials, level, filler, longest, noise)
    ways = Ways.of(store=None, fail_under=None, picture=picture, survival=None, json=json_, quiet=quiet)
    return probed(wanted, options, ways)
