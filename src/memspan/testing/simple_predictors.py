"""Two predictors that a problem must defeat: one that guesses, and one that has no memory."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float, Int, Shaped

from memspan.core.batch import Batch
from memspan.core.problem import Problem

__all__ = ["guess", "memoryless"]

N_BINS = 8  # of each real-valued feature, for the memoryless table
UNSURE = 1e-3  # spread of a guesser's logits: a random order of the outputs, and no confidence in it


def guess(problem: Problem, batch: Batch, rng: np.random.Generator) -> Float[np.ndarray, "*draw batch time output"]:
    """Return outputs that ignore the batch, drawn at random; their expected score is the problem's `chance`.

    Where outputs are logits they are near zero and in random order: the choice is uniform and without
    confidence. Where they are real numbers each answer is the target of some scored position, taken at random.

    Args:
        problem: says what outputs are.
        batch: gives the shape, and the targets to choose from.
        rng: decides.

    Returns:
        The outputs.
    """
    if problem.loss != "squared_error":
        return UNSURE * rng.standard_normal((*batch.mask.shape, problem.n_outputs), np.float32)
    scored = np.asarray(batch.targets)[batch.mask]
    return scored[rng.integers(len(scored), size=batch.mask.shape)]


def memoryless(problem: Problem, known: Batch, asked: Batch) -> Float[np.ndarray, "*draw batch time output"]:
    """Return the outputs of a predictor that sees the current input only, learned from other sequences.

    It is a table from the input (a symbol, or a box of features) to the mean target: the class frequencies as
    logits, or the mean itself.

    Args:
        problem: says what outputs are.
        known: the sequences that fill the table.
        asked: the sequences to answer.

    Returns:
        The outputs for what is asked.
    """
    boxes, asked_boxes = _boxes(np.asarray(known.inputs), np.asarray(asked.inputs))
    targets = _vectors(np.asarray(known.targets)[known.mask], problem.n_outputs)
    table = np.tile(targets.mean(axis=0), (max(boxes.max(), asked_boxes.max()) + 1, 1))
    often = np.bincount(boxes[known.mask], minlength=len(table))
    sums = np.zeros_like(table)
    np.add.at(sums, boxes[known.mask], targets)
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
    known: Shaped[np.ndarray, "..."], asked: Shaped[np.ndarray, "..."]
) -> tuple[Int[np.ndarray, "..."], Int[np.ndarray, "..."]]:
    """Number the inputs: a symbol is its own number, features fall into boxes between quantiles of the known."""
    if known.dtype.kind in "iu":
        return known, asked
    n_features = known.shape[-1]
    both = np.concatenate([known.reshape(-1, n_features), asked.reshape(-1, n_features)])
    edges = np.quantile(both[: known[..., 0].size], np.linspace(0, 1, N_BINS + 1)[1:-1], axis=0)
    codes = [np.searchsorted(edges[:, f], both[:, f]) for f in range(n_features)]
    number = np.unique(np.stack(codes, axis=-1), axis=0, return_inverse=True)[1].ravel()
    return number[: known[..., 0].size].reshape(known.shape[:-1]), number[known[..., 0].size :].reshape(
        asked.shape[:-1]
    )
