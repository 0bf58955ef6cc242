"""What the user's own training loop for a Keras model is given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import keras
from jaxtyping import Float

from memspan.adapters.keras_loss import mean_loss
from memspan.core.arrays import AnyArray

__all__ = ["KerasBatch", "KerasReadOut", "updates_of"]

ops: Any = keras.ops
ROUNDED = 1e-7  # how near to 0 and 1 Keras lets a probability come: the largest logit that losses of ours know


class KerasBatch(NamedTuple):
    """One batch of the user's loop; arrays are NumPy's.

    Attributes:
        inputs: what the model reads; a list, the state after the sequences, where it takes its state.
        targets: what it should say: vectors, one-hot for symbols.
        mask: 1 where the position is scored, else 0.
        name: of the problem's loss.
        closed: whether the model's last activation makes probabilities.
    """

    inputs: Any
    targets: Float[AnyArray, "batch time output"]
    mask: Float[AnyArray, "batch time"]
    name: str
    closed: bool

    def loss(self, outputs: Any) -> Any:
        """Return the problem's mean loss over the scored positions, of the model's outputs at all steps."""
        said = outputs[0] if isinstance(outputs, tuple | list) else outputs
        return mean_loss(self.name, _logits(self.name, said) if self.closed else said, self.targets, self.mask)


class KerasReadOut(keras.Model):
    """A model whose outputs go through a layer.

    Args:
        model: the model.
        layer: what is put on top.
    """

    def __init__(self, model: Any, layer: Any) -> None:
        super().__init__()
        self.model, self.layer = model, layer

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Read as the model does."""
        said = self.model(inputs, training=training)
        return [self.layer(said[0]), *said[1:]] if isinstance(said, tuple | list) else self.layer(said)


def updates_of(model: Any, show: Callable[[], None]) -> int:
    """Return how often the optimizer that a model was compiled with changed its weights meanwhile; at least once."""
    before = _iterations(model)
    show()
    return max(1, _iterations(model) - before)


def _iterations(model: Any) -> int:
    optimizer = getattr(model, "optimizer", None)
    return 0 if optimizer is None else int(ops.convert_to_numpy(optimizer.iterations))


def _logits(name: str, probabilities: Any) -> Any:
    kept = ops.clip(probabilities, ROUNDED, 1 - ROUNDED)
    return ops.log(kept) - ops.log1p(-kept) if name == "binary_cross_entropy" else ops.log(kept)
