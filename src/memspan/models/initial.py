"""Initial weights, drawn on the host: defaults differ between frameworks and change the outcome, so we own them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

__all__ = ["chrono_biases", "glorot_uniform", "orthogonal"]


def glorot_uniform(
    rng: np.random.Generator, n_inputs: int, n_outputs: int
) -> Float[np.ndarray, "{n_inputs} {n_outputs}"]:
    """Draw from U(-l, l) with l = sqrt(6 / (inputs + outputs)), the default kernel of Keras.

    Example:
        >>> weights = glorot_uniform(np.random.default_rng(0), 5, 80)
        >>> weights.shape, bool(abs(weights).max() <= (6 / 85) ** 0.5)
        ((5, 80), True)

    Args:
        rng: source of randomness.
        n_inputs: rows.
        n_outputs: columns.

    Returns:
        float32 weights.

    References:
        Glorot and Bengio 2010, equation 16.
    """
    limit = np.sqrt(6.0 / (n_inputs + n_outputs))
    return rng.uniform(-limit, limit, size=(n_inputs, n_outputs)).astype(np.float32)


def orthogonal(rng: np.random.Generator, rows: int, columns: int) -> Float[np.ndarray, "{rows} {columns}"]:
    """Draw a matrix with orthonormal rows or columns, whichever are fewer: the default recurrent kernel of Keras.

    Example:
        >>> weights = orthogonal(np.random.default_rng(0), 20, 80)
        >>> bool(np.allclose(weights @ weights.T, np.eye(20), atol=1e-6))
        True

    Args:
        rng: source of randomness.
        rows: rows.
        columns: columns.

    Returns:
        float32 weights, uniform over such matrices.

    References:
        Saxe, McClelland and Ganguli 2014; the sign correction is Mezzadri 2007, section 5.
    """
    tall = rng.standard_normal((max(rows, columns), min(rows, columns)))
    q, r = np.linalg.qr(tall)
    q = q * np.sign(np.diag(r))
    return (q if rows >= columns else q.T).astype(np.float32)


def chrono_biases(rng: np.random.Generator, units: int, longest: int) -> Float[np.ndarray, " {units}"]:
    """Draw biases of forget gates so that the units' time scales spread evenly from 2 to `longest` steps.

    A gate of bias b leaks 1 / (1 + e^b) of its cell a step: with b = log u it keeps for about u + 1 steps.

    Example:
        >>> biases = chrono_biases(np.random.default_rng(0), 1000, longest=101)
        >>> bool((biases >= 0).all()), int(np.exp(biases).max().round())
        (True, 100)

    Args:
        rng: source of randomness.
        units: how many.
        longest: the longest lag that is expected, 3 or more steps.

    Returns:
        log u with u uniform on [1, longest - 1]; input gates take the negative.

    References:
        Tallec and Ollivier 2018, equation 16.
    """
    return np.log(rng.uniform(1.0, longest - 1.0, units)).astype(np.float32)
