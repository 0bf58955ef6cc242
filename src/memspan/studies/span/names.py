"""Models, rules, optimizers and problems by their names, with settings that the classes themselves check."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Mapping
from typing import Any

from memspan import adapters, engine, models, problems, rules
from memspan.core.errors import InvalidInput, nearest
from memspan.engine.optax_optimizer import optax_names

__all__ = ["KINDS", "build", "find", "known", "lists_of", "settings_of", "takes_anything"]

KINDS = ("model", "optimizer", "problem", "rule")
# What takes code of the user's, by "module:name"; further settings are the user's own.
ADAPTERS: dict[str, tuple[str, ...]] = {
    "model": ("Torch", "Keras", "Jax", "Predict", "Command"),
    "optimizer": (),
    "problem": (),
    "rule": ("OwnLoop",),
}


@functools.cache
def _named(kind: str) -> dict[str, type[Any]]:
    """Return the classes of a kind by their own names."""
    home, member = {
        "model": (models, None),
        "rule": (rules, "learn"),
        "optimizer": (engine, "build"),
        "problem": (problems, "evaluation"),
    }[kind]
    classes = {name: value for name, value in vars(home).items() if inspect.isclass(value)}
    foreign = {name: getattr(adapters, name) for name in ADAPTERS[kind]}
    return foreign | {
        name: value
        for name, value in classes.items()
        if dataclasses.is_dataclass(value)
        and (hasattr(value, member) if member else issubclass(value, models.AbstractModel | models.Stack))
    }


def _plain(name: str) -> str:
    """Return a name without case and hyphens: two-sequence is TwoSequence."""
    return re.sub(r"[-_ ]", "", name).lower()


def find(kind: str, name: object, where: str) -> tuple[type[Any], tuple[str, ...]]:
    """Return the class of a name, and what to call it with before its settings.

    Example:
        >>> find("rule", "bptt", "rule")[0].__name__, find("problem", "two-sequence", "problem")[0].__name__
        ('BPTT', 'TwoSequence')
        >>> find("model", "LSMT", "model")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: model must be one of ..., but got 'LSMT'; did you mean 'LSTM'?

    Args:
        kind: one of `KINDS`.
        name: as the class is called, in any case, with hyphens or without; an optimizer may be one of Optax's.
        where: the argument's name, as the user wrote it.

    Returns:
        The class, and its first arguments.

    Raises:
        InvalidInput: there is nothing of that name.
    """
    known = _named(kind)
    plain = {_plain(each): each for each in known}
    if isinstance(name, str) and _plain(name) in plain:
        return known[plain[_plain(name)]], ()
    others = optax_names() if kind == "optimizer" else ()
    if isinstance(name, str) and name in others:
        return known["Optax"], (name,)
    guess = nearest(_plain(str(name)), [*plain, *others])
    advice = f"did you mean '{plain.get(guess, guess)}'?" if guess else "choose one of these"
    listed = ", ".join(sorted(each for each in known if each != "Optax"))
    more = " or an optimizer of Optax" if others else ""
    raise InvalidInput(f"{where} must be one of {listed}{more}, but got '{name}'; {advice}")


def known(kind: str, name: str) -> bool:
    """Return whether there is a class of a name, as `find` would find it.

    Example:
        >>> known("model", "torch"), known("model", "mymodel")
        (True, False)
    """
    return _plain(name) in map(_plain, _named(kind))


def settings_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a class's settings.

    Example:
        >>> settings_of(find("problem", "RandomConflict", "problem")[0])[0]
        'lag'
    """
    return tuple(name for name, one in inspect.signature(kind).parameters.items() if one.kind is not one.VAR_KEYWORD)


def takes_anything(kind: type[Any]) -> bool:
    """Return whether a class takes settings of any name, which are then the user's own.

    Example:
        >>> takes_anything(find("model", "torch", "model")[0]), takes_anything(find("model", "LSTM", "model")[0])
        (True, False)
    """
    return any(one.kind is one.VAR_KEYWORD for one in inspect.signature(kind).parameters.values())


def lists_of(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a class's settings that are several values at any lag, such as a TCN's dilations.

    Example:
        >>> lists_of(find("model", "TCN", "model")[0])
        ('dilations',)
    """
    return tuple(field.name for field in dataclasses.fields(kind) if str(field.type).startswith("tuple["))


def build(kind: str, table: Mapping[str, Any], where: str) -> Any:
    """Return the object that a table describes: its class by name, and its settings.

    Example:
        >>> build("model", {"name": "LSTM", "units": 32}, "model").units
        32
        >>> build("optimizer", {"name": "sgd", "learning_rate": 0.1}, "optimizer")
        Optax('sgd', learning_rate=0.1)
        >>> build("model", {"name": "LSTM", "unit": 32}, "model")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: model.unit is no setting of LSTM, which has units, gate, convention,
        forget_bias, chrono, loop; did you mean 'units'?

    Args:
        kind: one of `KINDS`.
        table: `name`, and the settings of that class; a setting that is itself a table with a name is built too.
        where: the table's name, as the user wrote it.

    Returns:
        The object.

    Raises:
        InvalidInput: an unknown name or setting, one that is missing, or a value that the class refuses.
    """
    found, first = find(kind, table.get("name"), f"{where}.name")
    given = {key: value for key, value in table.items() if key != "name"}
    if not first and not takes_anything(found):
        _check_names(found, given, where)
    inner = {key: _value(kind, value, f"{where}.{key}") for key, value in given.items()}
    try:
        return found(*first, **inner)
    except InvalidInput:
        raise
    except (TypeError, ValueError) as refusal:
        sentence = str(refusal).strip().splitlines()[0]
        raise InvalidInput(
            f"{where} must hold settings that {found.__name__} takes, but it refused them ({sentence}); correct them"
        ) from refusal


def _check_names(found: type[Any], given: Mapping[str, Any], where: str) -> None:
    known = settings_of(found)
    for key in given:
        if key not in known:
            guess = nearest(key, known)
            advice = f"did you mean '{guess}'?" if guess else "leave it out"
            has = f"which has {', '.join(known)}" if known else "which has none"
            raise InvalidInput(f"{where}.{key} is no setting of {found.__name__}, {has}; {advice}")
    parameters = inspect.signature(found).parameters
    missing = [name for name in known if parameters[name].default is inspect.Parameter.empty and name not in given]
    if missing:
        raise InvalidInput(
            f"{where} must give {found.__name__} its {' and '.join(missing)}, but lacks {missing[0]}; add "
            f"{missing[0]} = ..."
        )


def _value(kind: str, value: Any, where: str) -> Any:
    """Return a setting as the class wants it: tables with a name as objects, lists as tuples of such values."""
    if isinstance(value, Mapping):
        table: Mapping[str, Any] = value
        return build(kind, table, where)
    if isinstance(value, list):
        items: list[Any] = value
        return tuple(_value(kind, item, where) for item in items)
    return value
