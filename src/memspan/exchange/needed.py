"""Libraries of other frameworks, imported when they are used."""

from __future__ import annotations

import importlib
from typing import Any

from memspan.core.errors import InvalidInput

__all__ = ["needed"]


def needed(module: str, purpose: str, install: str) -> Any:
    """Return a module, or say what it is for and how to get it.

    Example:
        >>> needed("no_such_library", "writing it", "pip install no-such-library")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: writing it must have no_such_library, but No module named
        'no_such_library'; install it with pip install no-such-library

    Args:
        module: its name.
        purpose: what needs it.
        install: the command that installs it.

    Raises:
        InvalidInput: it cannot be imported.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise InvalidInput(f"{purpose} must have {module}, but {error}; install it with {install}") from error
