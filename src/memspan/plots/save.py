"""Saving a picture as a file, whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.plots.render import pdf, png, svg
from memspan.plots.style import VegaLite

__all__ = ["SUFFIXES", "check_target", "replace", "save"]


def _svg(spec: VegaLite) -> bytes:
    return svg(spec).encode()


def _json(spec: VegaLite) -> bytes:
    return (json.dumps(spec, ensure_ascii=False, allow_nan=False) + "\n").encode()


RENDERERS: dict[str, Callable[[VegaLite], bytes]] = {".svg": _svg, ".png": png, ".pdf": pdf, ".json": _json}
SUFFIXES = tuple(RENDERERS)


def check_target(path: str | os.PathLike[str]) -> Path:
    """Return the path if a picture can be saved there; ask before the work that the picture is to show.

    Example:
        >>> check_target("memory.jpg")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: path must be a file named *.svg, ... but got 'memory.jpg'; ...

    Args:
        path: the file; an existing one will be replaced.

    Returns:
        The path, links followed.

    Raises:
        InvalidInput: the name has another ending, the path is a folder, or its folder cannot be written to.
    """
    target = Path(path)
    if target.is_dir():
        raise InvalidInput(f"path must be a file, but got the folder '{path}'; add a name such as memory.svg")
    if target.suffix.lower() not in SUFFIXES:
        allowed = ", ".join(f"*{suffix}" for suffix in SUFFIXES)
        raise InvalidInput(f"path must be a file named {allowed}, but got '{path}'; the ending decides the format")
    target = target.resolve()
    if not target.parent.is_dir():
        raise InvalidInput(f"path must lie in a folder that exists, but got '{path}'; make '{target.parent}' first")
    if not os.access(target.parent, os.W_OK):
        raise InvalidInput(f"path must lie in a folder you may write to, but got '{path}'; choose another folder")
    return target


def save(spec: VegaLite, path: str | os.PathLike[str]) -> Path:
    r"""Save a picture; the ending of the name decides the format.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save({"mark": "point"}, f"{folder}/point.json").read_text()
        '{"mark": "point"}\n'

    Args:
        spec: a Vega-Lite spec.
        path: the file, ending in .svg, .png, .pdf, or .json for the spec itself; an existing one is replaced.

    Returns:
        Where the picture lies.

    Raises:
        InvalidInput: as in `check_target`, or the disk refuses the file.
    """
    target = check_target(path)
    picture = RENDERERS[target.suffix.lower()](spec)
    return replace(target, picture)


def replace(path: Path, content: bytes) -> Path:
    """Put a file in place of another, or where there is none, in one step.

    Args:
        path: the file.
        content: all of it.

    Raises:
        InvalidInput: the disk refuses it.
    """
    # Beside the target, so that the replacement is one step on one disk.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    except OSError as error:
        raise InvalidInput(
            f"path must be a file that can be written, but got '{path}' ({error.strerror}); choose another"
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return path
