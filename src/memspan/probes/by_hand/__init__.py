"""Models calculated from their weights in NumPy, each in a file; nothing of the models' own code is used."""

from collections.abc import Callable
from typing import Any

from memspan.models.elman import Elman
from memspan.models.gru import GRU
from memspan.models.lstm_1997 import LSTM1997
from memspan.models.min_gru import MinGRU
from memspan.models.min_lstm import MinLSTM
from memspan.models.mlp import MLP
from memspan.models.peephole_lstm import PeepholeLSTM
from memspan.probes.by_hand.elman import ElmanByHand
from memspan.probes.by_hand.gru import GRUByHand
from memspan.probes.by_hand.hand import Hand, Vector, Worked
from memspan.probes.by_hand.lstm_1997 import LSTM1997ByHand
from memspan.probes.by_hand.minimal import MinGRUByHand, MinLSTMByHand
from memspan.probes.by_hand.mlp import MLPByHand
from memspan.probes.by_hand.peephole import PeepholeByHand

__all__ = ["HANDS", "Hand", "Vector", "Worked"]

HANDS: dict[type, Callable[[Any, Any], Hand]] = {
    Elman: ElmanByHand,
    GRU: GRUByHand,
    LSTM1997: LSTM1997ByHand,
    MLP: MLPByHand,
    MinGRU: MinGRUByHand,
    MinLSTM: MinLSTMByHand,
    PeepholeLSTM: PeepholeByHand,
}
