"""Exit codes, and the last guard between an error and a person."""

from __future__ import annotations

import enum
import json
import os
import shlex
import sys
from collections.abc import Callable, Sequence

from memspan.cli.json_target import goes_to_standard_output
from memspan.core.errors import ClusterError, InvalidInput, RunFailed, StoreError

__all__ = ["Exit", "guarded"]


class Exit(enum.IntEnum):
    """How the process ends: BELOW where all is measured, but a rate is not as high as --fail-under asks."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BELOW = 3
    INTERRUPTED = 130
    CLOSED_PIPE = 141


def guarded(command: Callable[[], int], words: Sequence[str]) -> None:
    """Run a command; whatever happens, end with one sentence and the right exit code, never a traceback.

    Args:
        command: returns the exit code.
        words: the command line, repeated where it can be continued.
    """
    try:
        code = command()
        sys.stdout.flush()
    except InvalidInput as error:
        code = _fail(Exit.USAGE, str(error), words)
    except (ClusterError, RunFailed, StoreError) as error:
        code = _fail(Exit.FAILED, str(error), words)
    except KeyboardInterrupt:
        again = shlex.join(["memspan", *words])
        code = _fail(
            Exit.INTERRUPTED,
            f"interrupted; the same seeds give the same runs, start again with: {again}",
            words,
        )
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing is wrong, and nobody is left to tell.
        code = Exit.CLOSED_PIPE
    except OSError as error:
        code = _fail(Exit.FAILED, f"{error.strerror or error}: {error.filename or 'output'}", words)
    _end(code)


def _fail(code: Exit, sentence: str, words: Sequence[str]) -> int:
    """Say what is wrong: as an object on standard output where JSON was asked for, else on standard error."""
    if goes_to_standard_output(words):
        sys.stdout.write(json.dumps({"version": 1, "error": {"message": sentence, "exit_code": int(code)}}) + "\n")
        sys.stdout.flush()
    else:
        sys.stderr.write(f"memspan: {sentence}\n")
    return code


def _end(code: int) -> None:
    """End now: worker threads inside a compiled program cannot be interrupted and are not waited for."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        code = Exit.CLOSED_PIPE
    os._exit(code)
