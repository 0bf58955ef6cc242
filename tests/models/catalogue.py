"""Small instances of every model, for the contracts that all of them keep: three files, one family each."""

from __future__ import annotations

from tests.models import small_attention, small_gated, small_linear

MODELS = {**small_gated.MODELS, **small_linear.MODELS, **small_attention.MODELS}
