"""Every problem of ours keeps the contract."""

from __future__ import annotations

import pytest

from memspan.problems import Conflict
from memspan.testing import check_problem, problem_checks

PROBLEMS = [
    Conflict(),
    Conflict(lag=5, middle="fresh"),
    Conflict(lag=4, n_sequences=3, alphabet="abcdXYZ", scored="end"),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.variant)
@pytest.mark.parametrize("check", problem_checks())
def test_contract(problem, check):
    check_problem(problem, [check])
