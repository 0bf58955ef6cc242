"""Initial weights, drawn on the host: defaults differ between frameworks and change the outcome, so we own them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from memspan.core.errors import check_choice

__all__ = [
    "INITIALISERS",
    "chrono_biases",
    "glorot_uniform",
    "identity",
    "initialiser",
    "orthogonal",
    "small_normal",
    "uniform",
    "uniform_fan_in",
]


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


def uniform(rng: np.random.Generator, limit: float, *shape: int) -> Float[np.ndarray, "..."]:
    """Draw from U(-limit, limit).

    Example:
        >>> weights = uniform(np.random.default_rng(0), 0.1, 4, 3)
        >>> weights.shape, bool(abs(weights).max() <= 0.1)
        ((4, 3), True)

    Args:
        rng: source of randomness.
        limit: the largest weight.
        shape: any number of axes.

    Returns:
        float32 weights.

    References:
        limit 1 / sqrt(units) is that of torch.nn.LSTM; limits 0.1 and 0.2 are those of Hochreiter and Schmidhuber
        1997, table 11.
    """
    return rng.uniform(-limit, limit, size=shape).astype(np.float32)


def uniform_fan_in(rng: np.random.Generator, rows: int, columns: int) -> Float[np.ndarray, "{rows} {columns}"]:
    """Draw from U(-l, l) with l = 1 / sqrt(rows): the recurrent weights of torch.nn.RNN, the kernel of torch.nn.Linear.

    Example:
        >>> bool(abs(uniform_fan_in(np.random.default_rng(0), 16, 80)).max() <= 0.25)
        True

    Args:
        rng: source of randomness.
        rows: rows, one an input.
        columns: columns.

    Returns:
        float32 weights.
    """
    return uniform(rng, rows**-0.5, rows, columns)


def identity(rng: np.random.Generator, rows: int, columns: int) -> Float[np.ndarray, "{rows} {columns}"]:
    """Return ones on the diagonal: a state that nothing changes stays as it is.

    Example:
        >>> identity(np.random.default_rng(0), 2, 3).tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]

    Args:
        rng: not used; nothing is drawn.
        rows: rows.
        columns: columns.

    Returns:
        float32 weights.

    References:
        Le, Jaitly and Hinton 2015.
    """
    return np.eye(rows, columns, dtype=np.float32)


def small_normal(rng: np.random.Generator, rows: int, columns: int) -> Float[np.ndarray, "{rows} {columns}"]:
    """Draw from a normal distribution of standard deviation 0.001: the input weights of the IRNN.

    Example:
        >>> bool(abs(small_normal(np.random.default_rng(0), 5, 20)).max() < 0.01)
        True

    Args:
        rng: source of randomness.
        rows: rows.
        columns: columns.

    Returns:
        float32 weights.

    References:
        Le, Jaitly and Hinton 2015, section 4.
    """
    return rng.normal(0.0, 0.001, size=(rows, columns)).astype(np.float32)


INITIALISERS: dict[str, Callable[[np.random.Generator, int, int], np.ndarray]] = {
    "glorot_uniform": glorot_uniform,
    "orthogonal": orthogonal,
    "identity": identity,
    "uniform_fan_in": uniform_fan_in,
    "small_normal": small_normal,
}


def initialiser(argument: str, name: str) -> Callable[[np.random.Generator, int, int], np.ndarray]:
    """Return the initialiser of a name, or say which names there are.

    Example:
        >>> initialiser("recurrent", "identiy")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: recurrent must be one of glorot_uniform, orthogonal, identity,
        uniform_fan_in, small_normal, but got 'identiy'; did you mean 'identity'?

    Args:
        argument: the argument's name, for the message.
        name: the initialiser's name.

    Returns:
        A function of (rng, rows, columns) that draws a matrix.

    Raises:
        InvalidInput: there is no such initialiser.
    """
    return INITIALISERS[check_choice(argument, name, INITIALISERS)]
