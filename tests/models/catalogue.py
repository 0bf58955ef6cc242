"""Small instances of every model, for the contracts that all of them keep: three files, one family each."""

from __future__ import annotations

import pytest
from tests.models import small_attention, small_gated, small_linear

MODELS = {**small_gated.MODELS, **small_linear.MODELS, **small_attention.MODELS}
KINDS = {type(model): name for name, model in reversed(MODELS.items())}  # the first of each class

# All of them, for the tests that each model passes: other settings of a class with the extended ones.
EVERY = [pytest.param(name, marks=[pytest.mark.extended] * (name not in KINDS.values())) for name in MODELS]
