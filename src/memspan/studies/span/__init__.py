"""Success against lag for models, rules and recipes, and the memory span that it shows."""

from memspan.studies.adaptive import Adaptive as Adaptive
from memspan.studies.span.findings import findings as findings
from memspan.studies.span.measure import MeasuredCell as MeasuredCell
from memspan.studies.span.measure import measure as measure
from memspan.studies.span.picture import picture as picture
from memspan.studies.span.plan import Cell as Cell
from memspan.studies.span.plan import Study as Study
from memspan.studies.span.recipe import Recipe as Recipe
from memspan.studies.span.result import LEVELS as LEVELS
from memspan.studies.span.result import Span as Span
from memspan.studies.span.result import span as span
from memspan.studies.span.searched import Step as Step
from memspan.studies.span.searched import searched as searched
from memspan.studies.span.study_file import read_shipped as read_shipped
from memspan.studies.span.study_file import read_study as read_study
from memspan.studies.span.study_file import shipped as shipped
from memspan.studies.span.survival import survival_lines as survival_lines
from memspan.studies.span.survival import survival_picture as survival_picture

__all__ = [
    "LEVELS",
    "Adaptive",
    "Cell",
    "MeasuredCell",
    "Recipe",
    "Span",
    "Step",
    "Study",
    "findings",
    "measure",
    "picture",
    "read_shipped",
    "read_study",
    "searched",
    "shipped",
    "span",
    "survival_lines",
    "survival_picture",
]
