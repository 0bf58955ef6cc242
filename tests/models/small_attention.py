"""Small instances of one family of models: name -> model."""

from __future__ import annotations

MODELS = {}
