"""Where units of a study run: in this process, or on the workers of a Dask cluster."""

from memspan.cluster.contact import reach as reach
from memspan.cluster.here import Here as Here
from memspan.cluster.place import Job as Job
from memspan.cluster.place import Place as Place
from memspan.cluster.place import Report as Report
from memspan.cluster.place import UnitKilled as UnitKilled

__all__ = ["Here", "Job", "Place", "Report", "UnitKilled", "reach"]
