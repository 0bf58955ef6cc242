"""`memspan check`: whether a model of yours does what is asked of a model, check by check."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from memspan.core.errors import InvalidInput

__all__ = ["check"]

# Which adapter a file asks for that imports one of these; Keras comes first, for it imports the others itself.
FRAMEWORKS = {"keras": "keras", "tensorflow": "keras", "torch": "torch", "equinox": "jax", "flax": "jax", "jax": "jax"}
BARE = re.compile(r"\s*([A-Za-z_][\w.]*):([A-Za-z_]\w*)\s*(\(.*\))?\s*")


def check(
    model: str | None = None,
    /,
    *,
    problem: str = "conflict",
    only: Annotated[list[str] | None, Parameter(negative="")] = None,
    steps: int = 16,
    picture: Annotated[Path | None, Parameter(name=("--picture", "--output"))] = None,
    json_: Annotated[bool, Parameter(name="--json", negative="")] = False,
    list_: Annotated[bool, Parameter(name="--list", negative="")] = False,
) -> int:
    """Try whether a model of yours does what is asked of one, and say what to do where it does not.

    State, resets, leaks between sequences, look ahead, padding, both forms, gradient, seed, weights, train and eval
    mode. Nothing is measured, and no training is needed before.

    Args:
        model: module:function, whose framework is the one that the file imports; or torch:module:function, keras:,
            jax:, predict:, 'command:PROGRAM', with settings in parentheses; or a model of ours: 'LSTM(units=3)'.
        problem: Decides what inputs and outputs are.
        only: One check by its name; may be given several times.
        steps: Of the sequences that are read; the cue lies at the first, the answer at the last.
        picture: Draw the gradient against delay: a file ending in .svg, .png, .pdf or .json.
        json_: Print one JSON object instead of text.
        list_: Name the checks.

    Returns:
        The exit code: 1 where a check is broken.
    """
    from memspan.cli.check_text import line_of, picture_of, summary
    from memspan.cli.exits import Exit
    from memspan.plots.save import check_target, save
    from memspan.studies.span.names import build
    from memspan.studies.span.notation import table_of
    from memspan.testing import adapter_checks, examine_adapter

    if list_:
        sys.stdout.write("\n".join(adapter_checks()) + "\n")
        return Exit.DONE
    if model is None:
        raise InvalidInput("check must be given a model, such as torch:mymodel:lstm, but got none; add one")
    target = None if picture is None else check_target(picture)
    made = build("model", table_of("model", _with_framework(model), "model"), "model")
    asked = build("problem", table_of("problem", problem, "--problem"), "--problem")

    def told(finding: Any) -> None:
        if not json_:
            sys.stdout.write(line_of(finding) + "\n")
            sys.stdout.flush()

    found = examine_adapter(made, only, problem=asked, steps=steps, on_finding=told)
    drawn = None if target is None or not any(one.norms for one in found) else save(picture_of(found, model), target)
    broken = any(one.status == "broken" for one in found)
    if json_:
        answer = {"version": 1, "command": "check", "model": model, "problem": asked.variant, "steps": steps}
        checks = [{**vars(one), "norms": list(one.norms)} for one in found]
        answer |= {"checks": checks, "broken": broken, "picture": str(drawn) if drawn else None}
        sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
    else:
        sys.stdout.write("\n".join(["", *summary(found, drawn)]) + "\n")
    return Exit.FAILED if broken else Exit.DONE


def _with_framework(model: str) -> str:
    """Return the model's name with the framework that its file imports, where none was named."""
    from memspan.adapters.user_code import UserCode, imported_by
    from memspan.studies.span.names import known

    match = BARE.fullmatch(model)
    if match is None or known("model", match[1]):
        return model
    user = UserCode("model", f"{match[1]}:{match[2]}")
    names = imported_by(user.path)
    fitting = {FRAMEWORKS[name] for name in FRAMEWORKS if name in names}
    fitting = {"keras"} if "keras" in fitting else fitting
    if len(fitting) != 1:
        raise InvalidInput(
            f"model must say its framework, for {user.path.name} imports {' and '.join(sorted(fitting)) or 'none'}, "
            f"but got '{model}'; write torch:{model}, keras:{model}, jax:{model} or predict:{model}"
        )
    return f"{fitting.pop()}:{model}"
