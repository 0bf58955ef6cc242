"""The losses of problems for Keras, as `engine.loss` has them."""

from __future__ import annotations

from typing import Any

import keras

from memspan.engine.loss import LARGEST_LOGIT

__all__ = ["mean_loss"]

ops: Any = keras.ops


def mean_loss(name: str, outputs: Any, targets: Any, mask: Any) -> Any:
    """Return the mean loss over the scored positions, and 0 where none is scored; as `engine.loss` has it.

    Args:
        name: one of `core.problem.LOSSES`.
        outputs: logits, or real numbers.
        targets: vectors.
        mask: 1 where the position counts.
    """
    targets, mask = ops.convert_to_tensor(targets), ops.convert_to_tensor(mask)
    if name == "binary_cross_entropy":
        logits = ops.clip(outputs, -LARGEST_LOGIT, LARGEST_LOGIT)
        each = ops.mean(ops.softplus(logits) - targets * logits, axis=-1)
    elif name == "cross_entropy":
        each = -ops.sum(targets * ops.log_softmax(outputs, axis=-1), axis=-1)
    else:
        each = ops.mean(ops.square(outputs - targets), axis=-1)
    return ops.sum(each * mask) / ops.maximum(ops.sum(mask), 1.0)
