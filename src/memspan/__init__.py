"""memspan measures memory in sequence models: what a problem demands, what a model learns, what it holds."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memspan import data as data
    from memspan import demand as demand
    from memspan import exchange as exchange
    from memspan import models as models
    from memspan import plots as plots
    from memspan import probes as probes
    from memspan import problems as problems
    from memspan import rules as rules
    from memspan import stats as stats
    from memspan import store as store
    from memspan import testing as testing
    from memspan.core.errors import InvalidInput as InvalidInput
    from memspan.core.estimate import Estimate as Estimate
    from memspan.core.protocol import Protocol as Protocol
    from memspan.core.spec import Spec as Spec
    from memspan.engine.annealed import Annealed as Annealed
    from memspan.engine.clipped import Clipped as Clipped
    from memspan.engine.optax_optimizer import Optax as Optax
    from memspan.engine.optimizers import Adam as Adam
    from memspan.engine.runs import Runs as Runs
    from memspan.engine.train import train as train
    from memspan.engine.trained import Trained as Trained
    from memspan.estimators.sequence_classifier import SequenceClassifier as SequenceClassifier
    from memspan.probes.explain import explain as explain
    from memspan.studies.hold.hold import hold as hold
    from memspan.studies.span.result import span as span

__version__ = "0.1.0.dev0"

# Where each public name lives. Names are imported on first use: `memspan --help` must not wait for JAX.
_HOMES = {
    "Adam": "memspan.engine.optimizers",
    "Annealed": "memspan.engine.annealed",
    "Clipped": "memspan.engine.clipped",
    "Estimate": "memspan.core.estimate",
    "InvalidInput": "memspan.core.errors",
    "Optax": "memspan.engine.optax_optimizer",
    "Protocol": "memspan.core.protocol",
    "Runs": "memspan.engine.runs",
    "SequenceClassifier": "memspan.estimators.sequence_classifier",
    "Spec": "memspan.core.spec",
    "Trained": "memspan.engine.trained",
    "explain": "memspan.probes.explain",
    "hold": "memspan.studies.hold.hold",
    "span": "memspan.studies.span.result",
    "train": "memspan.engine.train",
}
_FOLDERS = ("data", "demand", "exchange", "models", "plots", "probes", "problems", "rules", "stats", "store", "testing")

__all__ = ["__version__", *_HOMES, *_FOLDERS]  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> Any:
    if name in _FOLDERS:
        return importlib.import_module(f"memspan.{name}")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'memspan' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
