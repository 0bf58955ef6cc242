"""DeltaNet: a matrix memory that replaces what it keeps under a key, in place of adding to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.models.abstract import AbstractModel
from memspan.models.chunks import scan_chunks
from memspan.models.heads import units_per_head
from memspan.models.initial import glorot_uniform
from memspan.models.projection import project

__all__ = ["DeltaNet", "DeltaNetParams"]

EPSILON = 1e-6  # keeps the direction of a zero vector finite


class DeltaNetParams(NamedTuple):
    """Weights of a DeltaNet; no biases.

    Attributes:
        kernel: from the input to queries, keys and values; three blocks of `units` columns, head by head.
        rate: from the input to the logit of each head's rate of writing.
    """

    kernel: Float[AnyArray, "feature 3*unit"]
    rate: Float[AnyArray, "feature head"]


class _Reading(NamedTuple):
    """What the heads receive from the input."""

    queries: Float[Array, "*time key"]
    keys: Float[Array, "*time key"]
    values: Float[Array, "*time value"]
    rates: Float[Array, "*time"]


@dataclass(frozen=True)
class DeltaNet(AbstractModel):
    """The bare layer of DeltaNet: no convolution, normalisation or projection around it.

    At every step the memory S of a head is asked for the value under the key k, and moved towards the value v:
    S <- S + b (v - S k) k^T, with b between 0 and 1; the output is S q. Keys and queries are SiLUs of length one.

    Example:
        >>> model = DeltaNet(units=20, heads=2)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.shape
        ((20,), (2, 10, 10))

    Attributes:
        units: outputs; each head has units / heads keys and as many values.
        heads: memories side by side.

    References:
        Schlag, Irie and Schmidhuber 2021, equations 23 to 27; chunks: Yang et al. 2024, equations 7 to 11. The memory
        is kept transposed, one row a key.
    """

    units: int = 20
    heads: int = 2

    def __post_init__(self) -> None:
        units_per_head(self.units, self.heads)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Glorot."""
        return {"kernel": "glorot_uniform, each block", "rate": "glorot_uniform"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks rows of the kernels."""
        return True

    @property
    def n_outputs(self) -> int:
        """What the heads read, side by side, is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> DeltaNetParams:
        """Draw all weights."""
        blocks = [glorot_uniform(rng, n_inputs, self.units) for _ in range(3)]
        return DeltaNetParams(np.concatenate(blocks, axis=1), glorot_uniform(rng, n_inputs, self.heads))

    def initial_state(self, n_inputs: int) -> Float[np.ndarray, "head key value"]:
        """Return empty memories."""
        part = units_per_head(self.units, self.heads)
        return np.zeros((self.heads, part, part), np.float32)

    def _reading(self, params: DeltaNetParams, inputs: Shaped[Array, "..."]) -> _Reading:
        """Return what the heads receive, head before units."""
        sums = project(inputs, params.kernel)
        shape = *sums.shape[:-1], self.heads, self.units // self.heads
        queries, keys, values = (rows.reshape(shape) for rows in jnp.split(sums, 3, axis=-1))
        rates = jax.nn.sigmoid(project(inputs, params.rate))
        return _Reading(_direction(queries), _direction(keys), values, rates)

    def step(
        self, params: DeltaNetParams, state: Float[AnyArray, "head key value"], x: Float[Array, " feature"]
    ) -> tuple[Float[Array, "head key value"], Float[Array, " unit"]]:
        """Read one input."""
        now = self._reading(params, x)
        known = jnp.einsum("hkv,hk->hv", state, now.keys)
        change = now.rates[:, None] * (now.values - known)
        after = state + now.keys[:, :, None] * change[:, None, :]
        return after, jnp.einsum("hkv,hk->hv", after, now.queries).reshape(-1)

    def sequence(
        self, params: DeltaNetParams, state: Float[AnyArray, "head key value"], inputs: Shaped[Array, "time ..."]
    ) -> tuple[Float[Array, "head key value"], Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols, all steps of a chunk at once."""
        end, outputs = scan_chunks(_read, jnp.asarray(state), tuple(self._reading(params, inputs)), (0.0,) * 4)
        return end, outputs.reshape(len(inputs), self.units)


def _direction(rows: Float[Array, "*rows key"]) -> Float[Array, "*rows key"]:
    """Return the SiLUs of rows, of length one."""
    rows = jax.nn.silu(rows)
    return rows * jax.lax.rsqrt(jnp.sum(rows * rows, axis=-1, keepdims=True) + EPSILON)


def _read(state: Float[Array, "head key value"], now: tuple[Any, ...]) -> tuple[Any, Float[Array, "time head value"]]:
    """Read one chunk, all heads."""
    return jax.vmap(_read_chunk, in_axes=(0, 1), out_axes=(0, 1))(state, _Reading(*now))


def _read_chunk(
    state: Float[Array, "key value"], now: _Reading
) -> tuple[Float[Array, "key value"], Float[Array, "time value"]]:
    """Read one chunk of one head: the changes of all its steps solve one triangular system.

    Change t is b_t (v_t - S_0 k_t - sum over earlier s of (k_s . k_t) change_s), Yang et al. 2024, equation 7.
    """
    overlaps = jnp.tril(now.rates[:, None] * (now.keys @ now.keys.T), -1)
    due = now.rates[:, None] * (now.values - now.keys @ state)
    system = jnp.eye(len(overlaps), dtype=overlaps.dtype) + overlaps
    changes = jax.scipy.linalg.solve_triangular(system, due, lower=True, unit_diagonal=True)
    outputs = now.queries @ state + jnp.tril(now.queries @ now.keys.T) @ changes
    return state + now.keys.T @ changes, outputs
