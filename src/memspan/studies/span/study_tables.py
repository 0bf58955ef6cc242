"""A study as tables and lists, as TOML gives them, turned into objects; every key and value is checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from memspan.core.errors import InvalidInput, check_range, nearest
from memspan.core.problem import Problem
from memspan.core.protocol import Protocol
from memspan.studies.adaptive import Adaptive, adaptive_of
from memspan.studies.primary import Primary
from memspan.studies.span.lag_range import lags_between
from memspan.studies.span.names import build, find, lists_of, settings_of
from memspan.studies.span.per_lag import at_lag, names_lag
from memspan.studies.span.plan import Study
from memspan.studies.span.recipe import Recipe, ascending
from memspan.studies.span.stretch import check_longer

__all__ = ["primary_of", "problem_of", "recipe_of", "study_of"]

STUDY_KEYS = ("adaptive", "generalise", "lags", "primary", "problem", "recipe", "seed", "seeds")
TABLES = ("model", "rule", "optimizer")
RECIPE_KEYS = ("name", *TABLES, "protocol", "epochs", "evaluate_every", "curriculum", "lags", "seeds")


def study_of(text: Mapping[str, Any], where: str, **overrides: Any) -> Study:
    """Return the study that a table describes, all of it checked.

    Args:
        text: the table.
        where: the file's name.
        **overrides: `seeds`, `seed` or `epochs` in place of the file's own and of every recipe's; `lags`, of which a
            recipe that has lags of its own keeps those; `recipes`, names of those to keep; `generalise`; `weights`;
            `adaptive`, settings in place of the file's. None leaves them. The primary question is dropped where the
            recipes or lags that are kept lack its own.

    Raises:
        InvalidInput: something is missing, unknown, or refused.
    """
    told = {key: value for key, value in overrides.items() if value is not None}
    _known(text, STUDY_KEYS, where)
    recipes = text.get("recipe", [])
    if not isinstance(recipes, list) or not recipes or not all(isinstance(each, dict) for each in recipes):
        raise InvalidInput(f"{where} must hold a [[recipe]], but does not; add one or more")
    lags = ascending(f"lags of {where}", _lags(text.get("lags"), f"lags of {where}"))
    asked = ascending("lags", told["lags"]) if "lags" in told else lags
    whole = Study(
        problem=problem_of(_table(text.get("problem"), f"problem of {where}"), lags),
        recipes=[recipe_of(_told(each, told), lags, where) for each in recipes],
        lags=lags,
        seeds=told.get("seeds", text.get("seeds", 100)),
        seed=told.get("seed", text.get("seed", 0)),
        primary=None if "primary" not in text else primary_of(text["primary"], where),
        generalise=_longer(told.get("generalise", text.get("generalise", []))),
        weights=told.get("weights", False),
        adaptive=_adaptive(text, told, where),
    )
    check_longer(whole.generalise, asked if "generalise" in told else lags)
    chosen = _chosen(whole.listed, told.get("recipes"), asked, where)
    study = replace(whole, recipes=chosen, lags=asked, primary=_still(whole.primary, chosen, asked))
    study.cells()
    return study


def problem_of(table: Mapping[str, Any], lags: Sequence[int]) -> Callable[[int], Problem]:
    """Return the problem of a table as a function of the lag.

    Example:
        >>> problem_of({"name": "CopyMemory", "n_items": 1}, [5])(5).lag
        5
        >>> problem_of({"name": "ModernAdding", "length": "2 * lag"}, [5])(5).length
        10

    Args:
        table: the problem's name and settings. The lag goes to the settings that name it, else to `lag`.
        lags: the lags that lists in the table are about.

    Raises:
        InvalidInput: no such problem or setting, or none that the lag could go to.
    """
    found, _ = find("problem", table.get("name"), "problem.name")
    given = dict(table)
    if not names_lag(given) and not any(isinstance(value, list) for value in given.values()):
        if "lag" in given or "lag" not in settings_of(found):
            has = ", ".join(settings_of(found))
            raise InvalidInput(
                f"problem must leave its lag to the study, but {found.__name__} (which has {has}) is told "
                f'{given.get("lag", "none")}; write one setting as "lag"'
            )
        given["lag"] = "lag"
    return lambda lag: build("problem", _resolved("problem", given, lag, lags, "problem"), "problem")


def recipe_of(table: Mapping[str, Any], lags: Sequence[int], where: str) -> Recipe:
    """Return the recipe of a table.

    Args:
        table: what stands below [[recipe]].
        lags: the study's, which lists in the table are about unless it has `lags` of its own.
        where: the file's name.

    Raises:
        InvalidInput: something is missing or unknown.
    """
    name = table.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InvalidInput(f'every [[recipe]] of {where} must have a name, but got {name!r}; add name = "..."')
    place = f"recipe '{name}' of {where}"
    _known(table, RECIPE_KEYS, place)
    if "model" not in table:
        raise InvalidInput(f'{place} must have a model, but has none; add model = {{name = "LSTM", units = 20}}')
    own = ascending(f"lags of {place}", _lags(table["lags"], f"lags of {place}")) if "lags" in table else None
    about = own or tuple(lags)
    parts = {key: _part(key, _table(table[key], f"{key} of {place}"), about) for key in TABLES if key in table}
    if "protocol" in table:
        protocol = _table(table["protocol"], f"protocol of {place}")
        _known(protocol, settings_of(Protocol), f"protocol of {place}")
        parts["protocol"] = _protocol(protocol, about)
    for key in ("epochs", "evaluate_every", "seeds"):
        if key in table:
            parts[key] = _number(key, table[key], about)
    stages = _lags(table.get("curriculum", []), f"curriculum of {place}")
    return Recipe(name=name, **parts, curriculum=stages, lags=own)


def primary_of(table: Any, where: str) -> Primary:
    """Return the primary question of a table.

    Example:
        >>> primary_of({"compare": ["BPTT", "Online"], "lag": 10}, "mine.toml").on
        'success'

    Args:
        table: what stands below [primary].
        where: the file's name.

    Raises:
        InvalidInput: something is missing, unknown, or refused.
    """
    if not isinstance(table, Mapping):
        raise InvalidInput(f"primary of {where} must be a table, but got {table!r}; write [primary] and its keys below")
    asked: Mapping[str, Any] = table
    _known(asked, settings_of(Primary), f"primary of {where}")
    for key in ("compare", "lag"):
        if key not in asked:
            example = 'compare = ["one", "other"]' if key == "compare" else "lag = 100"
            raise InvalidInput(f"primary of {where} must have {key}, but has none; add {example}")
    names = asked["compare"]
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):  # pyright: ignore
        raise InvalidInput(
            f"compare of primary of {where} must be the names of two recipes, but got {names!r}; write "
            'compare = ["one", "other"]'
        )
    check_range("primary.lag", asked["lag"], 1)
    return Primary(**asked)


def _longer(value: Any) -> list[int | Callable[[int], int]]:
    """Return longer lags as functions of the lag where they depend on it."""
    given: list[Any] = value if isinstance(value, list | tuple) else [value]  # pyright: ignore
    return [partial(_at, one) if isinstance(one, str) else one for one in given]


def _at(value: str, lag: int) -> int:
    return check_range("generalise", at_lag("generalise", value, lag, [lag]), 1)


def _still(primary: Primary | None, chosen: Sequence[Recipe], asked: tuple[int, ...]) -> Primary | None:
    """Return the primary question, where the part of the study that was chosen still answers it."""
    tried = {recipe.name: asked if recipe.lags is None else tuple(recipe.lags) for recipe in chosen}
    return primary if primary is not None and primary.among(tried) else None


def _part(kind: str, table: Mapping[str, Any], lags: Sequence[int]) -> Callable[[int], Any]:
    return lambda lag: build(kind, _resolved(kind, table, lag, lags, kind), kind)


def _protocol(table: Mapping[str, Any], lags: Sequence[int]) -> Callable[[int], Protocol]:
    return lambda lag: Protocol(**{key: at_lag(f"protocol.{key}", value, lag, lags) for key, value in table.items()})


def _number(argument: str, value: Any, lags: Sequence[int]) -> Callable[[int], Any]:
    return lambda lag: at_lag(argument, value, lag, lags)


def _resolved(kind: str, table: Mapping[str, Any], lag: int, lags: Sequence[int], where: str) -> dict[str, Any]:
    """Return a table at one lag, and the tables inside it."""
    found, _ = find(kind, table.get("name"), f"{where}.name")
    resolved: dict[str, Any] = {}
    for key, value in table.items():
        place = f"{where}.{key}"
        if isinstance(value, dict):
            inner: dict[str, Any] = value
            resolved[key] = _resolved(kind, inner, lag, lags, place)
        elif isinstance(value, list) and all(isinstance(each, dict) for each in value):  # pyright: ignore
            layers: list[dict[str, Any]] = value
            resolved[key] = [_resolved(kind, layer, lag, lags, place) for layer in layers]
        elif key == "name" or (key in lists_of(found) and not _holds_lists(value)):
            resolved[key] = value
        else:
            resolved[key] = at_lag(place, value, lag, lags)
    return resolved


def _holds_lists(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(each, list) for each in value)  # pyright: ignore


def _adaptive(text: Mapping[str, Any], told: Mapping[str, Any], where: str) -> Adaptive | None:
    """Return how an adaptive study looks for lags; None where neither the file nor the overrides ask for one."""
    if "adaptive" not in text and "adaptive" not in told:
        return None
    table = text.get("adaptive", {})
    if not isinstance(table, dict):
        raise InvalidInput(f"adaptive of {where} must be a table, but got {table!r}; write [adaptive]")
    return adaptive_of({**table, **told.get("adaptive", {})}, where)


def _told(table: Mapping[str, Any], told: Mapping[str, Any]) -> dict[str, Any]:
    """Return a recipe's table with what was told in its place."""
    kept = {key: value for key, value in table.items() if key != "seeds" or "seeds" not in told}
    return kept | ({"epochs": told["epochs"]} if "epochs" in told else {})


def _chosen(made: Sequence[Recipe], names: Sequence[str] | None, asked: tuple[int, ...], where: str) -> list[Recipe]:
    """Return the recipes of these names, each at those of its lags that are asked for."""
    known = {recipe.name.lower(): recipe.name for recipe in made}
    for name in names or ():
        if name not in known.values():
            guess = nearest(name, known)
            advice = f"did you mean '{known[guess]}'?" if guess else "choose one of these"
            raise InvalidInput(
                f"recipe must be one of {', '.join(known.values())}, but {where} has no '{name}'; {advice}"
            )
    chosen = [recipe for recipe in made if names is None or recipe.name in names]
    lags = [asked if one.lags is None else tuple(lag for lag in one.lags if lag in asked) for one in chosen]
    if not any(lags):
        raise InvalidInput(
            f"lags must leave a recipe of {where} something to do, but got {', '.join(map(str, asked))}, at which "
            "none of those chosen is tried; leave lags out"
        )
    return [
        recipe if recipe.lags is None else replace(recipe, lags=own)
        for recipe, own in zip(chosen, lags, strict=True)
        if own
    ]


def _table(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, dict):
        raise InvalidInput(f'{where} must be a table with a name, but got {value!r}; write it as {{name = "..."}}')
    table: dict[str, Any] = value
    return table


def _lags(value: Any, where: str) -> list[Any]:
    if isinstance(value, str):
        return list(lags_between(where, value))
    if not isinstance(value, list):
        raise InvalidInput(f"{where} must be a list of whole numbers, but got {value!r}; write lags = [10, 100]")
    lags: list[Any] = value
    return lags


def _known(table: Mapping[str, Any], allowed: Sequence[str], where: str) -> None:
    for key in table:
        if key not in allowed:
            guess = nearest(key, allowed)
            advice = f"did you mean '{guess}'?" if guess else "leave it out"
            raise InvalidInput(f"keys of {where} must be among {', '.join(allowed)}, but got '{key}'; {advice}")
