"""Runs of studies kept as they are done, so that no run is ever made twice and none is lost."""

from memspan.studies.kept.beside import Beside as Beside
from memspan.studies.kept.beside import Longer as Longer
from memspan.studies.kept.blocks import finish as finish
from memspan.studies.kept.keeper import InFile as InFile
from memspan.studies.kept.keeper import InMemory as InMemory
from memspan.studies.kept.keeper import Keeper as Keeper
from memspan.studies.kept.keeper import keeping as keeping
from memspan.studies.kept.rebuilt import changed_code as changed_code
from memspan.studies.kept.rebuilt import spec_of as spec_of
from memspan.studies.kept.stored import stored as stored
from memspan.studies.kept.training import working as working
from memspan.studies.kept.weights import load_trained as load_trained
from memspan.studies.kept.weights import tensors_of as tensors_of
from memspan.studies.kept.weights import trained_of as trained_of

__all__ = [
    "Beside",
    "InFile",
    "InMemory",
    "Keeper",
    "Longer",
    "finish",
    "keeping",
    "load_trained",
    "spec_of",
    "stored",
    "tensors_of",
    "trained_of",
    "working",
]
