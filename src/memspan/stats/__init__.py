"""Statistics: counts and times in, estimates with intervals out (NumPy and SciPy only)."""

from memspan.stats.clopper_pearson import clopper_pearson as clopper_pearson
from memspan.stats.holm import holm as holm
from memspan.stats.log_rank import log_rank as log_rank
from memspan.stats.mcnemar import mcnemar as mcnemar
from memspan.stats.median import median as median
from memspan.stats.memory_span import MemorySpan as MemorySpan
from memspan.stats.memory_span import memory_span as memory_span
from memspan.stats.newcombe import newcombe as newcombe
from memspan.stats.newcombe_paired import newcombe_paired as newcombe_paired
from memspan.stats.pairwise import Comparison as Comparison
from memspan.stats.pairwise import pairwise as pairwise
from memspan.stats.runs_needed import RunsNeeded as RunsNeeded
from memspan.stats.runs_needed import next_block as next_block
from memspan.stats.runs_needed import runs_needed as runs_needed
from memspan.stats.score_test import score_test as score_test
from memspan.stats.significance import Significance as Significance
from memspan.stats.survival import SurvivalCurve as SurvivalCurve
from memspan.stats.survival import kaplan_meier as kaplan_meier
from memspan.stats.survival import median_time as median_time
from memspan.stats.wilson import wilson as wilson

__all__ = [
    "Comparison",
    "MemorySpan",
    "RunsNeeded",
    "Significance",
    "SurvivalCurve",
    "clopper_pearson",
    "holm",
    "kaplan_meier",
    "log_rank",
    "mcnemar",
    "median",
    "median_time",
    "memory_span",
    "newcombe",
    "newcombe_paired",
    "next_block",
    "pairwise",
    "runs_needed",
    "score_test",
    "wilson",
]
