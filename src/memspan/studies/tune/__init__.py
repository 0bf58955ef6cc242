"""The smallest configuration that succeeds often enough: searched with some seeds, confirmed with others."""

from memspan.studies.tune.confirm import Winner as Winner
from memspan.studies.tune.front import front as front
from memspan.studies.tune.picture import picture as picture
from memspan.studies.tune.plan import Tuning as Tuning
from memspan.studies.tune.questions import QUESTIONS as QUESTIONS
from memspan.studies.tune.result import Tuned as Tuned
from memspan.studies.tune.result import running as running
from memspan.studies.tune.result import tune as tune
from memspan.studies.tune.space import Choice as Choice
from memspan.studies.tune.space import Range as Range
from memspan.studies.tune.trial import Trial as Trial
from memspan.studies.tune.tuning_file import read_tuning as read_tuning
from memspan.studies.tune.tuning_file import tuning_of as tuning_of

__all__ = [
    "QUESTIONS",
    "Choice",
    "Range",
    "Trial",
    "Tuned",
    "Tuning",
    "Winner",
    "front",
    "picture",
    "read_tuning",
    "running",
    "tune",
    "tuning_of",
]
