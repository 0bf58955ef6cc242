"""The tutorial's demonstration, measured: which learning rules make the network remember, in how many runs."""

from memspan.studies.demo.findings import findings as findings
from memspan.studies.demo.measure import Measured as Measured
from memspan.studies.demo.measure import measure as measure
from memspan.studies.demo.picture import picture as picture
from memspan.studies.demo.plan import RECIPES as RECIPES
from memspan.studies.demo.plan import RECOMMENDED as RECOMMENDED
from memspan.studies.demo.plan import TUTORIAL as TUTORIAL
from memspan.studies.demo.plan import Line as Line
from memspan.studies.demo.plan import Settings as Settings
from memspan.studies.demo.plan import plan as plan

__all__ = [
    "RECIPES",
    "RECOMMENDED",
    "TUTORIAL",
    "Line",
    "Measured",
    "Settings",
    "findings",
    "measure",
    "picture",
    "plan",
]
