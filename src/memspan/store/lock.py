"""Who writes a store: one process, by a lock that the system lets go when the process ends, however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.store.failure import StoreError

__all__ = ["hold", "is_held", "lock_of"]

PAUSE = 0.05  # seconds between two tries
TRIES = 3  # whoever asks `is_held` has the lock for a moment
_held: set[Any] = set()


def lock_of(path: Path) -> Path:
    """Return the file beside a store that its writer locks. It stays behind, and means nothing while nobody locks it.

    Example:
        >>> lock_of(Path("runs.db")).name
        'runs.db.lock'
    """
    return path.with_name(path.name + ".lock")


@contextmanager
def hold(path: Path, tries: int = TRIES) -> Generator[None, None, None]:
    """Be the only writer of a store.

    The lock is the open file's, so that killing the process leaves nothing behind to clear away, and no clock is
    asked whether it is too old.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "runs.db"
        >>> with hold(path), hold(path):
        ...     pass
        Traceback (most recent call last):
        memspan.core.errors.StoreError: ...runs.db is being written by process ... on ...; wait until it has
        ended or end it, or name another store

    Args:
        path: the store.
        tries: how often to try, a twentieth of a second apart.

    Raises:
        StoreError: another holds it, or the folder may not be written.
        InvalidInput: this system has no such locks.
    """
    try:
        import fcntl
    except ImportError:
        raise InvalidInput("writing a store must have the file locks of Linux or macOS; write it there") from None
    lock = lock_of(path)
    try:
        file = lock.open("a+b", buffering=0)
    except OSError as error:
        raise StoreError(
            f"{path} may not be written here ({error.strerror}: {lock}); name a store in a folder of your own"
        ) from error
    try:
        for left in reversed(range(tries)):
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError as error:
                if not left:
                    raise StoreError(_taken(path, file, error)) from None
                time.sleep(PAUSE)
        _held.add(file)
        # Only words for whoever comes second; a full disk must not keep us from reading.
        with contextlib.suppress(OSError):
            file.truncate(0)
            file.write(json.dumps({"pid": os.getpid(), "host": platform.node()}).encode())
        yield
    finally:
        _held.discard(file)
        file.close()


def is_held(path: Path) -> bool:
    """Return whether a process writes a store now.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "runs.db"
        >>> with hold(path):
        ...     is_held(path)
        True
        >>> is_held(path)
        False

    Args:
        path: the store.

    Returns:
        True while another holds its lock; False too where nobody can tell.
    """
    try:
        import fcntl

        with lock_of(path).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except (ImportError, OSError):
        return False
    return False


def _taken(path: Path, file: Any, error: OSError) -> str:
    if not isinstance(error, BlockingIOError):
        return f"{path} cannot be locked ({error.strerror}); put it on a local disk, whose files can be"
    try:
        file.seek(0)
        holder = json.loads(file.read())
        who = f"process {holder['pid']} on {holder['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        who = "another process"
    return f"{path} is being written by {who}; wait until it has ended or end it, or name another store"


def _let_go() -> None:
    """Close the locks in a child: it would hold them on after its parent was killed."""
    for file in _held:
        file.close()
    _held.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
