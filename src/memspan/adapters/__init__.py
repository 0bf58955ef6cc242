"""Your own model behind our own door: PyTorch, a predict function, a command that answers in JSON Lines."""

from memspan.adapters.abstract import AbstractAdapted as AbstractAdapted
from memspan.adapters.torch import Torch as Torch

__all__ = ["AbstractAdapted", "Torch"]
