"""`memspan list`: what a store holds, also while a study writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

if TYPE_CHECKING:
    from memspan.store import Store, StoredSpec

__all__ = ["label", "list_"]


def list_(store: Path, /, *, json_: Annotated[bool, Parameter(name="--json", negative="")] = False) -> int:
    """List the studies and specs of a store, and how many of their runs are there. A study may be writing it.

    A study is what was asked for; a spec is everything that decides a run except its seed.

    Args:
        store: The file that keeps the runs.
        json_: Print one JSON object instead of text.

    Returns:
        The exit code.
    """
    from memspan.cli.console import out
    from memspan.store import Store
    from memspan.studies.in_words import aligned

    with Store.open(store, create=False) as opened:
        answer = _answer(opened, store)
    if json_:
        sys.stdout.write(json.dumps(answer, allow_nan=False) + "\n")
        return 0
    studies: list[tuple[str, ...]] = [("study", "name", "cells", "runs", "of", "")]
    for one in answer["studies"]:
        # A search finds out on its way what is to be run.
        of = "" if one["of"] is None else f"{one['of']:,}"
        state = "done" if one["done"] else "not done"
        studies.append((one["hash"], one["name"], f"{one['cells']:,}", f"{one['runs']:,}", of, state))
    specs: list[tuple[str, ...]] = [("spec", "problem", "model", "rule", "runs", "solved", "diverged", "failed")]
    for one in answer["specs"]:
        counts = (f"{one[name]:,}" for name in ("runs", "solved", "diverged", "failed"))
        specs.append((one["hash"], one["problem"], one["model"], one["rule"], *counts))
    lines = [
        *(aligned(studies, left=2) if len(studies) > 1 else ["no study"]),
        "",
        *(aligned(specs, left=4) if len(specs) > 1 else ["no spec"]),
    ]
    for line in lines:
        out().print(line, markup=False, soft_wrap=True)
    return 0


def label(settings: Any) -> str:
    """Return the settings of a part in one line: its type and what is said of it.

    Example:
        >>> label({"type": "LSTM", "units": 20, "chrono": None})
        'LSTM(units=20, chrono=None)'
        >>> user = {"type": "UserCode", "name": "mymodel:lstm", "sha256": "4e57199c1e37133d"}
        >>> label({"type": "Torch", "user": user, "settings": [["hidden", 12]], "device": "cpu"})
        'torch:mymodel:lstm(hidden=12, device=cpu, file=4e57199c)'
    """
    if isinstance(settings, Mapping):
        given: Mapping[str, Any] = settings
        if isinstance(given.get("user"), Mapping):
            rest = {name: value for name, value in given.items() if name not in ("type", "user", "settings")}
            return _by_user(given, rest | {"file": given["user"]["sha256"][:8]})
        inner = ", ".join(f"{name}={label(value)}" for name, value in given.items() if name != "type")
        return f"{given.get('type', '')}({inner})" if inner else str(given.get("type", "{}"))
    if isinstance(settings, list):
        items: list[Any] = settings
        return f"[{', '.join(map(label, items))}]"
    return str(settings)


def _answer(store: Store, path: Path) -> dict[str, Any]:
    from memspan.studies.noted import noted

    studies = [
        {
            "hash": study.hash,
            "command": study.command,
            "name": study.name,
            "cells": len(study.cells),
            "runs": study.runs - study.missing(store),
            "of": study.runs if study.ended else None,
            "done": study.done(store),
        }
        for study in noted(store)
    ]
    return {
        "version": 1,
        "command": "list",
        "store": str(path),
        "studies": studies,
        "specs": [_spec(spec) for spec in store.specs()],
    }


def _spec(spec: StoredSpec) -> dict[str, Any]:
    parts = {part: _short(spec.settings.get(part)) for part in ("problem", "model", "rule")}
    return {
        "hash": spec.hash,
        **parts,
        "runs": spec.runs,
        "solved": spec.solved,
        "diverged": spec.diverged,
        "failed": spec.failed,
    }


def _by_user(given: Mapping[str, Any], rest: Mapping[str, Any]) -> str:
    """Return a part that stands for code of the user's as the command line names it, the user's settings first."""
    told = {**dict(given.get("settings", [])), **rest}
    inner = ", ".join(f"{name}={label(value)}" for name, value in told.items())
    return f"{given['type'].lower()}:{given['user']['name']}" + (f"({inner})" if inner else "")


def _short(settings: Any) -> str:
    """Return a part's type with its numbers, which is what most often tells two of them apart."""
    if not isinstance(settings, Mapping):
        return str(settings)
    given: Mapping[str, Any] = settings
    if isinstance(given.get("user"), Mapping):
        return _by_user(given, {})
    numbers = {name: value for name, value in given.items() if isinstance(value, int) and not isinstance(value, bool)}
    return label({"type": given.get("type", "?"), **numbers})
