"""Calling a user's factory with what it takes."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from memspan.adapters.user_code import UserCode
from memspan.core.errors import RunFailed, nearest

__all__ = ["made"]


def made(user: UserCode, settings: Mapping[str, Any], offered: Mapping[str, Any]) -> Any:
    """Return what a factory makes.

    Args:
        user: the factory.
        settings: the user's own, all of which it must take.
        offered: what it gets where it has a parameter of that name.

    Raises:
        RunFailed: it takes other settings.
    """
    factory = user.load()
    parameters = inspect.signature(factory).parameters
    anything = any(each.kind is each.VAR_KEYWORD for each in parameters.values())
    for name in settings:
        if name not in parameters and not anything:
            guess = nearest(name, parameters)
            advice = f"did you mean '{guess}'?" if guess else "leave it out"
            takes = ", ".join(parameters) or "nothing"
            raise RunFailed(f"{user.name} ({user.place}) takes {takes}, but got the setting {name}; {advice}")
    given = {name: value for name, value in offered.items() if name in parameters} | dict(settings)
    plain = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    missing = [
        name
        for name, each in parameters.items()
        if each.default is each.empty and each.kind in plain and name not in given
    ]
    if missing:
        raise RunFailed(
            f"{user.name} ({user.place}) must be given {' and '.join(missing)}; add {missing[0]} to its settings"
        )
    return factory(**given)
