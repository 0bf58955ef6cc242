"""One hypothesis profile for all tests, for a compilation inside an example is not a failure; one backend of Keras."""

from __future__ import annotations

import importlib.util
import os

from hypothesis import settings

settings.register_profile("memspan", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("memspan")

# Looking for doctests imports modules that import Keras, whose default is TensorFlow; only the heavy oracles need that.
os.environ.setdefault("KERAS_BACKEND", "tensorflow" if importlib.util.find_spec("tensorflow") else "jax")
