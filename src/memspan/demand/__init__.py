"""How much memory sequences demand: exactly where they are all given, estimated on held-out ones elsewhere."""

from memspan.demand.conflicts import ContextConflict as ContextConflict
from memspan.demand.estimated import Estimated as Estimated
from memspan.demand.estimated import Row as Row
from memspan.demand.estimated import estimate as estimate
from memspan.demand.estimated import estimate_pairs as estimate_pairs
from memspan.demand.exact import Exact as Exact
from memspan.demand.exact import Step as Step
from memspan.demand.exact import exact as exact
from memspan.demand.exact import steps as steps
from memspan.demand.findings import findings as findings
from memspan.demand.verdict import Outcome as Outcome
from memspan.demand.verdict import Verdict as Verdict

__all__ = [
    "ContextConflict",
    "Estimated",
    "Exact",
    "Outcome",
    "Row",
    "Step",
    "Verdict",
    "estimate",
    "estimate_pairs",
    "exact",
    "findings",
    "steps",
]
