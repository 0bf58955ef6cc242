"""`memspan demand`: how much memory a problem or a person's own sequences need."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from memspan.core.errors import InvalidInput, check_range, nearest

if TYPE_CHECKING:
    from memspan.cli.demand_text import Answer

__all__ = ["demand"]

OTHERS = ("max_window", "tolerance", "exact", "seed", "output", "json", "quiet")
MAX_WINDOW, TOLERANCE, DRAWS = 32, 0.01, 4000


def demand(
    target: str,
    *,
    max_window: int = MAX_WINDOW,
    tolerance: float = TOLERANCE,
    exact: Annotated[bool, Parameter(negative="")] = False,
    format: str | None = None,
    column: str | None = None,
    sequence: str | None = None,
    order: str | None = None,
    tokens: str | None = None,
    values: str | None = None,
    delimiter: str | None = None,
    on_error: str | None = None,
    draws: int = DRAWS,
    seed: int = 0,
    output: Path = Path("memspan-demand.svg"),
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), negative="")] = False,
    **settings: str,
) -> int:
    """Say how many of the last symbols must be remembered to predict the next one as well as can be.

    A problem with fixed sequences is answered exactly, with the contexts that force its demand. For a file, or a
    problem that draws its sequences, predictors of every window are made from some sequences and judged on others.

    Args:
        target: A file (.csv, .tsv, .jsonl, .parquet, .txt, .npy; .toml for a problem), or the name of a problem, such
            as conflict, whose parameters are options too, such as --lag 10 or --middle repeating.
        max_window: Longest window to try on a file or on drawn sequences, 1 to 1,000.
        tolerance: Bits per symbol by which a window may be worse than the best and still suffice.
        exact: The file holds all the sequences there can be, each as often as it occurs: answer exactly.
        format: Of the file: csv, tsv, jsonl, parquet, text or numpy; by default from its name.
        column: Of the file: the column of symbols.
        sequence: Of the file: the column of sequence ids; for plain text line, paragraph or file.
        order: Of the file: the column that orders the symbols of a sequence.
        tokens: Of the file: cut text into characters or words.
        values: Of the file: integers, numbers or text.
        delimiter: Of the file: what stands between two columns.
        on_error: Of the file: raise stops at a malformed row, count leaves its sequence out and counts it.
        draws: Sequences to draw where a problem draws them.
        seed: Decides the draws, what is held out, and the intervals.
        output: Where the picture goes: a file ending in .svg, .png, .pdf or .json.
        json_: Print one JSON object instead of text.
        quiet: Nothing on standard error.
        settings: Parameters of the problem.

    Returns:
        The exit code.
    """
    from memspan.cli import demand_target as targets
    from memspan.cli.console import working
    from memspan.cli.demand_text import answer
    from memspan.demand.estimated import check_limits
    from memspan.plots.save import check_target

    reading = {
        "format": format,
        "column": column,
        "sequence": sequence,
        "order": order,
        "tokens": tokens,
        "values": values,
        "delimiter": delimiter,
        "on_error": on_error,
    }
    check_limits(max_window, tolerance)
    check_range("seed", seed, 0)
    check_target(output)  # before the work: no bad path may lose a finished run
    named = {name.replace("-", "_"): value for name, value in settings.items()}
    given = {name: value for name, value in reading.items() if value is not None} | ({"exact": True} if exact else {})
    if target.endswith(".toml"):
        _refuse(given | named, [], "a problem in a file")
        asked = targets.of_toml(target)
    elif targets.is_file(target):
        _refuse(named, [*reading, *OTHERS], "a file")
        with working(f"reading {target}", quiet or json_):
            asked = targets.of_file(target, reading, exact)
    else:
        _refuse(given, [], "a problem")
        problem = targets.make_problem(target, named)
        asked = targets.of_problem(target, problem, check_range("draws", draws, 1, 1_000_000), seed)
    if asked.read and not quiet and not json_:
        sys.stderr.write(f"{asked.read}\n")
    with working("computing the demand", quiet or json_):
        shown = answer(asked, max_window, tolerance, seed, output)
    _show(shown, json_)
    return 0


def _show(shown: Answer, json_: bool) -> None:
    """Print the answer, as text or as one JSON object."""
    if json_:
        sys.stdout.write(json.dumps(shown.to_json(), allow_nan=False, default=str) + "\n")
    else:
        shown.print()


def _refuse(given: dict[str, Any], allowed: list[str], what: str) -> None:
    """Refuse options that say nothing about such a target."""
    for name in given:
        guess = nearest(name, allowed)
        advice = f"did you mean --{guess.replace('_', '-')}?" if guess else "leave it out"
        raise InvalidInput(
            f"options must fit the target, which is {what}, but got --{name.replace('_', '-')}; {advice}"
        )
