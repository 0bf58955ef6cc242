"""The plugin in a project of somebody else's: tests that pass and fail, and nothing when unused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import memspan

SOURCE = str(Path(memspan.__file__).parents[1])
PLAIN = ("-p", "no:cacheprovider", "-p", "no:jaxtyping", "-p", "no:memspan", "-p", "memspan.pytest.plugin")
TESTS = """
import pytest
import memspan as ms

pytestmark = pytest.mark.memory_span(level=0.5, seeds=4, epochs=60, optimizer="Adam(learning_rate=0.05)")

@pytest.mark.memory_span(at_least=1)
def test_remembers(memory_span):
    assert memory_span(ms.models.LSTM(units=8)).n == 4

@pytest.mark.memory_span(at_least=3, epochs=3)
def test_forgets(memory_span):
    memory_span(ms.models.MLP(units=4, window=2))

@pytest.mark.memory_span(at_least=1, seeds=3)
def test_too_few(memory_span):
    memory_span(ms.models.LSTM(units=8))

@pytest.mark.memory_span(1)
def test_misread(memory_span):
    pass
"""
UNUSED = """
import sys

def test_is_light():
    heavy = {"jax", "numpy", "scipy", "torch", "keras", "memspan.core", "memspan.studies"} & set(sys.modules)
    assert not heavy
    assert "memspan.pytest.plugin" in sys.modules
"""


@pytest.fixture
def project(tmp_path):
    """Run pytest on a file in a process of its own, as another project does."""

    def run(text, *words):
        (tmp_path / "test_mine.py").write_text(text)
        (tmp_path / "pytest.ini").write_text("[pytest]\n")
        return subprocess.run(
            [sys.executable, "-m", "pytest", *PLAIN, *words],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": SOURCE, "PYTEST_ADDOPTS": ""},
        )

    return run


def test_a_team_sees_what_was_forgotten(project):
    done = project(TESTS, "--strict-markers")
    assert done.returncode == 1
    assert "1 passed, 2 failed, 1 error" in done.stdout or "2 failed, 1 passed, 1 error" in done.stdout
    assert "AssertionError: a memory span of 3 is not shown: 0 of 4 runs succeed, 0% [0%, 49%]" in done.stdout
    assert "at most without memory (floor)" in done.stdout
    assert "seeds must be at least 4 to show a level of 0.5, but got 3" in done.stdout
    assert "the mark memory_span takes names only, such as at_least=100, but got (1,)" in done.stdout


def test_unused_it_loads_nothing_and_says_what_it_has(project):
    done = project(UNUSED)
    assert done.returncode == 0, done.stdout
    assert "@pytest.mark.memory_span(at_least=100, level=0.9, ...)" in project(UNUSED, "--markers").stdout


def test_it_is_an_entry_point():
    project = Path(__file__).parents[2] / "pyproject.toml"
    import tomllib

    points = tomllib.loads(project.read_text())["project"]["entry-points"]["pytest11"]
    assert points == {"memspan": "memspan.pytest.plugin"}
