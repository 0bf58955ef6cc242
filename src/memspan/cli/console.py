"""Where words go: data to standard output, progress to standard error, colour only where it is wanted."""

from __future__ import annotations

import sys

from rich.console import Console

__all__ = ["err", "out"]

PIPE_WIDTH = 100  # a pipe has no width of its own; wide enough that no line of ours is broken


def out() -> Console:
    """Return the console of standard output; rich itself honours NO_COLOR and a missing terminal."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH, soft_wrap=False)


def err() -> Console:
    """Return the console of standard error."""
    return Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else PIPE_WIDTH)
