"""From a path or an object to what its format's reader makes of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Set
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np

from memspan.core.errors import InvalidInput, check_choice, nearest
from memspan.data.read.arrays import open_array, open_npy
from memspan.data.read.delimited import open_delimited
from memspan.data.read.frames import frame_library, open_pandas, open_polars
from memspan.data.read.jsonlines import open_jsonlines
from memspan.data.read.options import Options
from memspan.data.read.parquet import open_parquet
from memspan.data.read.records import open_iterable
from memspan.data.read.refusal import shown
from memspan.data.read.tables import Items, Table
from memspan.data.read.text import open_text

__all__ = ["Source", "open_source"]

Unit = Literal["line", "row", "item"]

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".txt": "text",
    ".npy": "numpy",
}


class Source(NamedTuple):
    """A source, opened.

    Attributes:
        name: what a sentence calls it.
        unit: what its places count.
        data: its rows or sequences.
    """

    name: str
    unit: Unit
    data: Table | Items


def open_source(source: Any, options: Options) -> Source:
    """Open a path or an object.

    Args:
        source: see `read_sequences`.
        options: see `read_sequences`.

    Returns:
        The source, of which nothing or only its beginning is read.

    Raises:
        InvalidInput: it is of no known kind, or not what its name says.
    """
    if isinstance(source, str | os.PathLike):
        return _open_path(Path(cast("str", source)), options)
    options.only_for_files()
    if (library := frame_library(source)) is not None:
        table = open_pandas(source) if library == "pandas" else open_polars(source)
        return Source(f"the {library} {type(source).__name__}", "row", table)
    if isinstance(source, np.ndarray):
        return Source("the array", "row", open_array(source))
    if not isinstance(source, Iterable) or isinstance(source, Mapping | Set | bytes):
        raise InvalidInput(
            "source must be a path, a frame, an array or an iterable of sequences or records, "
            f"but got {shown(source)}; put sequences in a list"
        )
    return Source("the iterable", "item", open_iterable(cast("Iterable[Any]", source)))


def _open_path(path: Path, options: Options) -> Source:
    _check_file(path)
    form = _format(path, options.format)
    options.only_for_format(form)
    name = str(path)
    match form:
        case "csv" | "tsv":
            delimiter = options.delimiter or ("," if form == "csv" else "\t")
            return Source(name, "line", open_delimited(path, delimiter, options.names, options.max_line))
        case "jsonl":
            return Source(name, "line", open_jsonlines(path, options.max_line))
        case "text":
            return Source(name, "line", open_text(path, options.sequence, options.max_line))
        case "parquet":
            return Source(name, "row", open_parquet(path))
        case _:
            return Source(name, "row", open_npy(path))


def _format(path: Path, given: str | None) -> str:
    if given is not None:
        return check_choice("format", given, sorted(set(SUFFIXES.values())))
    unpacked = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    if (form := SUFFIXES.get(unpacked.suffix.lower())) is None or (unpacked != path and form in ("parquet", "numpy")):
        raise InvalidInput(
            f"path must be a file named *{', *'.join(SUFFIXES)}, or a text format with .gz after it, "
            f"but got '{path}'; rename it or pass format"
        )
    return form


def _check_file(path: Path) -> None:
    if os.path.isdir(path):
        raise InvalidInput(f"path must be a file, but got the folder '{path}'; give one of its files")
    # Unlike Path's own, these answer no to a name that is too long to be one.
    if not os.path.exists(path):
        folder = path.parent
        readable = os.path.isdir(folder) and os.access(folder, os.R_OK)
        guess = nearest(path.name, os.listdir(folder)) if readable else None
        advice = f"did you mean '{folder / guess}'?" if guess else "check the name"
        raise InvalidInput(f"path must be a file that exists, but got '{path}'; {advice}")
    if not os.access(path, os.R_OK):
        raise InvalidInput(f"path must be a file you may read, but got '{path}'; change its permissions")
    if path.is_file() and not path.stat().st_size:
        raise InvalidInput(f"{path} must hold at least one sequence, but the file is empty; fill it")
