"""Some cases of a test each time, all of them with the extended tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest

__all__ = ["quick"]


def quick(cases: Iterable[Any], now: Collection[Any]) -> list[Any]:
    """Return all cases as parameters, of which those that are not among `now` are left to the extended tests.

    Args:
        cases: of one argument, or tuples of several.
        now: those tried each time; each kind of thing that a test is about has one.
    """
    cases = list(cases)
    assert all(any(one is case or one == case for case in cases) for one in now), "now names a case that is none"
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)),
            marks=[] if any(one is case or one == case for one in now) else [pytest.mark.extended],
        )
        for case in cases
    ]
