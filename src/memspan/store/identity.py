"""What a thing is called: the hash of its canonical JSON, and its settings under dotted names."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from memspan.core.errors import InvalidInput

__all__ = ["canonical", "checked", "dotted", "hash_of"]

Plain = str | int | float | bool | None


def canonical(value: Any) -> str:
    """Return plain data as JSON with sorted keys and no free choice of spelling, as `Spec.canonical_json` does.

    Example:
        >>> canonical({"b": 1, "a": [2.5, None]})
        '{"a":[2.5,null],"b":1}'
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def checked(spec: str) -> str:
    """Return the canonical JSON of a spec, unchanged.

    Example:
        >>> checked('{"epochs": 250}')
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: spec must be the canonical JSON of a spec, but got '{"epochs": 250}'; pass
        Spec.canonical_json()

    Args:
        spec: what was given.

    Raises:
        InvalidInput: it is no JSON object, or spelled otherwise, so that its hash would not be its identity.
    """
    try:
        value = json.loads(spec)
        good = isinstance(value, dict) and canonical(value) == spec
    except ValueError:
        good = False
    if not good:
        shown = spec if len(spec) <= 60 else spec[:60] + "..."
        raise InvalidInput(f"spec must be the canonical JSON of a spec, but got {shown!r}; pass Spec.canonical_json()")
    return spec


def hash_of(text: str) -> str:
    """Return the first 16 hex digits of a text's SHA-256; of a spec's canonical JSON this is `Spec.hash`.

    Example:
        >>> hash_of("{}")
        '44136fa355b3678a'
    """
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def dotted(value: Any, name: str) -> dict[str, Plain]:
    """Return nested settings as one level of names.

    Lists of tables are numbered; other lists are values, and stand as JSON.

    Example:
        >>> dotted({"model": {"units": 20}, "stages": [{"lag": 3}], "cues": [3, 4]}, "spec")
        {'spec.model.units': 20, 'spec.stages.0.lag': 3, 'spec.cues': '[3,4]'}

    Args:
        value: plain data as JSON gives it.
        name: what all names begin with.
    """
    if isinstance(value, dict):
        inner: dict[str, Any] = value
    elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value):  # pyright: ignore
        inner = {str(number): each for number, each in enumerate(value)}  # pyright: ignore
    else:
        return {name: canonical(value) if isinstance(value, list) else value}
    return {key: plain for part, each in inner.items() for key, plain in dotted(each, f"{name}.{part}").items()}
