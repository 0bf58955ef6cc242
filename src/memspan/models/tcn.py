"""The temporal convolutional network: residual blocks of dilated causal convolutions."""

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
from memspan.models.convolution import causal_convolution
from memspan.models.initial import uniform
from memspan.models.projection import project

__all__ = ["TCN", "TCNBlock", "TCNState"]


class TCNBlock(NamedTuple):
    """Weights of one residual block.

    Attributes:
        first: kernel of the first convolution, oldest input first.
        first_bias: its bias.
        second: kernel of the second convolution.
        second_bias: its bias.
        skip: the way around both, in the first block; in later ones the way around changes nothing.
        skip_bias: its bias.
    """

    first: Float[AnyArray, "place feature unit"]
    first_bias: Float[AnyArray, " unit"]
    second: Float[AnyArray, "place unit unit"]
    second_bias: Float[AnyArray, " unit"]
    skip: Float[AnyArray, "feature unit"] | None
    skip_bias: Float[AnyArray, " unit"] | None


class TCNState(NamedTuple):
    """What one block carries from step to step.

    Attributes:
        first: the last (kernel - 1) x dilation inputs of the first convolution.
        second: those of the second.
    """

    first: Float[AnyArray, "past feature"]
    second: Float[AnyArray, "past unit"]


@dataclass(frozen=True)
class TCN(AbstractModel):
    """Residual blocks of two dilated causal convolutions and ReLUs each.

    It sees exactly the last `receptive_field` inputs, by construction: 1 + 2 (kernel - 1) (sum of dilations).
    Weight normalisation and dropout of the paper are left out.

    Example:
        >>> model = TCN(units=8, kernel=3, dilations=(1, 2, 4))
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, model.receptive_field
        ((8,), 29)

    Attributes:
        units: channels of every convolution.
        kernel: inputs that a convolution sees, the current one included.
        dilations: for each block, the steps between those inputs.

    References:
        Bai, Kolter and Koltun 2018, section 3 and figure 1. The way around the first block is always a linear map
        (the paper's "optional" 1x1 convolution).
    """

    units: int = 20
    kernel: int = 3
    dilations: tuple[int, ...] = (1, 2, 4, 8)

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        check_range("kernel", self.kernel, 1)
        if not self.dilations:
            raise InvalidInput("dilations must be one or more whole numbers, but got none; use for example (1, 2, 4)")
        for dilation in self.dilations:
            check_range("dilations", dilation, 1)

    @property
    def receptive_field(self) -> int:
        """Inputs that an output depends on, the current one included."""
        return 1 + 2 * (self.kernel - 1) * sum(self.dilations)

    @property
    def initialisers(self) -> Mapping[str, str]:
        """Those of torch.nn.Conv1d, kernels and biases alike; its fan-in is that of the convolution."""
        names = [f"{block}.{name}" for block in range(len(self.dilations)) for name in TCNBlock._fields[:4]]
        return dict.fromkeys([*names, "0.skip", "0.skip_bias"], "uniform_fan_in")

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks rows of the first kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The last block is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> tuple[TCNBlock, ...]:
        """Draw kernels and biases as torch.nn.Conv1d does."""

        def convolution(places: int, width: int) -> tuple[np.ndarray, np.ndarray]:
            limit = (places * width) ** -0.5
            return uniform(rng, limit, places, width, self.units), uniform(rng, limit, self.units)

        def block(width: int, is_first: bool) -> TCNBlock:
            both = *convolution(self.kernel, width), *convolution(self.kernel, self.units)
            kernel, bias = convolution(1, width) if is_first else (None, None)
            return TCNBlock(*both, None if kernel is None else kernel[0], bias)

        return block(n_inputs, True), *(block(self.units, False) for _ in self.dilations[1:])

    def initial_state(self, n_inputs: int) -> tuple[TCNState, ...]:
        """Return windows in which nothing has been seen yet."""
        widths = [n_inputs, *[self.units] * (len(self.dilations) - 1)]
        return tuple(
            TCNState(*(np.zeros(((self.kernel - 1) * dilation, width), np.float32) for width in (inputs, self.units)))
            for inputs, dilation in zip(widths, self.dilations, strict=True)
        )

    def step(
        self, params: tuple[TCNBlock, ...], state: tuple[TCNState, ...], x: Float[Array, " feature"]
    ) -> tuple[tuple[TCNState, ...], Float[Array, " unit"]]:
        """Read one input."""
        after, outputs = self.sequence(params, state, x[None])
        return after, outputs[0]

    def sequence(
        self, params: tuple[TCNBlock, ...], state: tuple[TCNState, ...], inputs: Shaped[Array, "time ..."]
    ) -> tuple[tuple[TCNState, ...], Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        after: list[TCNState] = []
        for weights, before, dilation in zip(params, state, self.dilations, strict=True):
            first, sums = causal_convolution(weights.first, before.first, inputs, dilation)
            hidden = jax.nn.relu(sums + weights.first_bias)
            second, sums = causal_convolution(weights.second, before.second, hidden, dilation)
            if weights.skip is not None and weights.skip_bias is not None:
                inputs = project(inputs, weights.skip) + weights.skip_bias
            inputs = jax.nn.relu(jax.nn.relu(sums + weights.second_bias) + inputs)
            after.append(TCNState(first, second))
        return tuple(after), jnp.asarray(inputs)
