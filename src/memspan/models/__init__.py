"""Architectures: each a frozen dataclass of settings with `init`, `initial_state` and `step`."""

from memspan.models.dense import Dense as Dense
from memspan.models.lstm import LSTM as LSTM
from memspan.models.mlp import MLP as MLP
from memspan.models.stack import Stack as Stack
from memspan.models.stack import unroll as unroll

__all__ = ["LSTM", "MLP", "Dense", "Stack", "unroll"]
