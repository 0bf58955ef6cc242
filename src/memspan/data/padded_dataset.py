"""Several sequences as one dataset: windows and next symbols side by side, with a mask."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from memspan.core.errors import InvalidInput
from memspan.data.alphabet import Alphabet
from memspan.data.pairs import to_lstm_dataset
from memspan.data.ragged import pad

__all__ = ["PaddedDataset", "to_padded_dataset"]


class PaddedDataset(NamedTuple):
    """What `to_lstm_dataset` gives, for several sequences side by side.

    Three ways to use it: sequence by sequence, as in the tutorial, `inputs[i][mask[i]]`; all samples
    of all sequences in a row for a network that keeps no state, `inputs[mask]` and `targets[mask]`; whole
    sequences for a network that answers at every step, `inputs[:, :, -1]` of (batch, time, feature) with
    `targets` and `mask`.

    Attributes:
        inputs: one-hot windows; zeros at padding.
        targets: the one-hot symbol after each window; zeros at padding.
        mask: True at samples, False at padding.
    """

    inputs: Float[np.ndarray, "batch sample window feature"]
    targets: Float[np.ndarray, "batch sample feature"]
    mask: Bool[np.ndarray, "batch sample"]


def to_padded_dataset(sequences: Iterable[Iterable[Any]], n_unique: int | Alphabet, window: int = 1) -> PaddedDataset:
    """Return the dataset of several sequences of any lengths; no window reaches from one into another.

    Example:
        >>> data = to_padded_dataset([[3, 0, 1, 2, 3], [4, 0, 4]], 5)
        >>> data.inputs.shape, data.targets.shape
        ((2, 4, 1, 5), (2, 4, 5))
        >>> data.mask.tolist()
        [[True, True, True, True], [True, True, False, False]]
        >>> data.inputs[data.mask].shape
        (6, 1, 5)

    Args:
        sequences: sequences of symbols of the alphabet.
        n_unique: the size of an alphabet of integers 0, 1, ..., or the alphabet itself, of all sequences.
        window: symbols per sample (time steps), at least 1.

    Returns:
        Inputs, targets and mask, float32.

    Raises:
        InvalidInput: there is no sequence, a symbol is not in the alphabet, or a sequence is too short.
    """
    pairs = [to_lstm_dataset(sequence, n_unique, window) for sequence in sequences]
    if not pairs:
        raise InvalidInput("sequences must hold at least one sequence, but got none; give one or more")
    inputs, mask = pad(X for X, _ in pairs)
    targets, _ = pad(y for _, y in pairs)
    return PaddedDataset(inputs, targets, mask)
