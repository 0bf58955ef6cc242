"""What pytest loads where memspan is installed: a mark, and a fixture that knows what the mark says."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from memspan.pytest.assertion import assert_memory_span

__all__ = ["memory_span", "pytest_configure"]

MARK = "memory_span"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(at_least=100, level=0.9, ...): what the fixture {MARK} asserts of a model; see "
        "memspan.pytest.assert_memory_span",
    )


@pytest.fixture
def memory_span(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Return `assert_memory_span` with what the marks of the test say; the nearest mark decides."""
    settings: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers(MARK))):
        if mark.args:
            raise pytest.UsageError(f"the mark {MARK} takes names only, such as at_least=100, but got {mark.args!r}")
        settings |= mark.kwargs
    return functools.partial(assert_memory_span, **settings)
