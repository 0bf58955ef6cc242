"""A module of the user's that JAX can compile, by name: Equinox, Flax, or functions; our own engine trains it."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.adapters.jax_parts import Parts, parts_of
from memspan.adapters.made import made
from memspan.adapters.settings import frozen_settings
from memspan.adapters.time_limit import guarded, within
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput, RunFailed
from memspan.rules import BPTT

__all__ = ["Jax"]

PROBE = 2  # width of the input from which the width of the output is found out


@dataclass(frozen=True, init=False)
class Jax:
    """A cell or module that a function or class of yours makes, trained in compiled populations like our own models.

    The factory is called with those of `n_inputs`, `key` (JAX's) and `rngs` (Flax NNX's) that it takes, and with your
    settings. It returns one of these; in each, arrays are what is trained:

    * a model of ours, or `memspan.models.Own` of plain functions;
    * a cell of Equinox, `cell(x, state) -> state`, or of Flax, `cell(carry, x) -> (carry, y)` (Linen or NNX);
    * any Equinox module with `initial_state()` and `module(state, x) -> (state, y)`, which reads one step;
    * a pair of pure functions, `init(key) -> (params, state)` and `step(params, state, x) -> (state, y)`;
    * an Equinox module, Flax NNX or Linen module that reads `[time, feature]` whole, or a pair `init(key) -> params`
      and `apply(params, inputs) -> outputs`; say so by `whole=True`.

    A linear read-out is put on top, unless `reads_out` says that the outputs are the problem's own.

    Args:
        factory: "module:function"; the module may lie in the current folder.
        whole: whether the module reads whole sequences; it then learns by BPTT only.
        reads_out: whether its outputs are the problem's logits.
        time_limit: seconds that making the module may take; no part of the identity.
        **settings: what the factory is called with.

    Attributes:
        user: where the factory stands, and the hash of its file.
        settings: names and values, sorted by name.
        whole: as given.
        reads_out: as given.

    Raises:
        InvalidInput: there is no such factory, or an argument is not what it should be.
    """

    user: UserCode
    settings: tuple[tuple[str, Any], ...]
    whole: bool
    reads_out: bool

    def __init__(
        self, factory: str, *, whole: bool = False, reads_out: bool = False, time_limit: float = 300.0, **settings: Any
    ) -> None:
        if not 0 < time_limit < math.inf:
            raise InvalidInput(f"time_limit must be seconds, more than 0, but got {time_limit}; use time_limit=300")
        object.__setattr__(self, "user", UserCode("factory", factory))
        object.__setattr__(self, "settings", frozen_settings(factory, settings))
        object.__setattr__(self, "whole", whole)
        object.__setattr__(self, "reads_out", reads_out)
        object.__setattr__(self, "time_limit", time_limit)

    def check(self, spec: Any) -> None:
        """Refuse rules that need steps where there are none.

        Raises:
            InvalidInput: the rule cannot be followed.
        """
        if self.whole and (
            not isinstance(spec.rule, BPTT) or spec.rule.checkpoint or spec.protocol.reset != "sequence"
        ):
            raise InvalidInput(
                f"rule must be BPTT, and reset 'sequence', for {self.user.name}, which reads whole sequences, but got "
                f"{type(spec.rule).__name__} and '{spec.protocol.reset}'; or return a module that reads one step"
            )

    @property
    def n_outputs(self) -> int:
        """Size of the vector that a step gives out; 0 of what cannot be made, as `init` will say."""
        try:
            return self._parts(PROBE).n_outputs
        except RunFailed:
            return 0

    @property
    def initialisers(self) -> Mapping[str, str]:
        """It does not say: the source of the factory does."""
        return {}

    @property
    def reads_symbols(self) -> bool:
        """Only vectors; one-hot vectors are made from symbols."""
        return False

    def init(self, rng: np.random.Generator, n_inputs: int) -> Any:
        """Call the factory; its arrays are the parameters."""
        parts = self._parts(n_inputs)
        if parts.n_outputs != self.n_outputs:
            raise RunFailed(
                f"{self.user.name} ({self.user.place}) must give out as much for any number of inputs, but gives "
                f"{self.n_outputs} for {PROBE} and {parts.n_outputs} for {n_inputs}",
                for_all=True,
            )
        return guarded(self.user, lambda: parts.draw(rng))

    def initial_state(self, n_inputs: int) -> Any:
        """Return the state before the first step."""
        return self._parts(n_inputs).state

    def step(self, params: Any, state: Any, x: Float[Array, " feature"]) -> tuple[Any, Float[Array, " output"]]:
        """Read one input."""
        if self.whole:
            raise InvalidInput(
                f"{self.user.name} reads whole sequences, not steps; return a module that reads one step"
            )
        return guarded(self.user, lambda: self._parts(len(x)).call(params, state, x))

    def sequence(
        self, params: Any, state: Any, inputs: Shaped[Array, "time ..."]
    ) -> tuple[Any, Float[Array, "time output"]]:
        """Read a whole sequence, step by step unless the module reads it whole."""
        if self.whole:
            return guarded(self.user, lambda: self._parts(inputs.shape[1]).call(params, state, inputs))
        faster = self._parts(inputs.shape[1]).sequence
        if faster is not None:
            return guarded(self.user, lambda: faster(params, state, inputs))
        return jax.lax.scan(lambda before, x: self.step(params, before, x), state, inputs)

    def _parts(self, n_inputs: int) -> Parts:
        return _parts(self, n_inputs, getattr(self, "time_limit"))  # noqa: B009 - not a field


@functools.lru_cache(maxsize=256)
def _parts(model: Jax, n_inputs: int, time_limit: float) -> Parts:
    """Make the module once for a width of input: drawing, state and call."""

    def make(key: Any) -> Any:
        offered: dict[str, Any] = {"n_inputs": n_inputs, "key": key}
        if "rngs" in _takes(model.user):
            from flax import nnx  # pyright: ignore[reportMissingImports] - only where the user has it

            offered["rngs"] = nnx.Rngs(key)
        return made(model.user, dict(model.settings), offered)

    return within(time_limit, model.user, lambda: parts_of(model.user, make, n_inputs, model.whole))


@functools.lru_cache(maxsize=256)
def _takes(user: UserCode) -> frozenset[str]:
    import inspect

    return frozenset(inspect.signature(user.load()).parameters)
