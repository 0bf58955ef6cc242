"""Being a user whom permissions bind, for tests that may be run by the superuser."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def unprivileged():
    """Act as nobody where the superuser runs the tests, else as oneself."""
    if os.geteuid():
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def open_folder():
    """A folder that everyone may enter, unlike pytest's own, and that may be made read-only."""
    folder = Path(tempfile.mkdtemp()).resolve()
    folder.chmod(0o777)
    try:
        yield folder
    finally:
        folder.chmod(0o777)
        shutil.rmtree(folder)
