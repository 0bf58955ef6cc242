"""`memspan completion`: what a shell needs to complete our commands and options."""

from __future__ import annotations

import sys
from typing import Literal

__all__ = ["completion"]


def completion(shell: Literal["bash", "zsh", "fish"], /) -> int:
    """Print a script that completes commands and options; no file is changed.

    For bash: memspan completion bash > ~/.local/share/bash-completion/completions/memspan

    Args:
        shell: Which shell.

    Returns:
        The exit code.
    """
    from memspan.cli.main import app

    sys.stdout.write(app.generate_completion(prog_name="memspan", shell=shell).rstrip() + "\n")
    return 0
