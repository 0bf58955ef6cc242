"""What every oracle is given: weights, sequences, and which of the results are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SEQUENCES = ((3, 0, 1, 2, 3), (4, 0, 1, 2, 4))
N_SYMBOLS = 5
N_STEPS = 4
GRADIENTS_AT = (0, 3)  # steps of the first sequence; the state is carried up to them
UPDATES_AT = (1, 2, 3, 8)  # the state is reset after the fourth, so that 8 are one epoch of the tutorial

# Logits around and far beyond the clipping of Keras, which begins at 16.12.
LOGITS = np.array([-60.0, -20.0, -16.2, -16.0, -10.0, -1.0, 0.0, 1.0, 10.0, 16.0, 16.2, 20.0, 60.0])


PARTS = ("kernel", "recurrent", "bias", "dense_kernel", "dense_bias")


@dataclass(frozen=True, eq=False)
class Case:
    """The weights of one network, laid out as in Keras; biases are not zero, so that they cannot hide."""

    units: int
    gate: str
    kernel: np.ndarray
    recurrent: np.ndarray
    bias: np.ndarray
    dense_kernel: np.ndarray
    dense_bias: np.ndarray

    @property
    def weights(self) -> list[np.ndarray]:
        return [getattr(self, part) for part in PARTS]


def draw(units: int, gate: str, seed: int) -> Case:
    """Draw weights that move the gates over their whole range, the flat ends of hard_sigmoid included."""
    rng = np.random.default_rng(seed)
    shapes = [(N_SYMBOLS, 4 * units), (units, 4 * units), (4 * units,), (units, N_SYMBOLS), (N_SYMBOLS,)]
    scales = (1.5, 0.4, 0.5, 0.5, 0.5)
    return Case(units, gate, *(rng.normal(0, s, shape).astype("f4") for s, shape in zip(scales, shapes, strict=True)))


def flat(arrays: list[np.ndarray]) -> np.ndarray:
    """Return arrays one after the other, as one vector."""
    return np.concatenate([np.asarray(array, np.float32).ravel() for array in arrays])


def one_hot(symbols: tuple[int, ...]) -> np.ndarray:
    return np.eye(N_SYMBOLS, dtype=np.float32)[list(symbols)]


def pairs(sequence: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets, one row a step."""
    return one_hot(sequence[:-1]), one_hot(sequence[1:])


def met(losses: np.ndarray) -> np.ndarray:
    """Return the losses of the updates that are kept: the first ones, and the mean of the epoch for the last."""
    return np.array([*losses[: len(UPDATES_AT) - 1], losses.mean()])


def steps() -> list[tuple[int, int, np.ndarray, np.ndarray]]:
    """Return the steps of one epoch: sequence, step, input, target."""
    rows = [pairs(sequence) for sequence in SEQUENCES]
    return [(n, t, x[t], y[t]) for n, (x, y) in enumerate(rows) for t in range(N_STEPS)]


CASES = {"lstm": (20, "sigmoid", 1), "keras2": (5, "hard_sigmoid", 2)}
