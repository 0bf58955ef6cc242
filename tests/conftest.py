"""One hypothesis profile for all tests: a compilation inside an example is not a failure."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("memspan", deadline=None, derandomize=True)
settings.load_profile("memspan")
