"""The echo state network: a random recurrent layer that stays as it was drawn."""

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
from memspan.models.initial import uniform
from memspan.models.projection import project

__all__ = ["EchoState", "EchoStateParams"]

DRAWS = 100  # of a sparse reservoir, until one has a circle


class EchoStateParams(NamedTuple):
    """Weights of a reservoir; none is trained.

    Attributes:
        kernel: from the input.
        recurrent: from the previous state, one column a unit.
    """

    kernel: Float[AnyArray, "feature unit"]
    recurrent: Float[AnyArray, "unit unit"]


@dataclass(frozen=True)
class EchoState(AbstractModel):
    """A fixed random reservoir of leaky tanh units: only the read-out that is put on top of it learns.

    There is no bias and no feedback from the output.

    Example:
        >>> model = EchoState(units=100, spectral_radius=0.9)
        >>> params = model.init(np.random.default_rng(0), n_inputs=5)
        >>> state, y = model.step(params, model.initial_state(5), jnp.eye(5)[3])
        >>> y.shape, round(float(abs(np.linalg.eigvals(params.recurrent)).max()), 3)
        ((100,), 0.9)

    Attributes:
        units: units of the reservoir.
        spectral_radius: largest absolute eigenvalue of the recurrent weights, 0 or more. Below one, the state
            usually forgets where it started.
        leak: share of the state that is replaced at each step, above 0 and at most 1; small values are slow units.
        input_scaling: largest weight from the input, above 0.
        density: share of recurrent weights that are not zero, above 0 and at most 1.

    References:
        Jaeger 2001, equation 1; leaky units: Jaeger, Lukosevicius, Popovici and Siewert 2007; Lukosevicius 2012,
        equations 2 and 3.
    """

    units: int = 100
    spectral_radius: float = 0.9
    leak: float = 1.0
    input_scaling: float = 1.0
    density: float = 0.1

    def __post_init__(self) -> None:
        check_range("units", self.units, 1)
        for name in ("leak", "density"):
            value = getattr(self, name)
            if not 0 < value <= 1:
                raise InvalidInput(
                    f"{name} must be above 0 and at most 1, but got {value!r}; use for example {name}=1.0"
                )
        if not 0 <= self.spectral_radius < np.inf:
            raise InvalidInput(
                f"spectral_radius must be a number of at least 0, but got {self.spectral_radius!r}; use for example 0.9"
            )
        if not 0 < self.input_scaling < np.inf:
            raise InvalidInput(
                f"input_scaling must be a number above 0, but got {self.input_scaling!r}; use for example 1.0"
            )

    @property
    def initialisers(self) -> Mapping[str, str]:
        """All is drawn and stays."""
        recurrent = f"normal, density {self.density:g}, spectral radius {self.spectral_radius:g}; fixed"
        return {"kernel": f"uniform(-{self.input_scaling:g}..{self.input_scaling:g}); fixed", "recurrent": recurrent}

    @property
    def fixed(self) -> frozenset[str]:
        """All of them."""
        return frozenset(EchoStateParams._fields)

    @property
    def reads_symbols(self) -> bool:
        """A symbol picks a row of the kernel."""
        return True

    @property
    def n_outputs(self) -> int:
        """The state is the output."""
        return self.units

    def init(self, rng: np.random.Generator, n_inputs: int) -> EchoStateParams:
        """Draw a sparse normal reservoir, scaled to its spectral radius, and uniform input weights."""
        kernel = uniform(rng, self.input_scaling, n_inputs, self.units)
        for _ in range(DRAWS):
            weights = rng.standard_normal((self.units, self.units))
            weights *= rng.random((self.units, self.units)) < self.density
            radius = np.abs(np.linalg.eigvals(weights)).max()
            # Without a circle among the units all eigenvalues are zero, up to rounding, and nothing could be scaled.
            if radius > 1e-3 * np.abs(weights).max(initial=0.0):
                return EchoStateParams(kernel, (weights * (self.spectral_radius / radius)).astype(np.float32))
        raise InvalidInput(
            f"density must leave {self.units} units a circle of weights, but {self.density:g} left none in {DRAWS} "
            f"draws; use density={min(1.0, 3 / self.units):.2g} or more"
        )

    def initial_state(self, n_inputs: int) -> Float[np.ndarray, " {self.units}"]:
        """Return zeros."""
        return np.zeros(self.units, np.float32)

    def _next(
        self, recurrent: Array, state: Float[AnyArray, " unit"], sums: Float[Array, " unit"]
    ) -> Float[Array, " unit"]:
        return (1 - self.leak) * state + self.leak * jnp.tanh(sums + state @ recurrent)

    def step(
        self, params: EchoStateParams, state: Float[AnyArray, " unit"], x: Float[Array, " feature"]
    ) -> tuple[Float[Array, " unit"], Float[Array, " unit"]]:
        """Read one input."""
        params = jax.lax.stop_gradient(jax.tree.map(jnp.asarray, params))
        after = self._next(params.recurrent, state, x @ params.kernel)
        return after, after

    def sequence(
        self, params: EchoStateParams, state: Float[AnyArray, " unit"], inputs: Shaped[Array, "time ..."]
    ) -> tuple[Float[Array, " unit"], Float[Array, "time unit"]]:
        """Read a whole sequence of vectors or symbols."""
        params = jax.lax.stop_gradient(jax.tree.map(jnp.asarray, params))

        def step(before: Array, sums: Array) -> tuple[Array, Array]:
            after = self._next(params.recurrent, before, sums)
            return after, after

        return jax.lax.scan(step, jnp.asarray(state), project(inputs, params.kernel))
