"""Whether a backend of Keras does what `stateful=True` says: tried before anything is trained."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import keras
import numpy as np

from memspan.adapters.keras_gradient import differentiated
from memspan.core.errors import RunFailed

__all__ = ["check_keeps_state"]

ops: Any = keras.ops


@runtime_checkable
class Keeping(Protocol):
    """What is asked of a model that keeps its state in its layers."""

    @property
    def model(self) -> Any:
        """The Keras model."""
        ...

    @property
    def task(self) -> Any:
        """What it is for."""
        ...

    @property
    def batch(self) -> int | None:
        """How many sequences it reads side by side."""
        ...

    @property
    def window(self) -> int | None:
        """How many steps it reads at a time."""
        ...

    def encoded(self, inputs: Any) -> Any:
        """Return inputs as the model reads them."""
        ...

    def reset(self) -> None:
        """Forget what was read."""
        ...


def check_keeps_state(adapted: Keeping, place: str) -> None:
    """Refuse a model whose state is lost between two batches or outlives a reset, or that its backend cannot train.

    The first two are tried with `predict`, which is where the state is lost on JAX.

    Args:
        adapted: the model, its state reset.
        place: what to call it.

    Raises:
        RunFailed: with the trap's name, and what to do.
    """
    backend, rows = keras.backend.backend(), adapted.batch or 1
    shape = (rows, adapted.window or 2)
    read = adapted.encoded(np.zeros(shape if adapted.task.symbols else (*shape, adapted.task.n_inputs), np.float32))

    def told() -> Any:
        return np.array(adapted.model.predict(read, batch_size=rows, verbose=0))

    first, second = told(), told()
    if np.array_equal(first, second):
        if backend == "jax":
            raise RunFailed(
                f"{place} has stateful layers, whose state is lost in fit and predict on Keras' JAX backend (it never "
                "becomes one of the model's variables); use backend='tensorflow', or whole sequences without stateful"
            )
        raise RunFailed(f"{place} has stateful layers, but its state does not survive from one batch to the next")
    adapted.reset()
    if not np.allclose(told(), first, atol=1e-6):
        raise RunFailed(f"{place} remembers what was read before a reset; reset all that its layers keep")
    adapted.reset()
    variables = adapted.model.trainable_variables
    cost = differentiated(
        lambda: (ops.sum(adapted.model(read, training=True)), None),
        variables,
        adapted.model.non_trainable_variables,
    )
    try:
        cost()
        cost()
    except RuntimeError as error:
        if "inplace" not in str(error):
            raise
        raise RunFailed(
            f"{place} has stateful layers, which Keras' torch backend cannot train (fit ends with 'modified by an "
            "inplace operation'); pass use_cudnn=False to each stateful layer"
        ) from error
