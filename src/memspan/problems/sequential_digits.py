"""Sequential digits: a picture of a digit is read pixel by pixel, and at the end it is asked which digit it was."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.problems.scoring import accuracy, choice_is_right, one_hot_logits

__all__ = ["SequentialDigits"]

N_PIXELS = 64
N_DIGITS = 10
SPLITS = {"training": slice(0, 1197), "validation": slice(1197, 1497), "test": slice(1497, 1797)}
JUDGED = ("validation", "test")
SPLIT_SEED = 0


@dataclass(frozen=True)
class SequentialDigits:
    """Handwritten digits of 8 by 8 pixels, one pixel a step; the label is asked at the last step.

    The pictures are those that come with scikit-learn, no download: 1,197 to train on, 300 for validation and
    300 for test, drawn once with a fixed seed. The three sets are disjoint by construction, and all pictures
    differ. What success is judged on is part of the problem: choose models with "validation" and judge them
    with "test". Solved, by our choice: 90 % right.

    Example:
        The first picture of the training set, as it is read, in 16ths, and its label.

        >>> batch = SequentialDigits().batch()
        >>> (batch.inputs[0].reshape(8, 8) * 16).astype(int).tolist()[:2]
        [[0, 0, 1, 13, 7, 0, 0, 0], [0, 0, 7, 14, 2, 0, 0, 0]]
        >>> int(batch.targets[0, -1])
        6

    Args:
        permutation_seed: None reads row by row; a number reads in an order that is drawn from this seed, the
            same for all pictures.
        judged_on: "validation" or "test".

    Raises:
        InvalidInput: an argument is out of range.
    """

    reference: ClassVar[str] = (
        "Q. V. Le, N. Jaitly, G. E. Hinton, A Simple Way to Initialize Recurrent Networks of Rectified Linear Units, "
        "arXiv:1504.00941, 2015, with 784 pixels; here the 64-pixel digits of E. Alpaydin, C. Kaynak, Optical "
        "Recognition of Handwritten Digits, UCI, 1998, as scikit-learn ships them"
    )
    is_fixed: ClassVar[bool] = True
    is_disjoint: ClassVar[bool] = True
    loss: ClassVar[str] = "cross_entropy"
    score_name: ClassVar[str] = "accuracy"
    n_inputs: ClassVar[int] = 1
    n_outputs: ClassVar[int] = N_DIGITS
    n_steps: ClassVar[int] = N_PIXELS
    n_sequences: ClassVar[int] = 1197
    chance: ClassVar[float] = 1 / N_DIGITS
    best: ClassVar[float] = 1.0
    passing: ClassVar[float] = 0.9

    permutation_seed: int | None = None
    judged_on: str = "validation"

    def __post_init__(self) -> None:
        if self.permutation_seed is not None:
            check_range("permutation_seed", self.permutation_seed, 0)
        check_choice("judged_on", self.judged_on, JUDGED)

    @classmethod
    def permuted(cls, seed: int = 0, judged_on: str = "validation") -> SequentialDigits:
        """Return the digits read in a fixed random order, so that neighbours in time are not neighbours."""
        return cls(seed, judged_on)

    @property
    def variant(self) -> str:
        """The problem's full name, with its source."""
        order = "sequential" if self.permutation_seed is None else "permuted sequential"
        return f"{order} digits (after Le 2015; scikit-learn's 8 x 8), judged on {self.judged_on}"

    @property
    def floor(self) -> float:
        """Most that a table from the last pixel to a label can reach on the judged set: it is counted."""
        pixels, labels = self._split(self.judged_on)
        last = np.round(16 * pixels[:, -1, 0]).astype(int)
        votes = np.zeros((17, N_DIGITS), int)
        np.add.at(votes, (last, labels), 1)
        return float(votes.max(axis=1).sum() / len(labels))

    def batch(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return the training set, always the same.

        Raises:
            InvalidInput: scikit-learn is not installed.
        """
        return _asked_last(*self._split("training"))

    def evaluation(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return the set that success is judged on, always the same.

        Raises:
            InvalidInput: scikit-learn is not installed.
        """
        return _asked_last(*self._split(self.judged_on))

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the labels of pictures that are looked up among all: no picture occurs twice."""
        pixels, labels = _pictures()
        known = pixels[:, self._order()]
        distance = jnp.sum((batch.inputs[:, None, :, 0] - known) ** 2, axis=2)
        found = jnp.asarray(labels)[jnp.argmin(distance, axis=1)]
        return one_hot_logits(jnp.broadcast_to(found[:, None], batch.mask.shape), N_DIGITS)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right label, at each position, scored or not."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the share of pictures whose label is right."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether at least 90 % of the pictures are right."""
        return self.score(outputs, batch) >= self.passing

    def _order(self) -> Int[np.ndarray, " time"]:
        if self.permutation_seed is None:
            return np.arange(N_PIXELS)
        return np.random.default_rng(self.permutation_seed).permutation(N_PIXELS)

    def _split(self, name: str) -> tuple[Float[np.ndarray, "batch time 1"], Int[np.ndarray, " batch"]]:
        pixels, labels = _pictures()
        rows = np.random.default_rng(SPLIT_SEED).permutation(len(labels))[SPLITS[name]]
        return pixels[rows][:, self._order(), None], labels[rows]


@lru_cache(maxsize=1)
def _pictures() -> tuple[Float[np.ndarray, "picture pixel"], Int[np.ndarray, " picture"]]:
    """All pictures, pixels from 0 to 1, and their labels."""
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise InvalidInput(
            f"the digits come with scikit-learn, which cannot be imported ({error}); run pip install 'memspan[digits]'"
        ) from error
    digits: Any = load_digits()
    return (digits.data / 16).astype(np.float32), digits.target.astype(np.int32)


def _asked_last(pixels: Float[np.ndarray, "batch time 1"], labels: Int[np.ndarray, " batch"]) -> Batch:
    targets = np.zeros(pixels.shape[:2], np.int32)
    targets[:, -1] = labels
    mask = np.broadcast_to(np.arange(N_PIXELS) == N_PIXELS - 1, targets.shape)
    return Batch(jnp.asarray(pixels), jnp.asarray(targets), jnp.asarray(mask))
