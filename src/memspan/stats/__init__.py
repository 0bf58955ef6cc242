"""Statistics: counts and times in, estimates with intervals out (NumPy and SciPy only)."""

from memspan.stats.clopper_pearson import clopper_pearson as clopper_pearson
from memspan.stats.newcombe import newcombe as newcombe
from memspan.stats.survival import SurvivalCurve as SurvivalCurve
from memspan.stats.survival import kaplan_meier as kaplan_meier
from memspan.stats.survival import median_time as median_time
from memspan.stats.wilson import wilson as wilson

__all__ = ["SurvivalCurve", "clopper_pearson", "kaplan_meier", "median_time", "newcombe", "wilson"]
