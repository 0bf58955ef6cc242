"""Contract suites that ship with memspan: your problem passes through the same door as ours."""

from memspan.testing.problem import check_problem as check_problem
from memspan.testing.problem import problem_checks as problem_checks
from memspan.testing.violation import Violation as Violation
