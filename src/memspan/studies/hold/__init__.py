"""What a trained model holds: all probes asked of one run, or of several."""

from memspan.studies.hold.findings import findings as findings
from memspan.studies.hold.hold import hold as hold
from memspan.studies.hold.measure import measure as measure
from memspan.studies.hold.picture import picture as picture
from memspan.studies.hold.plan import PROBES as PROBES
from memspan.studies.hold.plan import Settings as Settings
from memspan.studies.hold.plan import Subject as Subject
from memspan.studies.hold.plan import of_runs as of_runs
from memspan.studies.hold.plan import probes_in as probes_in
from memspan.studies.hold.pooled import Pooled as Pooled
from memspan.studies.hold.pooled import pooled as pooled
from memspan.studies.hold.result import Held as Held
from memspan.studies.hold.tables import tables as tables

__all__ = [
    "PROBES",
    "Held",
    "Pooled",
    "Settings",
    "Subject",
    "findings",
    "hold",
    "measure",
    "of_runs",
    "picture",
    "pooled",
    "probes_in",
    "tables",
]
