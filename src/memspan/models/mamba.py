"""Mamba: a state space whose step, input and output depend on what is read (S6), behind a short convolution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import check_range
from memspan.models.abstract import AbstractModel
from memspan.models.linear_scan import linear_scan
from memspan.models.projection import project

__all__ = ["Mamba", "MambaParams", "MambaState"]

# Steps whose states are formed at once; for a longer sequence they are formed again when gradients are.
BLOCK = 128


class MambaParams(NamedTuple):
    """Weights of a Mamba block; the names of the reference in brackets, whose kernels are transposed.

    Attributes:
        input: from the input; content, then gate (in_proj).
        conv_kernel: oldest input first (conv1d.weight).
        conv_bias: one number a channel (conv1d.bias).
        select: from a channel's content to step, B and C (x_proj).
        step_kernel: from the low-rank step to every channel's (dt_proj.weight).
        step_bias: the same (dt_proj.bias).
        log_decay: log of minus the continuous decay (A_log).
        skip: from a channel's content to its output (D).
        output: to the units (out_proj).
    """

    input: Float[AnyArray, "feature 2*channel"]
    conv_kernel: Float[AnyArray, "kernel channel"]
    conv_bias: Float[AnyArray, " channel"]
    select: Float[AnyArray, "channel rank+2*state"]
    step_kernel: Float[AnyArray, "rank channel"]
    step_bias: Float[AnyArray, " channel"]
    log_decay: Float[AnyArray, "channel state"]
    skip: Float[AnyArray, " channel"]
    output: Float[AnyArray, "channel unit"]


class MambaState(NamedTuple):
    """What a Mamba block carries from step to step.

    Attributes:
        past: the last inputs of the convolution, oldest first.
        memory: the state space, in which each number depends on its own previous value only.
    """

    past: Float[AnyArray, "kernel-1 channel"]
    memory: Float[AnyArray, "channel state"]


class _Selected(NamedTuple):
    """What the state space is told by what was read."""

    step: Float[Array, "*time channel"]
    reads: Float[Array, "*time state"]
    shows: Float[Array, "*time state"]
    content: Float[Array, "*time channel"]


@dataclass(frozen=True)
class Mamba(AbstractModel):
    """The Mamba block, without the normalisation and residual around it.

    h(t) = exp(step A) h(t-1) + step B(t) u(t), y = C(t) h + D u, out = W (y silu(z)), with u the input projected,
    convolved over the last `kernel` steps and passed through silu, and step, B and C linear in u. A is made discrete by
    zero-order hold and B by Euler's rule, as in the reference. The block of the paper maps a width to itself; here the
    input projection reads any number of inputs, and the output has `units`.

    Example:
        >>> model = Mamba(units=20)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, state.memory.shape, state.past.shape
        ((20,), (40, 16), (3, 40))

    Attributes:
        units: outputs.
        states: numbers of the state for each channel.
        expand: channels for each unit.
        kernel: steps that the convolution sees, the current one included.

    References:
        Gu and Dao 2023, "Mamba: linear-time sequence modeling with selective state spaces", equation 2 (recurrence),
        equation 4 (zero-order hold), algorithm 2 (S6), figure 3 (block), section 3.6 (initial values).
    """

    units: int = 20
    states: int = 16
    expand: int = 2
    kernel: int = 4

    def __post_init__(self) -> None:
        for name in ("units", "states", "expand", "kernel"):
            check_range(name, getattr(self, name), 1)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of the reference."""
        return {
            "input": "uniform(1/sqrt(inputs))",
            "conv_kernel": "uniform(1/sqrt(kernel))",
            "conv_bias": "zeros",
            "select": "uniform(1/sqrt(channels))",
            "step_kernel": "uniform(1/sqrt(rank))",
            "step_bias": "steps log-uniform from 0.001 to 0.1",
            "log_decay": "S4D-real: log 1, log 2, ...",
            "skip": "ones",
            "output": "uniform(1/sqrt(channels))",
        }

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the input kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """As many as units."""
        return self.units

    @property
    def channels(self) -> int:
        """Channels inside the block, each with a state space of its own."""
        return self.expand * self.units

    @property
    def rank(self) -> int:
        """Rank of the map to the steps: one for every sixteen units, rounded up."""
        return -(-self.units // 16)

    def init(self, rng: np.random.Generator, n_inputs: int) -> MambaParams:
        """Draw what the reference draws."""

        def uniform(rows: int, columns: int, fan: int) -> np.ndarray:
            return rng.uniform(-(fan**-0.5), fan**-0.5, (rows, columns)).astype(np.float32)

        steps = np.exp(rng.uniform(np.log(0.001), np.log(0.1), self.channels))
        decays = np.tile(np.log(np.arange(1, self.states + 1)), (self.channels, 1))
        return MambaParams(
            input=uniform(n_inputs, 2 * self.channels, n_inputs),
            conv_kernel=uniform(self.kernel, self.channels, self.kernel),
            conv_bias=np.zeros(self.channels, np.float32),
            select=uniform(self.channels, self.rank + 2 * self.states, self.channels),
            step_kernel=uniform(self.rank, self.channels, self.rank),
            step_bias=(steps + np.log(-np.expm1(-steps))).astype(np.float32),  # softplus gives the steps back
            log_decay=decays.astype(np.float32),
            skip=np.ones(self.channels, np.float32),
            output=uniform(self.channels, self.units, self.channels),
        )

    def initial_state(self, n_inputs: int) -> MambaState:
        """Return an empty past and a memory of zeros."""
        return MambaState(
            past=np.zeros((self.kernel - 1, self.channels), np.float32),
            memory=np.zeros((self.channels, self.states), np.float32),
        )

    def _select(self, params: MambaParams, convolved: Float[Array, "*time channel"]) -> _Selected:
        """Step, B, C and content, from what the convolution gives."""
        content = jax.nn.silu(convolved + params.conv_bias)
        ends = (self.rank, self.rank + self.states)
        low_rank, reads, shows = jnp.split(content @ params.select, ends, axis=-1)
        return _Selected(jax.nn.softplus(low_rank @ params.step_kernel + params.step_bias), reads, shows, content)

    def _show(
        self, params: MambaParams, read: Float[Array, "*time channel"], selected: _Selected, gate: Array
    ) -> Float[Array, "*time unit"]:
        """The output, from what was read from memory."""
        return (read + params.skip * selected.content) * jax.nn.silu(gate) @ params.output

    def step(
        self, params: MambaParams, state: MambaState, x: Float[Array, " feature"]
    ) -> tuple[MambaState, Float[Array, " unit"]]:
        """Read one input."""
        content, gate = jnp.split(x @ params.input, 2)
        seen = jnp.concatenate([jnp.asarray(state.past), content[None]])
        selected = self._select(params, jnp.sum(seen * params.conv_kernel, axis=0))
        decay, drive = _recurrence(params.log_decay, selected)
        memory = decay * state.memory + drive
        return MambaState(seen[1:], memory), self._show(params, memory @ selected.shows, selected, gate)

    def sequence(
        self, params: MambaParams, state: MambaState, inputs: Shaped[Array, "time ..."]
    ) -> tuple[MambaState, Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        content, gate = jnp.split(project(inputs, params.input), 2, axis=-1)
        time = len(content)
        seen = jnp.concatenate([jnp.asarray(state.past), content])
        places = range(self.kernel)
        convolved = sum((seen[k : k + time] * params.conv_kernel[k] for k in places), start=jnp.zeros_like(content))
        selected = self._select(params, convolved)
        memory, read = _selective_scan(params.log_decay, state.memory, selected)
        return MambaState(seen[time:], memory), self._show(params, read, selected, gate)


def _recurrence(log_decay: Float[AnyArray, "channel state"], selected: _Selected) -> tuple[Array, Array]:
    """What is kept of the memory and what is added to it."""
    decay = jnp.exp(selected.step[..., None] * -jnp.exp(log_decay))
    return decay, (selected.step * selected.content)[..., None] * selected.reads[..., None, :]


def _selective_scan(
    log_decay: Float[AnyArray, "channel state"], memory: Float[AnyArray, "channel state"], selected: _Selected
) -> tuple[Float[Array, "channel state"], Float[Array, "time channel"]]:
    """Read and write memory along a sequence; block by block, for all its states at once would not fit the cache."""

    def block(before: Array, now: _Selected) -> tuple[Array, Array]:
        after, states = linear_scan(*_recurrence(log_decay, now), before)
        return after, jnp.einsum("tcs,ts->tc", states, now.shows)

    time = len(selected.step)
    dtype = jnp.result_type(log_decay, memory, selected.step)
    start = jnp.asarray(memory, dtype)
    if time <= BLOCK:
        return block(start, selected)
    blocks = -(-time // BLOCK)
    length = -(-time // blocks)
    # Padded steps take no time and read nothing: memory stays as it is.
    padded = jax.tree.map(lambda part: jnp.pad(part, ((0, blocks * length - time), (0, 0))), selected)
    parted = jax.tree.map(lambda part: part.reshape(blocks, length, -1), padded)
    end, read = jax.lax.scan(jax.checkpoint(block), start, parted)
    return end, read.reshape(blocks * length, -1)[:time]
