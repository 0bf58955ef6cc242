"""Architectures: each a frozen dataclass of settings with `init`, `initial_state`, `step` and `sequence`."""

from memspan.models.abstract import AbstractModel as AbstractModel
from memspan.models.dense import Dense as Dense
from memspan.models.lstm import LSTM as LSTM
from memspan.models.mlp import MLP as MLP
from memspan.models.size import Size as Size
from memspan.models.size import size as size
from memspan.models.stack import Stack as Stack
from memspan.models.unroll import unroll as unroll

__all__ = ["LSTM", "MLP", "AbstractModel", "Dense", "Size", "Stack", "size", "unroll"]
