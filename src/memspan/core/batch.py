"""A batch: what a model reads, what it should say, and which positions are scored."""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Bool, Float, Int, Shaped

from memspan.core.arrays import AnyArray

__all__ = ["Batch"]


class Batch(NamedTuple):
    """Sequences of one presentation, padded to a common length.

    Symbols stay integers until the step that reads them: a one-hot array of a long counting sequence would not
    fit in memory, the symbols always do.

    Attributes:
        inputs: symbols, or real-valued features, one row a sequence.
        targets: the symbol, or the real-valued output, that is right at each step.
        mask: True where the step is scored; padding and free steps are False.
    """

    inputs: Int[AnyArray, "batch time"] | Float[AnyArray, "batch time feature"]
    targets: Shaped[AnyArray, "batch time ..."]
    mask: Bool[AnyArray, "batch time"]
