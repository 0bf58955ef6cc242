"""Architectures: each a frozen dataclass of settings with `init`, `initial_state`, `step` and `sequence`."""

from memspan.models.abstract import AbstractModel as AbstractModel
from memspan.models.delta_net import DeltaNet as DeltaNet
from memspan.models.dense import Dense as Dense
from memspan.models.direct import Direct as Direct
from memspan.models.echo_state import EchoState as EchoState
from memspan.models.elman import Elman as Elman
from memspan.models.gru import GRU as GRU
from memspan.models.lru import LRU as LRU
from memspan.models.lstm import LSTM as LSTM
from memspan.models.lstm_1997 import LSTM1997 as LSTM1997
from memspan.models.mamba import Mamba as Mamba
from memspan.models.min_gru import MinGRU as MinGRU
from memspan.models.min_lstm import MinLSTM as MinLSTM
from memspan.models.mlp import MLP as MLP
from memspan.models.mlstm import MLSTM as MLSTM
from memspan.models.network_1997 import network_1997 as network_1997
from memspan.models.own import Own as Own
from memspan.models.peephole_lstm import PeepholeLSTM as PeepholeLSTM
from memspan.models.s5 import S5 as S5
from memspan.models.size import Size as Size
from memspan.models.size import size as size
from memspan.models.skip import Skip as Skip
from memspan.models.slstm import SLSTM as SLSTM
from memspan.models.stack import Stack as Stack
from memspan.models.tcn import TCN as TCN
from memspan.models.transformer import Transformer as Transformer
from memspan.models.unroll import unroll as unroll

__all__ = [
    "GRU",
    "LRU",
    "LSTM",
    "LSTM1997",
    "MLP",
    "MLSTM",
    "S5",
    "SLSTM",
    "TCN",
    "AbstractModel",
    "DeltaNet",
    "Dense",
    "Direct",
    "EchoState",
    "Elman",
    "Mamba",
    "MinGRU",
    "MinLSTM",
    "Own",
    "PeepholeLSTM",
    "Size",
    "Skip",
    "Stack",
    "Transformer",
    "network_1997",
    "size",
    "unroll",
]
