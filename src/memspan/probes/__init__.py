"""Probes: what a trained model holds, and where."""

from memspan.probes.explain import Explanation as Explanation
from memspan.probes.explain import Gates as Gates
from memspan.probes.explain import Step as Step
from memspan.probes.explain import explain as explain

__all__ = ["Explanation", "Gates", "Step", "explain"]
