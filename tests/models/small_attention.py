"""Small instances of one family of models: name -> model."""

from __future__ import annotations

from memspan.models.delta_net import DeltaNet
from memspan.models.echo_state import EchoState
from memspan.models.mlstm import MLSTM
from memspan.models.slstm import SLSTM
from memspan.models.tcn import TCN
from memspan.models.transformer import Transformer

MODELS = {
    "slstm": SLSTM(units=4, heads=2),
    "slstm, exponential forget gate": SLSTM(units=3, heads=1, forget="exp", forget_bias="zeros"),
    "mlstm": MLSTM(units=4, heads=2),
    "mlstm, exponential forget gate": MLSTM(units=3, heads=1, forget="exp", forget_bias="zeros"),
    "deltanet": DeltaNet(units=4, heads=2),
    "transformer": Transformer(units=4, heads=2, context=4, inner_units=3),
    "transformer, longer context": Transformer(units=4, heads=1, context=20),
    "tcn": TCN(units=3, kernel=2, dilations=(1, 3)),
    "echo state": EchoState(units=8, density=0.5, leak=0.7),
}
