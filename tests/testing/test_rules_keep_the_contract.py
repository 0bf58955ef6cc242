"""Every rule keeps the contract."""

from __future__ import annotations

import inspect

import pytest
from tests.quick import quick

from memspan import rules
from memspan.rules import BPTT, RTRL, Online, SnAp, Truncated1997, TruncatedBPTT
from memspan.testing import check_rule, rule_checks

# Each rule, and the model it needs where it cannot teach any.
RULES = {
    "online": (Online(), None),
    "bptt": (BPTT(), None),
    "bptt, checkpoints": (BPTT(checkpoint=True), None),
    "truncated bptt": (TruncatedBPTT(1, 3), None),
    "truncated bptt, uneven": (TruncatedBPTT(2, 3), None),
    "snap": (SnAp(1), None),
    "snap, two steps": (SnAp(2), None),
    "truncated 1997": (Truncated1997(), None),
    "rtrl": (RTRL(), None),
}


NOW = ("bptt", "truncated bptt", "online", "truncated 1997", "rtrl")


@pytest.mark.parametrize("check", rule_checks())
@pytest.mark.parametrize("name", quick(RULES, NOW))
def test_contract(name, check):
    rule, model = RULES[name]
    check_rule(rule, [check], model=model)


def test_every_rule_is_held_to_the_contract():
    exported = {kind for kind in vars(rules).values() if inspect.isclass(kind)}
    assert exported == {type(rule) for rule, _ in RULES.values()}
