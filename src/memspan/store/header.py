"""What a file says of itself in its first hundred bytes, read without opening it as a database: nothing is touched."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.store.failure import StoreError
from memspan.store.schema import APPLICATION, STEPS

__all__ = ["check_file", "check_version"]

MAGIC = b"SQLite format 3\0"
SIZE = 100


@dataclass(frozen=True)
class _Header:
    """The fields of interest; sqlite.org/fileformat2.html, section 1.3."""

    bytes: int  # that the file should have
    version: int
    application: int

    @classmethod
    def of(cls, raw: bytes) -> _Header:
        page = struct.unpack_from(">H", raw, 16)[0]
        pages, version, application = (struct.unpack_from(">I", raw, place)[0] for place in (28, 60, 68))
        return cls((65536 if page == 1 else page) * pages, version, application)


def check_file(path: Path) -> bool:
    """Return whether there is a store at a path; an empty file is none yet.

    Args:
        path: where.

    Returns:
        True for a store that this library can open, False where one may be made.

    Raises:
        InvalidInput: something else is there, or a store of a newer or unknown version.
        StoreError: it may not be read, or is torn.
    """
    log = path.with_name(path.name + "-wal")
    try:
        logged = log.exists()
        if path.is_dir():
            raise InvalidInput(f"store must be a file, but {path} is a folder; add a name, such as {path / 'runs.db'}")
        if not path.exists():
            raw, size = b"", 0
        else:
            with path.open("rb") as file:
                raw, size = file.read(SIZE), os.fstat(file.fileno()).st_size
    except OSError as error:
        raise StoreError(f"{path} may not be read ({error.strerror}); ask for the right to read it") from error
    if not raw:
        if logged and log.stat().st_size:
            raise StoreError(
                f"{path} is empty, but {log.name} holds runs of it; put the file back, or move {log.name} away"
            )
        return False
    if raw[: len(MAGIC)] != MAGIC:
        raise InvalidInput(f"store must be a store of memspan, but {path} is no SQLite file; name another")
    if len(raw) < SIZE:
        raise _torn(path, size, "at least 512")
    header = _Header.of(raw)
    if header.application != APPLICATION:
        raise InvalidInput(f"store must be a store of memspan, but {path} is another program's; name another file")
    check_version(path, header.version)
    # After a crash the log has what the file lacks, and SQLite puts it back.
    if size < header.bytes and not logged and not log.exists():
        raise _torn(path, size, f"{header.bytes:,}")
    return True


def check_version(path: Path, version: int) -> None:
    """Refuse a store whose tables this library does not know.

    Args:
        path: the store.
        version: of its tables.

    Raises:
        InvalidInput: they are of a newer version, or of none.
    """
    if version > len(STEPS):
        raise InvalidInput(
            f"store must be of version {len(STEPS)} or older, but {path} is of version {version}, made by a newer "
            "memspan; update memspan with pip install -U memspan"
        )
    if version < 1:
        raise InvalidInput(f"store must be of version 1 or newer, but {path} is of none; name another file")


def _torn(path: Path, size: int, of: str) -> StoreError:
    return StoreError(
        f"{path} is torn: it has {size:,} bytes of {of}; nothing was changed in it: put back a copy, or recover what "
        "there is with `sqlite3 .recover`"
    )
