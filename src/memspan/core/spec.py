"""A spec: everything that decides a run except its seed, frozen, with a content hash as its identity."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from memspan.core.errors import InvalidInput, check_range
from memspan.core.model import Model
from memspan.core.optimizer import Optimizer
from memspan.core.parts import check_part
from memspan.core.problem import Problem
from memspan.core.protocol import Protocol
from memspan.core.rule import Rule

__all__ = ["Spec", "describe"]


def describe(value: Any) -> Any:
    """Return a value as plain JSON data; a dataclass carries its type's name, so equal fields never collide.

    Example:
        >>> describe(Protocol())
        {'type': 'Protocol', 'order': 'fixed', 'reset': 'sequence', 'batch': 'one'}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        # Our own types by their bare name; another package may have an LSTM too, and it is not ours.
        name = kind.__name__ if kind.__module__.startswith("memspan.") else f"{kind.__module__}.{kind.__qualname__}"
        fields = {field.name: describe(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": name, **fields}
    if isinstance(value, tuple | list):
        return [describe(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise InvalidInput(
        f"a spec must be made of frozen dataclasses, strings, numbers and tuples, but got {value!r}; "
        "put its settings into a frozen dataclass"
    )


@dataclass(frozen=True)
class Spec:
    """Problem, model, rule, protocol and budget. Same spec and seed, same bits.

    Attributes:
        problem: what is to be learned.
        model: what learns; a read-out with as many outputs as the problem has is put on top of it.
        rule: how credit reaches the weights.
        optimizer: how a gradient changes them.
        protocol: order, reset and batch.
        epochs: presentations of all sequences.
        evaluate_every: epochs between two evaluations; the last epoch is always evaluated.
        chunk: seeds trained side by side in one program. It is part of the identity: at another width the
            compiler may order the same sums differently.
    """

    problem: Problem
    model: Model
    rule: Rule
    optimizer: Optimizer
    protocol: Protocol = field(default_factory=Protocol)
    epochs: int = 250
    evaluate_every: int = 1
    chunk: int = 8

    def __post_init__(self) -> None:
        check_part("problem", self.problem, Problem, "memspan.problems.Conflict()")
        check_part("model", self.model, Model, "memspan.models.LSTM()")
        check_part("rule", self.rule, Rule, "memspan.rules.BPTT()")
        check_part("optimizer", self.optimizer, Optimizer, "memspan.Adam()")
        check_range("epochs", self.epochs, 0)
        check_range("evaluate_every", self.evaluate_every, 1)
        check_range("chunk", self.chunk, 1, 4096)

    def canonical_json(self) -> str:
        """Return the spec as JSON with sorted keys and no free choice of spelling."""
        return json.dumps(describe(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()[:16]
