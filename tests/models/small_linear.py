"""Small instances of one family of models: name -> model."""

from __future__ import annotations

from memspan.models.lru import LRU
from memspan.models.mamba import Mamba
from memspan.models.min_gru import MinGRU
from memspan.models.min_lstm import MinLSTM
from memspan.models.s5 import S5

MODELS = {
    "minimal gru": MinGRU(units=3),
    "minimal gru, chrono": MinGRU(units=3, chrono=10),
    "minimal lstm": MinLSTM(units=3, forget_bias=1.0),
    "minimal lstm, chrono": MinLSTM(units=3, chrono=10),
    "lru": LRU(units=3, states=2),
    "lru, ring": LRU(units=3, states=2, r_min=0.9, r_max=0.999, max_phase=0.3),
    "s5": S5(units=3, states=2),
    "mamba": Mamba(units=3, states=2),
    "mamba, without convolution": Mamba(units=2, states=1, expand=1, kernel=1),
}
