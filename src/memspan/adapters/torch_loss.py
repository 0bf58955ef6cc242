"""The losses of problems for PyTorch, as `engine.loss` has them."""

from __future__ import annotations

import torch

from memspan.engine.loss import LARGEST_LOGIT

__all__ = ["mean_loss"]


def mean_loss(name: str, outputs: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean loss over the scored positions, and 0 where none is scored; as `engine.loss` has it.

    Args:
        name: one of `core.problem.LOSSES`.
        outputs: logits, or real numbers.
        targets: symbols, or vectors.
        mask: True where the position counts.
    """
    if not targets.is_floating_point():
        targets = torch.nn.functional.one_hot(targets.long(), outputs.shape[-1]).to(outputs.dtype)
    if name == "binary_cross_entropy":
        logits = outputs.clamp(-LARGEST_LOGIT, LARGEST_LOGIT)
        each = (torch.nn.functional.softplus(logits) - targets * logits).mean(dim=-1)
    elif name == "cross_entropy":
        each = -(targets * torch.log_softmax(outputs, dim=-1)).sum(dim=-1)
    else:
        each = (outputs - targets).square().mean(dim=-1)
    return torch.where(mask, each, 0.0).sum() / mask.sum().clamp(min=1)
