"""A problem that kills whoever reads it on a worker."""

from __future__ import annotations

from dataclasses import dataclass

from tests.cluster.jobs import die

from memspan.problems import Conflict


@dataclass(frozen=True, init=False)
class Deadly(Conflict):
    """The tutorial's problem, which no worker survives at lag 2."""

    def batch(self, key=None):
        if self.lag == 2:
            die()
        return super().batch(key)
