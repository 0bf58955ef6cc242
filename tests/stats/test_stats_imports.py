"""The statistics stay light: no JAX, no pandas, no heavy part of SciPy."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ["jax", "pandas", "scipy.stats", "scipy.optimize", "statsmodels", "lifelines"]


def test_statistics_import_nothing_heavy():
    code = f"import sys, memspan.stats; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
