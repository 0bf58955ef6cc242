"""Small instances of one family of models: name -> model."""

from __future__ import annotations

from memspan.models import LSTM, MLP, Stack
from memspan.models.direct import Direct
from memspan.models.elman import Elman
from memspan.models.gru import GRU
from memspan.models.lstm_1997 import LSTM1997
from memspan.models.peephole_lstm import PeepholeLSTM
from memspan.models.skip import Skip

BARE = {"h": "identity", "output_gate": False, "connected": "inputs", "biased": "none"}

MODELS = {
    "memoryless mlp": MLP(units=3),
    "windowed mlp": MLP(units=3, window=3),
    "elman": Elman(units=3),
    "elman, relu and identity": Elman(units=3, activation="relu", recurrent="identity"),
    "gru, reset after": GRU(units=3),
    "gru, reset before": GRU(units=3, reset="before"),
    "lstm": LSTM(units=3),
    "lstm, hard sigmoid": LSTM(units=3, gate="hard_sigmoid"),
    "lstm, chrono": LSTM(units=3, chrono=10),
    "lstm, pytorch": LSTM(units=3, convention="pytorch"),
    "lstm, peepholes": PeepholeLSTM(units=3),
    "lstm of 1997": LSTM1997(blocks=2, size=2, biased="hidden", output_bias=(-1.0, -2.0)),
    "lstm of 1997, gates biased": LSTM1997(blocks=3, input_bias=(-1.0, -2.0, -3.0)),
    "lstm of 1997, bare": LSTM1997(blocks=2, size=1, g="sigmoid", **BARE),
    "lstm of 1997, input beside": Skip(LSTM1997(blocks=1, g="sigmoid", **BARE), n_inputs=5),
    "lstm, direct connections": Direct(LSTM(units=3), n_outputs=5, limit=0.5),
    "stack": Stack((LSTM(units=2), LSTM(units=3))),
}
