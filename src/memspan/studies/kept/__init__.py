"""Runs of studies kept as they are done, so that no run is ever made twice and none is lost."""

from memspan.studies.kept.blocks import finish as finish
from memspan.studies.kept.keeper import InFile as InFile
from memspan.studies.kept.keeper import InMemory as InMemory
from memspan.studies.kept.keeper import Keeper as Keeper
from memspan.studies.kept.keeper import keeping as keeping
from memspan.studies.kept.stored import stored as stored

__all__ = ["InFile", "InMemory", "Keeper", "finish", "keeping", "stored"]
