"""Problems that need memory, one file each."""

from memspan.problems.conflict import Conflict as Conflict
