"""Tunings written down in TOML, and those that ship with the library."""

from __future__ import annotations

import importlib.resources
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput, check_choice, nearest
from memspan.core.spec import Spec
from memspan.studies.span.study_file import table_in
from memspan.studies.span.study_tables import problem_of, recipe_of
from memspan.studies.tune.plan import Tuning
from memspan.studies.tune.space import filled, space_of

__all__ = ["describe_shipped", "read_tuning", "shipped", "shipped_table", "tuning_of"]

NUMBERS = tuple(field.name for field in fields(Tuning) if field.name not in ("space", "spec"))
KEYS = ("lag", "problem", "recipe", *NUMBERS)
FORBIDDEN = ("curriculum", "lags", "name", "seeds")


def tuning_of(table: Mapping[str, Any], where: str, **overrides: Any) -> Tuning:
    """Return the tuning that a table describes, all of it checked.

    Args:
        table: as the file holds it.
        where: the file's name.
        **overrides: `lag`, `target`, `trials`, `seeds`, `fresh`, `seed` and others in place of the file's; None leaves
            them.

    Raises:
        InvalidInput: something is missing, unknown, or refused.
    """
    told = {**table, **{key: value for key, value in overrides.items() if value is not None}}
    _known(told, KEYS, where)
    recipe, problem = told.get("recipe"), told.get("problem")
    if not isinstance(recipe, dict) or not isinstance(problem, dict):
        raise InvalidInput(f"{where} must hold a [problem] and a [recipe], but lacks one; add it")
    lag = told.get("lag")
    if isinstance(lag, bool) or not isinstance(lag, int):
        raise InvalidInput(f"lag of {where} must be a whole number, but got {lag!r}; write lag = 3")
    _refuse(recipe, where)
    searched: dict[str, Any] = recipe
    subject = problem_of(problem, [lag])

    def spec(settings: Mapping[str, Any]) -> Spec:
        whole = filled(searched, settings) | {"name": "trial"}
        return recipe_of(whole, [lag], where).spec(subject, lag)

    plan = Tuning(space=space_of(searched), spec=spec, **{name: told[name] for name in NUMBERS if name in told})
    plan.check()
    return plan


def shipped() -> tuple[str, ...]:
    """Return the names of the tunings that ship with the library.

    Example:
        >>> shipped()
        ('tutorial',)
    """
    folder = importlib.resources.files("memspan.studies.tune") / "tunings"
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


def describe_shipped(name: str) -> str:
    """Return what a tuning that ships is about: the comment in the first line of its file.

    Example:
        >>> describe_shipped("tutorial")[:17]
        'The smallest LSTM'

    Raises:
        InvalidInput: there is none of that name.
    """
    return _shipped_text(name).splitlines()[0].removeprefix("# ")


def shipped_table(name: str) -> dict[str, Any]:
    """Return a tuning that ships with the library as the table that its file holds.

    Raises:
        InvalidInput: there is none of that name.
    """
    return tomllib.loads(_shipped_text(name))


def read_tuning(path: str | Path, **overrides: Any) -> Tuning:
    """Read a tuning from a TOML file.

    Args:
        path: the file; `docs/tune.md` says what it holds.
        **overrides: as for `tuning_of`.

    Raises:
        InvalidInput: the file is not TOML, lacks something, or has an unknown key or name.
    """
    return tuning_of(table_in(path), str(path), **overrides)


def _shipped_text(name: str) -> str:
    check_choice("the name after tunings/", name, shipped())
    file = importlib.resources.files("memspan.studies.tune") / "tunings" / f"{name}.toml"
    return file.read_text(encoding="utf-8")


def _refuse(recipe: Mapping[str, Any], where: str) -> None:
    for key in FORBIDDEN:
        if key in recipe:
            raise InvalidInput(f"recipe of {where} must do without {key}, which a tuning has no use for; leave it out")


def _known(table: Mapping[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in allowed:
            guess = nearest(key, allowed)
            advice = f"did you mean '{guess}'?" if guess else "leave it out"
            raise InvalidInput(f"keys of {where} must be among {', '.join(allowed)}, but got '{key}'; {advice}")
