"""Memory as a test in your own project: `assert_memory_span`, and a plugin for pytest with a mark and a fixture."""

from memspan.pytest.assertion import assert_memory_span as assert_memory_span

__all__ = ["assert_memory_span"]
