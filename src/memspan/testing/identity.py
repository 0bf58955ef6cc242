"""Checks of what a part of a spec is: it has its members, and it is a value that can be written down."""

from __future__ import annotations

import copy
import dataclasses
import json
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.model import Model
from memspan.core.rule import Rule
from memspan.core.spec import describe
from memspan.testing.violation import require

__all__ = ["is_a_model", "is_a_rule", "is_a_value"]


def is_a_model(model: Any, n_inputs: int) -> None:
    """It has every member of `Model`."""
    _has_members(model, Model)


def is_a_rule(rule: Any, model: Any) -> None:
    """It has every member of `Rule`."""
    _has_members(rule, Rule)


def is_a_value(part: Any, _: object = None) -> None:
    """It is a frozen dataclass that equals its copy and can be written down: its fields are its identity."""
    kind: Any = type(part)
    frozen = dataclasses.is_dataclass(part) and kind.__dataclass_params__.frozen
    require(frozen, f"{kind.__name__} is not a frozen dataclass; its fields are its identity in a spec")
    twin = copy.deepcopy(part)
    require(twin == part, "a copy of it is not equal to it; make its fields plain values")
    try:
        same = hash(twin) == hash(part)
        text = json.dumps(describe(part))
    except (TypeError, InvalidInput) as error:
        require(False, f"it cannot be hashed and written down: {error}")
    else:
        require(same, "a copy of it has another hash; make its fields plain values")
        require(text == json.dumps(describe(twin)), "a copy of it is described otherwise; make its fields plain values")


def _has_members(part: Any, protocol: type) -> None:
    needed = sorted(name for name in vars(protocol) if not name.startswith("_"))
    missing = [name for name in needed if name not in dir(part)]
    where = f"{protocol.__module__}.{protocol.__name__}"
    require(not missing, f"it lacks {', '.join(missing)}; see {where}")
