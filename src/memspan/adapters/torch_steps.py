"""A PyTorch cell, or a module with a `step`, read over whole sequences."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

__all__ = ["over_time"]


def over_time(module: nn.Module) -> nn.Module:
    """Return a module that reads `[batch, time, feature]`: the module itself, if it is neither a cell nor has a step.

    A cell of PyTorch gives its new state, whose first part is the output; `step(x, state)` gives output and state. The
    state of the first step is None.

    Example:
        >>> said, state = over_time(nn.GRUCell(3, 2))(torch.zeros(5, 4, 3))
        >>> tuple(said.shape), tuple(state.shape)
        ((5, 4, 2), (5, 2))

    Args:
        module: the user's.
    """
    if isinstance(module, nn.LSTMCell | nn.GRUCell | nn.RNNCell):
        return _OverTime(module, lambda x, state: _said(module(x, state)))
    if hasattr(module, "step") and type(module).forward is nn.Module.forward:
        step: Any = module.step
        return _OverTime(module, step)
    return module


class _OverTime(nn.Module):
    def __init__(self, module: nn.Module, step: Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]]) -> None:
        super().__init__()
        self.module, self.step = module, step

    def forward(self, inputs: torch.Tensor, state: Any = None) -> tuple[torch.Tensor, Any]:
        """Read one step after the other."""
        said: list[torch.Tensor] = []
        for x in inputs.unbind(dim=1):
            y, state = self.step(x, state)
            said.append(y)
        return torch.stack(said, dim=1), state


def _said(state: Any) -> tuple[torch.Tensor, Any]:
    return (state[0] if isinstance(state, tuple) else state), state
