"""What the user's own training loop for a PyTorch module is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch

from memspan.adapters.torch_loss import mean_loss

__all__ = ["LoopBatch"]


@dataclass
class LoopBatch:
    """One batch of the user's loop.

    Attributes:
        inputs: what the module reads.
        targets: what it should say: symbols, or real numbers.
        mask: which positions are scored.
        name: of the problem's loss.
        met: the losses that were computed.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    mask: torch.Tensor
    name: str
    met: list[float] = field(default_factory=list[float])

    def loss(self, outputs: Any) -> torch.Tensor:
        """Return the problem's mean loss over the scored positions, of outputs or of a pair of outputs and state."""
        said = outputs[0] if isinstance(outputs, tuple | list) else outputs
        loss = mean_loss(self.name, said, self.targets, self.mask)
        self.met.append(float(loss.detach()))
        return loss
