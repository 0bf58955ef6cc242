"""Contract suites that ship with memspan: your problem, model or rule passes through the same door as ours."""

from memspan.testing.adapter import Finding as Finding
from memspan.testing.adapter import adapter_checks as adapter_checks
from memspan.testing.adapter import check_adapter as check_adapter
from memspan.testing.adapter import examine_adapter as examine_adapter
from memspan.testing.model import check_model as check_model
from memspan.testing.model import model_checks as model_checks
from memspan.testing.problem import check_problem as check_problem
from memspan.testing.problem import problem_checks as problem_checks
from memspan.testing.rule import check_rule as check_rule
from memspan.testing.rule import rule_checks as rule_checks
from memspan.testing.violation import Violation as Violation
