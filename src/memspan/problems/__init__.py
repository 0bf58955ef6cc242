"""Problems that need memory, one file each."""

from memspan.problems.associative_recall import AssociativeRecall as AssociativeRecall
from memspan.problems.conflict import Conflict as Conflict
from memspan.problems.copy_memory import CopyMemory as CopyMemory
from memspan.problems.cycle_navigation import CycleNavigation as CycleNavigation
from memspan.problems.delayed_recall import DelayedRecall as DelayedRecall
from memspan.problems.dyck import Dyck as Dyck
from memspan.problems.even_pairs import EvenPairs as EvenPairs
from memspan.problems.induction_heads import InductionHeads as InductionHeads
from memspan.problems.memory_capacity import MemoryCapacity as MemoryCapacity
from memspan.problems.modern_adding import ModernAdding as ModernAdding
from memspan.problems.modular_arithmetic import ModularArithmetic as ModularArithmetic
from memspan.problems.multi_query_recall import MultiQueryRecall as MultiQueryRecall
from memspan.problems.n_back import NBack as NBack
from memspan.problems.parity import Parity as Parity
from memspan.problems.selective_copying import SelectiveCopying as SelectiveCopying
from memspan.problems.sequential_digits import SequentialDigits as SequentialDigits
