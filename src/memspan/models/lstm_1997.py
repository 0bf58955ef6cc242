"""The LSTM of 1997: memory cell blocks without forget gates, and every unit's output fed back to every unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.arrays import AnyArray
from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.models.abstract import AbstractModel
from memspan.models.initial import uniform
from memspan.models.projection import project

__all__ = ["LSTM1997", "SQUASHES", "LSTM1997Params", "LSTM1997State"]

# The logistic function over three ranges, equations 3 to 5 of the appendix, and none.
SQUASHES: dict[str, Callable[[Array], Array]] = {
    "sigmoid": jax.nn.sigmoid,
    "sigmoid(-1..1)": lambda x: 2 * jax.nn.sigmoid(x) - 1,
    "sigmoid(-2..2)": lambda x: 4 * jax.nn.sigmoid(x) - 2,
    "identity": lambda x: x,
}


class LSTM1997Params(NamedTuple):
    """Weights of memory cell blocks; columns are cells (block by block), input gates, output gates.

    Attributes:
        kernel: from the input.
        recurrent: from the outputs of all hidden units; no rows where nothing is fed back.
        bias: of the units that have one, which are the last columns: none, the gates, or all.
    """

    kernel: Float[AnyArray, "feature hidden"]
    recurrent: Float[AnyArray, "source hidden"]
    bias: Float[AnyArray, " biased"]


class LSTM1997State(NamedTuple):
    """What the blocks carry from step to step.

    Attributes:
        cell: the internal states, to which a step only ever adds; the one path along which the learning rule of
            1997 lets errors flow back.
        hidden: what is fed back: cell outputs, input gates, output gates; empty where nothing is.
    """

    cell: Float[AnyArray, " cell"]
    hidden: Float[AnyArray, " source"]


@dataclass(frozen=True)
class LSTM1997(AbstractModel):
    """Memory cell blocks as first published: s' = s + y_in g(net_c), y_c = y_out h(s').

    Example:
        Weights and biases of the hidden layer of experiment 4; its read-out adds 4 weights and a bias.

        >>> from memspan.models.size import size
        >>> size(LSTM1997(blocks=2, size=2, biased="hidden"), n_inputs=2).parameters
        88

    Attributes:
        blocks: memory cell blocks, each with an input gate and an output gate of its own.
        size: cells in a block; they share its gates.
        g: squashes what is written: "sigmoid", "sigmoid(-1..1)", "sigmoid(-2..2)" or "identity".
        h: squashes what is shown, one of the same names.
        output_gate: whether blocks have output gates; without, a cell shows h(s).
        connected: "full", all hidden units read the input and the last outputs of all hidden units, gates included;
            or "inputs", they read the input alone.
        biased: which units have a bias: "none", "gates" or "hidden" (gates and cells).
        input_bias: initial biases of the input gates, one a block; None draws them like weights.
        output_bias: initial biases of the output gates, one a block; None draws them like weights.
        limit: weights are drawn uniformly between minus this and this.

    References:
        Hochreiter and Schmidhuber 1997, appendix A.1 (f, h, g: equations 3 to 5), tables 10 and 11.
    """

    blocks: int = 2
    size: int = 1
    g: str = "sigmoid(-2..2)"
    h: str = "sigmoid(-1..1)"
    output_gate: bool = True
    connected: str = "full"
    biased: str = "gates"
    input_bias: tuple[float, ...] | None = None
    output_bias: tuple[float, ...] | None = None
    limit: float = 0.1

    def __post_init__(self) -> None:
        check_range("blocks", self.blocks, 1)
        check_range("size", self.size, 1)
        check_choice("g", self.g, SQUASHES)
        check_choice("h", self.h, SQUASHES)
        check_choice("connected", self.connected, ["full", "inputs"])
        check_choice("biased", self.biased, ["none", "gates", "hidden"])
        self._check_biases("input_bias", self.input_bias)
        self._check_biases("output_bias", self.output_bias)
        if self.output_bias is not None and not self.output_gate:
            raise InvalidInput(
                f"output_bias must be None where output_gate is False, but got {self.output_bias}; "
                "leave it out, or give the blocks output gates"
            )

    def _check_biases(self, argument: str, given: tuple[float, ...] | None) -> None:
        if given is None:
            return
        if self.biased == "none":
            raise InvalidInput(
                f"{argument} must be None where biased is 'none', but got {given}; leave it out, or use biased='gates'"
            )
        if len(given) != self.blocks:
            raise InvalidInput(
                f"{argument} must have one number for each of {self.blocks} blocks, but got {len(given)}; "
                f"give {self.blocks}, or None to draw them"
            )

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Uniform weights; gate biases where they were given."""
        drawn = f"uniform(-{self.limit:g}..{self.limit:g})"
        gates = {"input": self.input_bias, "output": self.output_bias}
        given = [f"{name} gates {values}" for name, values in gates.items() if values is not None]
        return {"kernel": drawn, "recurrent": drawn, "bias": ", ".join([drawn, *given])}

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The output is that of the cells."""
        return self.blocks * self.size

    @property
    def _units(self) -> int:
        """Cells, input gates and output gates."""
        return self.n_outputs + self.blocks * (1 + self.output_gate)

    def init(self, rng: np.random.Generator, n_inputs: int) -> LSTM1997Params:
        """Draw all weights from one interval; set the gate biases that were given."""
        units = self._units
        gates = units - self.n_outputs
        kernel = uniform(rng, self.limit, n_inputs, units)
        recurrent = uniform(rng, self.limit, units if self.connected == "full" else 0, units)
        bias = uniform(rng, self.limit, {"none": 0, "gates": gates, "hidden": units}[self.biased])
        if self.input_bias is not None:
            bias[len(bias) - gates :][: self.blocks] = self.input_bias
        if self.output_bias is not None:
            bias[len(bias) - self.blocks :] = self.output_bias
        return LSTM1997Params(kernel, recurrent, bias)

    def initial_state(self, n_inputs: int) -> LSTM1997State:
        """Return zeros, for the internal states and for all activations."""
        fed_back = self._units if self.connected == "full" else 0
        return LSTM1997State(cell=np.zeros(self.n_outputs, np.float32), hidden=np.zeros(fed_back, np.float32))

    def _biases(self, params: LSTM1997Params) -> Float[Array, " hidden"]:
        """The bias of every hidden unit, zero for those without."""
        return jnp.pad(jnp.asarray(params.bias), (self._units - len(params.bias), 0))

    def _advance(
        self, recurrent: Float[AnyArray, "source hidden"], state: LSTM1997State, sums: Float[Array, " hidden"]
    ) -> tuple[LSTM1997State, Float[Array, " cell"]]:
        """Take one step, given what input and bias add to every hidden unit."""
        nets = sums + state.hidden @ recurrent
        net_cell, net_gates = jnp.split(nets, [self.n_outputs])
        gates = jax.nn.sigmoid(net_gates)
        opened = jnp.repeat(gates.reshape(-1, self.blocks), self.size, axis=1)  # a block's cells share its gates
        cell = state.cell + opened[0] * SQUASHES[self.g](net_cell)
        shown = SQUASHES[self.h](cell)
        output = opened[1] * shown if self.output_gate else shown
        fed_back = jnp.concatenate([output, gates]) if self.connected == "full" else state.hidden
        return LSTM1997State(cell=cell, hidden=fed_back), output

    def step(
        self, params: LSTM1997Params, state: LSTM1997State, x: Float[Array, " feature"]
    ) -> tuple[LSTM1997State, Float[Array, " cell"]]:
        """Read one input; the output is that of the cells."""
        from_input = jnp.sum(x[:, None] * params.kernel, axis=0)
        return self._advance(params.recurrent, state, from_input + self._biases(params))

    def sequence(
        self, params: LSTM1997Params, state: LSTM1997State, inputs: Shaped[Array, "time ..."]
    ) -> tuple[LSTM1997State, Float[Array, "time cell"]]:
        """Read a whole sequence of vectors or symbols."""
        sums = project(inputs, params.kernel) + self._biases(params)
        start = LSTM1997State(*map(jnp.asarray, state))
        return jax.lax.scan(lambda before, now: self._advance(params.recurrent, before, now), start, sums)
