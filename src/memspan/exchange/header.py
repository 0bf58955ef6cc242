"""What a file of weights says of itself: layout, version, spec, model, and the meaning of inputs and outputs."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any

from memspan import models
from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.core.spec import describe
from memspan.engine.rebuilt import spec_of
from memspan.engine.trained import Trained

__all__ = ["VERSION", "check_header", "header", "model_of", "with_origin"]

VERSION = "1"


def header(trained: Trained, layout: str) -> dict[str, str]:
    """Return what a file says of the weights in it, as words that JSON holds.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(), ms.models.Elman(units=2), ms.rules.BPTT(), epochs=1)
        >>> said = header(runs[0], "memspan")
        >>> said["layout"], said["version"], said["spec"] == runs.spec.hash, said["seed"], said["alphabet"]
        ('memspan', '1', True, '0', '[0, 1, 2, 3, 4]')

    Args:
        trained: whose weights they are.
        layout: how they are laid out.

    Returns:
        Words by name. `spec` (its hash), `settings` (the spec itself) and `seed` are empty where the network was not
        trained here.
    """
    spec, seed = trained.spec, trained.seed
    return {
        "layout": layout,
        "version": VERSION,
        "spec": "" if spec is None else _or_empty(lambda: spec.hash),
        "settings": "" if spec is None else _or_empty(spec.canonical_json),
        "seed": "" if seed is None else str(seed),
        "problem": trained.problem.variant,
        "alphabet": _alphabet(trained.problem),
        "model": _model(trained),
    }


def _model(trained: Trained) -> str:
    """Return a network's model as JSON; what may follow its first layer is the read-out that the engine put on it."""
    return _or_empty(lambda: json.dumps(describe(trained.network.stack.layers[0]), sort_keys=True))


def _or_empty(words: Callable[[], str]) -> str:
    """Return nothing of what has no words of its own: a model of functions that lie in no file, say."""
    try:
        return words()
    except InvalidInput:
        return ""


def _alphabet(problem: Problem) -> str:
    """Return the symbols as JSON; empty where there are none, or none that JSON holds."""
    alphabet = getattr(problem, "alphabet", None)
    try:
        return "" if alphabet is None else json.dumps(list(alphabet))
    except TypeError:
        return ""


def check_header(said: Mapping[str, str], problem: Problem) -> None:
    """Refuse a file of a newer memspan, and one whose symbols are not the problem's.

    Args:
        said: what the file says of itself.
        problem: what its weights are to be read for.

    Raises:
        InvalidInput: they do not fit.
    """
    version = said.get("version", VERSION)
    if version != VERSION:
        raise InvalidInput(
            f"the file must be of layout version {VERSION}, but got {version!r}; read it with the memspan that wrote it"
        )
    ours, theirs = _alphabet(problem), said.get("alphabet", "")
    if ours and theirs and ours != theirs:
        raise InvalidInput(
            f"problem must have the symbols of the file, {theirs}, but got {ours}; name the problem that it was "
            f"trained on, {said.get('problem', '')}"
        )


def with_origin(trained: Trained, said: Mapping[str, str]) -> Trained:
    """Return a network with the spec and the seed that its file names, if it is of the model that the file names.

    Another model of the same function would begin elsewhere from the same seed. A spec with parts that are not the
    library's own is left out.

    Args:
        trained: the network, as it was read.
        said: what the file says of itself.
    """
    if _model(trained) != said.get("model"):
        return trained
    seed = said.get("seed", "")
    try:
        spec = spec_of(json.loads(said["settings"]), said["spec"]) if said.get("settings") else None
    except (KeyError, ValueError, RecursionError):  # a part is code of the user's, or of another version of ours
        spec = None
    return dataclasses.replace(trained, spec=spec, seed=int(seed) if seed.isdecimal() else None)


def model_of(said: Mapping[str, str]) -> Any:
    """Return the model that a file names, if it is one of ours.

    Example:
        >>> model_of({"model": '{"type": "GRU", "units": 4, "reset": "after"}'})
        GRU(units=4, reset='after')

    Args:
        said: what the file says of itself.

    Raises:
        InvalidInput: it names none, or one that is not in memspan.models.
    """
    try:
        return _made(json.loads(said["model"]))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"model must be given where the file does not name one of memspan's own, but got none ({error}); pass "
            "model=..., the one that was trained"
        ) from None


def _made(value: Any) -> Any:
    if isinstance(value, list):
        items: list[Any] = value
        return tuple(_made(item) for item in items)
    if not isinstance(value, dict):
        return value
    fields: dict[str, Any] = dict(value)  # pyright: ignore[reportUnknownVariableType]
    name = fields.pop("type", None)
    kind = getattr(models, str(name), None)
    # Nothing but settings of our own models is ever made from a file's words.
    if not inspect.isclass(kind) or not dataclasses.is_dataclass(kind) or kind is models.Own:
        raise InvalidInput(f"'{name}' is not in memspan.models")
    return kind(**{field: _made(each) for field, each in fields.items()})
