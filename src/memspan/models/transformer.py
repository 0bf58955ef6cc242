"""A causal Transformer layer that sees a window of the past: the decoder layer of Llama."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput, check_range
from memspan.models.abstract import AbstractModel
from memspan.models.attention import windowed_attention
from memspan.models.heads import units_per_head
from memspan.models.initial import glorot_uniform
from memspan.models.projection import project

__all__ = ["Transformer", "TransformerParams", "TransformerState"]

EPSILON = 1e-6  # of the normalisation, as in Llama


class TransformerParams(NamedTuple):
    """Weights of a Transformer layer; no biases.

    Attributes:
        embedding: from the input to the stream that runs through the layer.
        attention_norm: scale of what attention reads.
        queries: to queries, head by head.
        keys: to keys.
        values: to values.
        attention_output: from what the heads saw, back to the stream.
        inner_norm: scale of what the inner layer reads.
        inner_gate: to the gates of the inner units.
        inner: to the inner units.
        inner_output: from the inner units back to the stream.
    """

    embedding: Float[AnyArray, "feature unit"]
    attention_norm: Float[AnyArray, " unit"]
    queries: Float[AnyArray, "unit unit"]
    keys: Float[AnyArray, "unit unit"]
    values: Float[AnyArray, "unit unit"]
    attention_output: Float[AnyArray, "unit unit"]
    inner_norm: Float[AnyArray, " unit"]
    inner_gate: Float[AnyArray, "unit inner"]
    inner: Float[AnyArray, "unit inner"]
    inner_output: Float[AnyArray, "inner unit"]


class TransformerState(NamedTuple):
    """What a Transformer layer carries from step to step: a cache, oldest step first.

    Attributes:
        keys: of the last context - 1 steps, before rotation.
        values: of the same steps.
        seen: how many of them were read; it stops at context - 1.
    """

    keys: Float[AnyArray, "past head part"]
    values: Float[AnyArray, "past head part"]
    seen: Float[AnyArray, ""]


@dataclass(frozen=True)
class Transformer(AbstractModel):
    """One pre-norm decoder layer with rotary positions and a gated inner layer; it sees the last `context` inputs.

    Its state is the keys and values it may still look at, so one layer remembers exactly `context` steps; a stack of
    n layers reaches n (context - 1) + 1. Positions count from the present, and no number grows with the sequence.
    The output is the stream, not normalised; layers of a stack each have their own embedding.

    Example:
        >>> model = Transformer(units=20, heads=2, context=16)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.keys.shape, float(state.seen)
        ((20,), (15, 2, 10), 1.0)

    Attributes:
        units: width of the stream.
        heads: heads of attention; each has an even number of units, units / heads.
        context: inputs seen at once, the current one included.
        inner_units: units of the inner layer; None takes 8/3 of `units`, rounded up.

    References:
        Vaswani et al. 2017; Touvron et al. 2023 (Llama): RMS normalisation before each part, SwiGLU, rotary positions
        (Su et al. 2021). Initial weights are our choice: Llama's are normal with deviation 0.02, which suits wide
        layers.
    """

    units: int = 20
    heads: int = 2
    context: int = 128
    inner_units: int | None = None

    def __post_init__(self) -> None:
        part = units_per_head(self.units, self.heads)
        check_range("context", self.context, 1)
        if part % 2:
            raise InvalidInput(
                f"units / heads must be even, because positions rotate pairs, but got {self.units} / {self.heads}; "
                f"use units={self.units + self.heads}"
            )
        if self.inner_units is not None:
            check_range("inner_units", self.inner_units, 1)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Glorot for all matrices."""
        drawn = dict.fromkeys(TransformerParams._fields, "glorot_uniform")
        return drawn | {"attention_norm": "ones", "inner_norm": "ones"}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the embedding."""
        return True

    @property
    def n_outputs(self) -> int:
        """The stream is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> TransformerParams:
        """Draw all matrices."""
        units, ones = self.units, np.ones(self.units, np.float32)
        inner = self.inner_units or -(-8 * units // 3)
        queries, keys, values, attention_output = (glorot_uniform(rng, units, units) for _ in range(4))
        return TransformerParams(
            embedding=glorot_uniform(rng, n_inputs, units),
            attention_norm=ones,
            queries=queries,
            keys=keys,
            values=values,
            attention_output=attention_output,
            inner_norm=ones,
            inner_gate=glorot_uniform(rng, units, inner),
            inner=glorot_uniform(rng, units, inner),
            inner_output=glorot_uniform(rng, inner, units),
        )

    def initial_state(self, n_inputs: int) -> TransformerState:
        """Return an empty cache."""
        cache = np.zeros((self.context - 1, self.heads, units_per_head(self.units, self.heads)), np.float32)
        return TransformerState(cache, cache, np.zeros((), np.float32))

    def step(
        self, params: TransformerParams, state: TransformerState, x: Float[Array, " feature"]
    ) -> tuple[TransformerState, Float[Array, " unit"]]:
        """Read one input."""
        after, outputs = self.sequence(params, state, x[None])
        return after, outputs[0]

    def sequence(
        self, params: TransformerParams, state: TransformerState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[TransformerState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        time, part = len(inputs), self.units // self.heads
        stream = project(inputs, params.embedding)
        read = _normalised(stream) * params.attention_norm
        queries, keys, values = (
            (read @ kernel).reshape(time, self.heads, part) for kernel in (params.queries, params.keys, params.values)
        )
        keys, values = jnp.concatenate([state.keys, keys]), jnp.concatenate([state.values, values])
        found = windowed_attention(queries, keys, values, jnp.asarray(state.seen))
        stream = stream + found.reshape(time, self.units) @ params.attention_output
        read = _normalised(stream) * params.inner_norm
        stream = stream + (jax.nn.silu(read @ params.inner_gate) * (read @ params.inner)) @ params.inner_output
        seen = jnp.minimum(state.seen + time, self.context - 1)
        return TransformerState(keys[time:], values[time:], seen), stream


def _normalised(stream: Float[Array, "time unit"]) -> Float[Array, "time unit"]:
    """Return rows of mean square one."""
    return stream * jax.lax.rsqrt(jnp.mean(stream * stream, axis=-1, keepdims=True) + EPSILON)
