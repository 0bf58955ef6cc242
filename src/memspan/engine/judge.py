"""Judging trained weights on another problem than the one they were trained on, such as one of a longer lag."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np
from jaxtyping import Bool, Float

from memspan.core.errors import InvalidInput
from memspan.core.foreign import Foreign
from memspan.core.problem import Problem
from memspan.core.rule import Memory
from memspan.core.spec import Spec
from memspan.engine.network import network_of
from memspan.engine.outside import judge_outside
from memspan.engine.program import Lane, judge_lane, shown_to

__all__ = ["Verdicts", "check_judged", "judge"]


class Verdicts(NamedTuple):
    """What trained networks are worth on a problem, one value a seed.

    Attributes:
        accuracy: share of scored positions answered right.
        solved: whether the problem's criterion holds.
    """

    accuracy: Float[np.ndarray, " seed"]
    solved: Bool[np.ndarray, " seed"]


def judge(spec: Spec, problem: Problem, weights: Float[np.ndarray, "seed weight"], seeds: Sequence[int]) -> Verdicts:
    """Judge weights that a spec trained on another problem, as training judges them on its own: nothing is learned.

    Example:
        >>> import memspan as ms
        >>> last = ms.problems.Conflict(lag=1, middle="repeating", scored="end")
        >>> runs = ms.train(last, ms.models.LSTM(units=4), ms.rules.BPTT(), optimizer=ms.Adam(0.1), seeds=2, epochs=60)
        >>> judge(runs.spec, last.with_lag(2), runs.weights, runs.seeds).solved.tolist()
        [True, True]

    Args:
        spec: what was trained.
        problem: what to judge on, of the same inputs and outputs.
        weights: final weights, one row a run.
        seeds: of the same runs: where sequences are drawn, those of a run are its own.

    Returns:
        The verdicts. A run's are bitwise the same whatever is judged beside it.

    Raises:
        InvalidInput: the network cannot read the problem, or its state is never reset, so that there is none to
            begin with.
        RunFailed: code of the user's failed.
    """
    check_judged(spec, problem)
    if isinstance(spec.model, Foreign):
        accuracy, solved = zip(*judge_outside(spec, spec.model, problem, weights, seeds), strict=True)
        return Verdicts(np.array(accuracy, np.float32), np.array(solved, bool))
    judged = _compiled(dataclasses.replace(spec, problem=problem, epochs=0, curriculum=()))
    stage, parts = len(spec.curriculum), list[tuple[Any, Any]]()
    for first in range(0, len(seeds), spec.chunk):
        rows = [*range(first, min(first + spec.chunk, len(seeds)))]
        padded = [*rows, *[rows[-1]] * (spec.chunk - len(rows))]
        keys = np.stack([shown_to(seeds[row], stage) for row in padded])
        accuracy, solved = judged(weights[padded], keys)
        parts.append((np.asarray(accuracy)[: len(rows)], np.asarray(solved)[: len(rows)]))
    return Verdicts(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def check_judged(spec: Spec, problem: Problem) -> None:
    """Refuse a problem that networks of a spec cannot read.

    Args:
        spec: what is trained.
        problem: what it would be judged on.

    Raises:
        InvalidInput: its symbols, inputs or outputs are others, or the state is never reset.
    """
    if spec.protocol.reset == "never":
        raise InvalidInput(
            "reset must not be 'never' where trained networks are judged on other problems, for the state at the end "
            "of training is not kept; use reset='sequence' or 'epoch'"
        )
    own = spec.problem
    for name in ("n_inputs", "n_outputs", "loss", "alphabet"):
        trained, asked = getattr(own, name, None), getattr(problem, name, None)
        if trained != asked:
            what = {"n_inputs": "inputs", "n_outputs": "outputs"}.get(name, name)
            raise InvalidInput(
                f"a network trained on {own.variant} must be judged on a problem of the same inputs and outputs, but "
                f"{problem.variant} has another {what}{_sizes(trained, asked)}"
            )


def _sizes(trained: object, asked: object) -> str:
    return f" ({asked}, not {trained})" if isinstance(asked, int | str) else ""


@functools.lru_cache(maxsize=64)
def _compiled(spec: Spec) -> Callable[..., tuple[Any, Any]]:
    network = network_of(spec.problem, spec.model)

    def one(weights: Any, key: Any) -> tuple[Any, Any]:
        return judge_lane(spec, network, Lane(Memory(weights, (), (), np.int32(0)), key))

    return jax.jit(jax.vmap(one))
