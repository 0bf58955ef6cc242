"""Lines of a text file, however long the file: numbered, decoded, none longer than a limit."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

from memspan.core.errors import InvalidInput
from memspan.data.read.refusal import Bad

__all__ = ["MAX_LINE", "bare", "read_lines"]

MAX_LINE = 64 * 2**20
BOM = b"\xef\xbb\xbf"
SKIP = 2**16


def read_lines(path: Path, max_line: int = MAX_LINE) -> Iterator[tuple[int, str | Bad]]:
    """Yield each line with its number, counted from 1, and its line end; `Bad` in place of a malformed one.

    A line longer than the limit is never held in memory: what follows the limit is passed over in small pieces,
    and only if the reader of these lines asks for the next one.

    Args:
        path: a text file in UTF-8, with or without a byte order mark; unpacked on the way if it ends in .gz.
        max_line: bytes of the longest line allowed.

    Raises:
        InvalidInput: the file is packed and the packing is damaged.
    """
    with _opened(path) as file:
        try:
            yield from _numbered(file, max_line)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise InvalidInput(f"{path} must be a whole gzip file, but {error}; pack or copy it again") from error


def bare(line: str) -> str:
    r"""Return a line without its line end.

    Example:
        >>> bare("a b\r\n")
        'a b'
    """
    return line.removesuffix("\n").removesuffix("\r")


def _opened(path: Path) -> gzip.GzipFile | BufferedReader:
    return gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb")


def _numbered(file: gzip.GzipFile | BufferedReader, max_line: int) -> Iterator[tuple[int, str | Bad]]:
    number, offset = 0, 0
    while raw := file.readline(max_line + 1):
        number += 1
        if len(raw) > max_line and not raw.endswith(b"\n"):
            yield number, Bad(f"must be at most {max_line:,} bytes long, but is longer; break it or raise max_line")
            offset += _skip(file)
        else:
            yield number, _decoded(raw, offset)
        offset += len(raw)


def _skip(file: gzip.GzipFile | BufferedReader) -> int:
    """Pass over the rest of a line."""
    skipped = 0
    while piece := file.readline(SKIP):
        skipped += len(piece)
        if piece.endswith(b"\n"):
            break
    return skipped


def _decoded(raw: bytes, offset: int) -> str | Bad:
    mark = len(BOM) if offset == 0 and raw.startswith(BOM) else 0
    try:
        return raw[mark:].decode()
    except UnicodeDecodeError as error:
        at = error.start + mark
        return Bad(
            f"must be UTF-8 text, but byte {offset + at:,} of the file is 0x{raw[at]:02x}; save the file as UTF-8",
            text=raw[mark:].decode(errors="replace"),
        )
