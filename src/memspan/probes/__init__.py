"""Probes: what a trained model holds, and where."""

from memspan.probes.carriers import Carriers as Carriers
from memspan.probes.carriers import carriers as carriers
from memspan.probes.credit import Credit as Credit
from memspan.probes.credit import credit as credit
from memspan.probes.decay import Decay as Decay
from memspan.probes.decay import Fading as Fading
from memspan.probes.decay import decay as decay
from memspan.probes.explain import Explanation as Explanation
from memspan.probes.explain import Gates as Gates
from memspan.probes.explain import Step as Step
from memspan.probes.explain import explain as explain
from memspan.probes.freeze import Frozen as Frozen
from memspan.probes.freeze import freeze as freeze
from memspan.probes.hosted import Hosted as Hosted
from memspan.probes.keeping import Keeping as Keeping
from memspan.probes.keeping import KeepsState as KeepsState
from memspan.probes.noise import Shaken as Shaken
from memspan.probes.noise import noise as noise
from memspan.probes.read_out import ReadOut as ReadOut
from memspan.probes.read_out import read_out as read_out
from memspan.probes.reader import Clamp as Clamp
from memspan.probes.reader import Differentiable as Differentiable
from memspan.probes.reader import Part as Part
from memspan.probes.reader import Reader as Reader
from memspan.probes.reader import Reading as Reading
from memspan.probes.spectrum import Spectrum as Spectrum
from memspan.probes.spectrum import spectrum as spectrum
from memspan.probes.stretch import HoldSpan as HoldSpan
from memspan.probes.stretch import Stretched as Stretched
from memspan.probes.stretch import stretch as stretch
from memspan.probes.swap import Swapped as Swapped
from memspan.probes.swap import swap as swap
from memspan.probes.traced import Called as Called
from memspan.probes.traced import Traced as Traced
from memspan.probes.traced import reader_of as reader_of
from memspan.probes.trials import Trials as Trials
from memspan.probes.trials import trials_of as trials_of
from memspan.probes.wipe import Wiped as Wiped
from memspan.probes.wipe import wipe as wipe
from memspan.probes.working import WorkedStep as WorkedStep
from memspan.probes.working import Working as Working

__all__ = [
    "Called",
    "Carriers",
    "Clamp",
    "Credit",
    "Decay",
    "Differentiable",
    "Explanation",
    "Fading",
    "Frozen",
    "Gates",
    "HoldSpan",
    "Hosted",
    "Keeping",
    "KeepsState",
    "Part",
    "ReadOut",
    "Reader",
    "Reading",
    "Shaken",
    "Spectrum",
    "Step",
    "Stretched",
    "Swapped",
    "Traced",
    "Trials",
    "Wiped",
    "WorkedStep",
    "Working",
    "carriers",
    "credit",
    "decay",
    "explain",
    "freeze",
    "noise",
    "read_out",
    "reader_of",
    "spectrum",
    "stretch",
    "swap",
    "trials_of",
    "wipe",
]
