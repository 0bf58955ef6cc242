"""Small instances of every model, for the contracts that all of them keep: three files, one family each."""

from __future__ import annotations

from tests.models import small_attention, small_gated, small_linear
from tests.quick import quick

MODELS = {**small_gated.MODELS, **small_linear.MODELS, **small_attention.MODELS}

# Each time one of those that work alike, for the tests that each model passes: by cells, gates, scans and attention.
CELLS = ("windowed mlp", "elman", "gru, reset after", "lstm", "lstm of 1997", "stack")
EVERY = quick(MODELS, now=(*CELLS, "minimal gru", "lru", "mamba", "mlstm", "transformer", "tcn"))
