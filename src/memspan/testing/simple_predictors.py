"""Two predictors that a problem must defeat: one that guesses, and one that has no memory."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from memspan.core.batch import Batch
from memspan.core.problem import Problem

__all__ = ["guess", "memoryless"]

N_BINS = 8  # of each real-valued feature, for the memoryless table
UNSURE = 1e-3  # spread of a guesser's logits: a random order of the outputs, and no confidence in it


def guess(problem: Problem, batch: Batch, key: Array) -> Float[Array, "batch time output"]:
    """Return outputs that ignore the batch, drawn at random; their expected score is the problem's `chance`.

    Where outputs are logits they are near zero and in random order: the choice is uniform and without
    confidence. Where they are real numbers each answer is the target of some scored position, taken at random.

    Args:
        problem: says what outputs are.
        batch: gives the shape, and the targets to choose from.
        key: decides.
    """
    shape = (*batch.mask.shape, problem.n_outputs)
    if problem.loss != "squared_error":
        return UNSURE * jax.random.normal(key, shape)
    scored = batch.mask.ravel()
    which = jax.random.choice(key, scored.size, batch.mask.shape, p=scored / scored.sum())
    return jnp.asarray(batch.targets).reshape(scored.size, -1)[which]


def memoryless(problem: Problem, known: Batch, asked: Batch) -> Float[np.ndarray, "batch time output"]:
    """Return the outputs of a predictor that sees the current input only, learned from other sequences.

    It is a table from the input (a symbol, or a box of features) to the mean target: the class frequencies as
    logits, or the mean itself.

    Args:
        problem: says what outputs are.
        known: the sequences that fill the table, one row a sequence.
        asked: the sequences to answer.
    """
    boxes, asked_boxes = _boxes(known.inputs, asked.inputs)
    scored = np.asarray(known.mask)
    targets = _vectors(np.asarray(known.targets)[scored], problem.n_outputs)
    table = np.tile(targets.mean(axis=0), (max(boxes.max(), asked_boxes.max()) + 1, 1))
    often = np.bincount(boxes[scored], minlength=len(table))
    sums = np.zeros_like(table)
    np.add.at(sums, boxes[scored], targets)
    table[often > 0] = sums[often > 0] / often[often > 0, None]
    return _as_outputs(table, problem.loss)[asked_boxes].astype(np.float32)


def _vectors(targets: Shaped[np.ndarray, "..."], size: int) -> Float[np.ndarray, "sample output"]:
    return np.eye(size)[targets] if targets.dtype.kind in "iu" else targets.astype(np.float64)


def _as_outputs(means: Float[np.ndarray, "sample output"], loss: str) -> Float[np.ndarray, "sample output"]:
    if loss == "squared_error":
        return means
    likely = np.clip(means, 1e-6, 1 - 1e-6)
    return np.log(likely) if loss == "cross_entropy" else np.log(likely / (1 - likely))


def _boxes(
    known: Shaped[np.ndarray, "batch time ..."], asked: Shaped[np.ndarray, "batch time ..."]
) -> tuple[Int[np.ndarray, "batch time"], Int[np.ndarray, "batch time"]]:
    """Number the inputs: a symbol is its own number, features fall into boxes between quantiles of the known."""
    known, asked = np.asarray(known), np.asarray(asked)
    if known.dtype.kind in "iu":
        return known, asked
    edges = np.quantile(known.reshape(-1, known.shape[-1]), np.linspace(0, 1, N_BINS + 1)[1:-1], axis=0)
    codes = [
        np.stack([np.searchsorted(edges[:, f], x[..., f]) for f in range(x.shape[-1])], -1) for x in (known, asked)
    ]
    rows = np.concatenate([code.reshape(-1, code.shape[-1]) for code in codes])
    number = np.unique(rows, axis=0, return_inverse=True)[1].ravel()
    return number[: known[..., 0].size].reshape(known.shape[:2]), number[known[..., 0].size :].reshape(asked.shape[:2])
