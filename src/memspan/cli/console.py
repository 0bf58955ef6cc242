"""Where words go: data to standard output, progress to standard error, colour only where it is wanted."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from rich.console import Console

__all__ = ["err", "out", "working"]

PIPE_WIDTH = 100  # a pipe has no width of its own; wide enough that no line of ours is broken


class _Console(Console):
    """A console that lets `guarded` decide what a reader who has gone away means."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def out() -> Console:
    """Return the console of standard output; rich itself honours NO_COLOR and a missing terminal."""
    return _Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH, soft_wrap=False)


def err() -> Console:
    """Return the console of standard error."""
    return _Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PIPE_WIDTH)


def working(sentence: str, quiet: bool) -> AbstractContextManager[Any]:
    """Show what is being done, with a moving sign, to a person at a terminal; say nothing elsewhere."""
    console = err()
    return console.status(sentence) if console.is_terminal and not quiet else nullcontext()
