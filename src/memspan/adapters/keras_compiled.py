"""A Keras model on the JAX backend as a model of our own: many seeds of it are one compiled program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import keras
import numpy as np
from jaxtyping import Array, Float, Shaped

from memspan.core.errors import RunFailed
from memspan.models import AbstractModel

__all__ = ["CompiledKeras", "check_pure"]


@dataclass(frozen=True)
class CompiledKeras(AbstractModel):
    """The functions of a Keras model, its variables given from outside, as `stateless_call` does.

    Attributes:
        name: what tells it from others that were compiled in this process.
        n_outputs: size of the output vector.
        again: (seed) -> the adapted model with the first weights of a seed.
        adapted: the adapted model whose functions are compiled.
    """

    name: str
    n_outputs: int
    again: Callable[[int], Any] = field(compare=False)
    adapted: Any = field(compare=False)

    @property
    def reads_symbols(self) -> bool:
        """Whether it embeds symbols by itself."""
        return self.adapted.task.symbols and self.adapted.task.options["inputs"] == "symbols"

    @property
    def reads_out(self) -> bool:
        """Its outputs are the problem's own."""
        return True

    def init(self, rng: np.random.Generator, n_inputs: int) -> list[Float[np.ndarray, "..."]]:
        """Have the user's factory draw the first weights."""
        return list(self.again(int(rng.integers(2**31))).weights().values())

    def initial_state(self, n_inputs: int) -> list[Float[np.ndarray, "..."]]:
        """Return the state before the first step; empty where it reads whole sequences."""
        return [each[0] for each in self.adapted.explicit(1)]

    def step(
        self, params: Any, state: list[Float[Array, "..."]], x: Float[Array, " feature"]
    ) -> tuple[list[Float[Array, "..."]], Float[Array, " output"]]:
        """Read one input."""
        state, outputs = self.sequence(params, state, x[None])
        return state, outputs[0]

    def sequence(
        self, params: Any, state: list[Float[Array, "..."]], inputs: Shaped[Array, "time ..."]
    ) -> tuple[list[Float[Array, "..."]], Float[Array, "time output"]]:
        """Read a whole sequence."""
        embedded = self.adapted.task.options["inputs"] == "symbols" and inputs.ndim == 2
        read = inputs.argmax(axis=-1) if embedded else inputs
        mapping = list(zip(self.adapted.trained(), params, strict=True))
        with keras.StatelessScope(state_mapping=mapping):
            outputs, after = self.adapted.passed(read[None], [each[None] for each in state], training=True)
        return [each[0] for each in after], outputs[0]


def check_pure(adapted: Any, place: str) -> None:
    """Refuse a model that is more than a function of its weights: one with drop-out, or averages that training moves.

    Args:
        adapted: the adapted model.
        place: what to call it.

    Raises:
        RunFailed: it cannot be compiled with others.
    """
    rng, task = np.random.default_rng(0), adapted.task
    shape = (adapted.batch or 2, adapted.window or 3)
    symbols = rng.integers(task.n_inputs, size=shape)
    inputs = adapted.encoded(symbols if task.symbols else rng.normal(size=(*shape, task.n_inputs)))
    variables = [*adapted.trained(), *adapted.untrained()]

    def read(training: bool) -> tuple[Any, list[Any]]:
        mapping = [(each, each.value) for each in variables]
        with keras.StatelessScope(state_mapping=mapping) as scope:
            outputs = adapted.passed(jax.numpy.asarray(inputs), adapted.explicit(len(inputs)), training=training)[0]
        return outputs, [scope.get_current_value(each) for each in adapted.untrained()]

    (taught, moved), (asked, _) = read(True), read(False)
    still = all(
        after is None or np.array_equal(after, each.value)
        for after, each in zip(moved, adapted.untrained(), strict=True)
    )
    if not (still and np.allclose(taught, asked, atol=1e-6)):
        raise RunFailed(
            f"{place} behaves otherwise in training, by drop-out or averages, and many seeds can be compiled of pure "
            "functions only; pass compiled=False to train its seeds one by one"
        )
