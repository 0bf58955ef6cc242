"""Commands in this process, for each process of its own would wait seconds for JAX."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass

import pytest

import memspan.cli.compilation
import memspan.cli.exits
from memspan.cli.main import main


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


@pytest.fixture
def command(monkeypatch, tmp_path):
    """Run a command in a folder of its own; return its exit code and what it prints."""

    def end(code):
        raise SystemExit(int(code))

    monkeypatch.setattr(memspan.cli.exits, "_end", end)
    monkeypatch.setattr(memspan.cli.compilation, "remember_compilations", lambda: None)
    monkeypatch.chdir(tmp_path)

    def run(*words):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        return Done(left.value.code, out.getvalue(), err.getvalue())

    return run
