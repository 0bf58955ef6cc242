"""A spec: everything that decides a run except its seed, frozen, with a content hash as its identity."""

from __future__ import annotations

import dataclasses
import hashlib
import inspect
import json
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from memspan.core.curriculum import check_curriculum
from memspan.core.errors import InvalidInput, check_range
from memspan.core.foreign import Foreign
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

    Args:
        value: a frozen dataclass of strings, numbers, tuples, further dataclasses, and functions that stand by
            themselves in a module: those are their names and the SHA-256 of their source.

    Returns:
        Data that JSON can hold.

    Raises:
        InvalidInput: it is made of something else, or a function's source is not all there is to it.
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
    if isinstance(value, FunctionType):
        return _describe_function(value)
    raise InvalidInput(
        "a spec must be made of frozen dataclasses, strings, numbers, tuples and functions of a module, but got "
        f"{value!r}; put its settings into a frozen dataclass"
    )


def _describe_function(function: FunctionType) -> dict[str, str]:
    """Return the name of a function of a module and the hash of its source."""
    name = f"{function.__module__}.{function.__qualname__}"
    if "<" in function.__qualname__ or function.__closure__:
        raise InvalidInput(
            f"a function in a spec must stand by itself in a module, for its source is its identity, but got {name}, "
            "made inside an expression or another function; define it with def at the top of a file"
        )
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        raise InvalidInput(
            f"a function in a spec must have a source that can be read, for it is its identity, but {name} has none; "
            "put it into a file"
        ) from None
    return {"type": "function", "name": name, "sha256": hashlib.sha256(source.encode()).hexdigest()}


@dataclass(frozen=True)
class Spec:
    """Problem, model, rule, protocol and budget. Same spec and seed, same bits.

    Attributes:
        problem: what is to be learned.
        model: what learns; a read-out with as many outputs as the problem has is put on top of it. A `Foreign` one
            learns where it lives.
        rule: how credit reaches the weights.
        optimizer: how a gradient changes them.
        protocol: order, reset and batch.
        epochs: presentations of all sequences.
        evaluate_every: epochs between two evaluations; the last epoch is always evaluated.
        chunk: seeds trained side by side in one program. It is part of the identity: at another width the
            compiler may order the same sums differently.
        curriculum: easier problems, to be mastered one after the other before `problem`, by the same network. A seed
            moves on when an evaluation finds that the criterion of its stage holds, and takes along its weights,
            its optimizer's state and, where the protocol never resets it, the model's state. It has `epochs` for
            all stages together. `Conflict.shorter` makes such problems.

    References:
        Curriculum: Elman 1993; Bengio, Louradour, Collobert and Weston 2009; a lag that grows as it is mastered:
        Zaremba and Sutskever 2014.
    """

    problem: Problem
    model: Model | Foreign
    rule: Rule
    optimizer: Optimizer
    protocol: Protocol = field(default_factory=Protocol)
    epochs: int = 250
    evaluate_every: int = 1
    chunk: int = 8
    curriculum: tuple[Problem, ...] = ()

    def __post_init__(self) -> None:
        check_part("problem", self.problem, Problem, "memspan.problems.Conflict()")
        if isinstance(self.model, type) or not isinstance(self.model, Foreign):
            check_part("model", self.model, Model, "memspan.models.LSTM()")
        check_part("rule", self.rule, Rule, "memspan.rules.BPTT()")
        check_part("optimizer", self.optimizer, Optimizer, "memspan.Adam()")
        check_range("epochs", self.epochs, 0)
        check_range("evaluate_every", self.evaluate_every, 1)
        check_range("chunk", self.chunk, 1, 4096)
        check_curriculum(self.curriculum, self.problem, self.protocol)
        check = getattr(self.model, "check", None)  # a foreign model, or one that not every rule can teach
        if check is not None:
            check(self)

    @property
    def stages(self) -> tuple[Spec, ...]:
        """The specs that a seed goes through, one a stage: those of the easier problems, and at last the problem's own.

        Example:
            >>> import memspan as ms
            >>> problem = ms.problems.Conflict(lag=9)
            >>> easier = (problem.shorter(1), problem.shorter(3))
            >>> spec = Spec(problem, ms.models.LSTM(), ms.rules.BPTT(), ms.Adam(), curriculum=easier)
            >>> [stage.problem.lag for stage in spec.stages]
            [1, 3, 9]
        """
        return tuple(
            dataclasses.replace(self, problem=each, curriculum=()) for each in (*self.curriculum, self.problem)
        )

    def canonical_json(self) -> str:
        """Return the spec as JSON with sorted keys and no free choice of spelling."""
        return json.dumps(describe(self), sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @property
    def hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the canonical JSON."""
        return hashlib.sha256(self.canonical_json().encode()).hexdigest()[:16]
