"""An optimizer: settings that build a pair of pure functions in the form of Optax."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

__all__ = ["Optimizer"]


@runtime_checkable
class Optimizer(Protocol):
    """What the engine asks of an optimizer: a frozen dataclass of settings with one method.

    Any Optax transformation can be wrapped in one: `build` returns it, the fields are what it is made from.
    """

    def build(self) -> Any:
        """Return an `optax.GradientTransformation` over the vector of all weights."""
        ...
