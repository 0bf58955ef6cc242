"""Checks of what a problem draws: a function of the key alone, of the right shape, compiled and vectorised."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Shaped

from memspan.core.batch import Batch
from memspan.core.problem import Problem
from memspan.testing.draws import Draws, draw, keys_of_draws, sample
from memspan.testing.violation import require

__all__ = [
    "draws_apart_for_evaluation",
    "draws_by_key",
    "draws_in_shape",
    "draws_side_by_side",
    "scores_something_in_every_sequence",
]


def draws_by_key(problem: Problem) -> None:
    """The same key gives the same batch, another key another one; a fixed problem needs no key."""
    for name, first, again, other in _thrice(problem):
        require(_same(first, again), f"{name} draws differ for the same key")
        if problem.is_fixed:
            require(_same(first, other), f"{name} draws depend on the key, but is_fixed is True")
        else:
            require(not _same(first, other), f"{name} draws are the same for two keys, but is_fixed is False")


def draws_side_by_side(problem: Problem) -> None:
    """A draw inside jit and vmap is the draw outside: the engine makes them for many seeds at once."""
    alone = problem.batch(None if problem.is_fixed else keys_of_draws()[1])
    inside = jax.jit(lambda: problem.batch(None))() if problem.is_fixed else draw(problem).one(1).training
    require(_alike(alone, inside), "batch gives something else inside jax.jit and jax.vmap than alone")


def draws_in_shape(problem: Problem) -> None:
    """Inputs, targets and mask have the promised shapes, dtypes and ranges."""
    training, evaluation = draw(problem).one(0)
    promised = (problem.n_sequences, problem.n_steps)
    shape = training.mask.shape
    require(shape == promised, f"batch has (batch, time) = {shape}, but promises {promised}")
    for batch in (training, evaluation):
        require(batch.mask.dtype == bool, f"mask has dtype {batch.mask.dtype}, but must be bool")
        _check_rows("inputs", batch.inputs, batch.mask.shape, problem.n_inputs)
        _check_rows("targets", batch.targets, batch.mask.shape, problem.n_outputs)
    if problem.loss == "squared_error":
        require(training.targets.dtype.kind == "f", "targets are symbols, but loss is 'squared_error'")


def scores_something_in_every_sequence(problem: Problem) -> None:
    """Each sequence has a scored position."""
    for name, batches in draw(problem)._asdict().items():
        empty = int((~np.asarray(batches.mask).any(axis=-1)).sum())
        require(not empty, f"the {name} mask leaves {empty} sequences without a scored position")


def draws_apart_for_evaluation(problem: Problem) -> None:
    """Where it promises so (`is_disjoint` is True), no sequence of evaluation occurs in training."""
    if not getattr(problem, "is_disjoint", False):
        return
    seen, judged = (_rows(batches.inputs) for batches in draw(problem))
    shared = len(seen & judged)
    require(not shared, f"{shared} evaluation sequences also occur in training, but is_disjoint is True")


def _check_rows(name: str, values: Shaped[np.ndarray, "..."], shape: tuple[int, ...], size: int) -> None:
    if values.dtype.kind in "iu":
        require(values.shape == shape, f"{name} have shape {values.shape}, but symbols must have {shape}")
        low, high = int(values.min()), int(values.max())
        allowed = f"0 to {size - 1}"
        require(low >= 0 and high < size, f"{name} are symbols from {low} to {high}, but must be {allowed}")
        return
    require(values.dtype == np.float32, f"{name} have dtype {values.dtype}, but must be int32 or float32")
    wide = (*shape, size)
    require(values.shape == wide, f"{name} have shape {values.shape}, but vectors must have {wide}")
    require(np.isfinite(values).all(), f"{name} hold numbers that are not finite")


def _same(one: Batch, other: Batch) -> bool:
    return all(bool(jnp.array_equal(a, b)) for a, b in zip(one, other, strict=True))


def _alike(one: Batch, other: Batch) -> bool:
    """Return whether symbols are the same, and numbers up to what a compiler may round differently."""
    return all(a.shape == b.shape and np.allclose(a, b, 1e-5, 1e-6) for a, b in zip(one, other, strict=True))


def _thrice(problem: Problem) -> list[tuple[str, Batch, Batch, Batch]]:
    """Return what is drawn for training and evaluation: by one key, by the same again, and by another."""
    first, another = draw(problem).one(0), draw(problem).one(1)
    if problem.is_fixed:
        again, key = Draws(problem.batch(None), problem.evaluation(None)), jax.random.key(3)
        another = Draws(problem.batch(key), problem.evaluation(key))
    else:
        again = sample(problem, keys_of_draws()[::-1]).one(-1)
    return list(zip(Draws._fields, first, again, another, strict=True))


def _rows(inputs: Shaped[np.ndarray, "draw batch ..."]) -> set[bytes]:
    return {row.tobytes() for draw in inputs for row in draw}
