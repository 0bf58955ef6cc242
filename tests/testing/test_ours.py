"""Every problem of the conflict family and of 1997 keeps the contract, in small sizes."""

from __future__ import annotations

import inspect

import pytest
from tests.problems.test_modern_rules import CASES as MODERN
from tests.quick import quick

from memspan import problems
from memspan.problems import (
    Adding1997,
    Conflict,
    ContinualReber,
    ContinualTemporalOrder,
    EmbeddedReber,
    Listed,
    LongLag,
    Multiplication1997,
    RandomConflict,
    TemporalOrder,
    TwoSequence,
    VeryLongLag,
    concatenated,
)
from memspan.testing import check_problem

PROBLEMS = [
    Conflict(),
    Conflict(lag=5, middle="fresh"),
    Conflict(lag=5).shorter(2),
    Conflict(lag=4, n_sequences=3, alphabet="abcdXYZ", scored="end"),
    RandomConflict(),
    concatenated(Conflict()),
    Listed(["abcx", "dbcy", "abd", "abc"]),
    EmbeddedReber(),
    LongLag("2a", 10),
    LongLag("2b", 10),
    VeryLongLag(10, 10),
    TwoSequence("3a", 30),
    TwoSequence("3b", 30, 1),
    TwoSequence("3c", 30),
    Adding1997(30),
    Multiplication1997(30),
    TemporalOrder("6a", 30),
    TemporalOrder("6b", 30),
    ContinualReber(n_steps=100),
    ContinualTemporalOrder(3, 30),
]


# One with sequences written down, one drawn, one of real numbers, one that goes on for ever; and what is derived.
NOW = [
    Conflict(),
    Conflict(lag=5).shorter(2),
    concatenated(Conflict()),
    Listed(["abcx", "dbcy", "abd", "abc"]),
    EmbeddedReber(),
    Multiplication1997(30),
    ContinualReber(n_steps=100),
]


@pytest.mark.parametrize("problem", quick(PROBLEMS, NOW), ids=lambda problem: problem.variant)
def test_contract(problem):
    check_problem(problem)


def test_names_are_distinct():
    assert len({problem.variant for problem in PROBLEMS}) == len(PROBLEMS)


def test_every_problem_of_the_catalogue_is_held_to_the_contract():
    catalogue = {kind for kind in vars(problems).values() if inspect.isclass(kind)}
    tested = {type(problem) for problem in [*PROBLEMS, *(problem for problem, _ in MODERN)]}
    assert catalogue - tested == {problems.SequentialDigits}  # in test_modern_digits.py, with its data
