"""Reading a person's own sequences: all at once, or one after another."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int

from memspan.core.errors import InvalidInput
from memspan.data.alphabet import Alphabet
from memspan.data.read.bins import BinIds, Bins
from memspan.data.read.each import Tokens
from memspan.data.read.layout import Arrange, buffers
from memspan.data.read.lines import MAX_LINE
from memspan.data.read.long import contiguous, gather
from memspan.data.read.options import Format, Options
from memspan.data.read.refusal import Ledger, OnError
from memspan.data.read.report import ReadReport
from memspan.data.read.sources import open_source
from memspan.data.read.symbols import SymbolIds, Values

__all__ = ["SequenceData", "SequenceStream", "read_sequences", "stream_sequences"]


@dataclass(frozen=True)
class SequenceData:
    """Sequences as ids of symbols.

    Attributes:
        sequences: one array per sequence, each place in it an index into the alphabet.
        alphabet: the symbols: sorted, or for bins from the lowest to the highest.
        report: what was read and what was refused.
    """

    sequences: list[Int[np.ndarray, " _time"]]
    alphabet: tuple[Hashable, ...]
    report: ReadReport


class SequenceStream(Iterator[Int[np.ndarray, " time"]]):
    """Sequences one after another; made by `stream_sequences`, and used up by one loop.

    Args:
        source: see `stream_sequences`.
        options: see `stream_sequences`.
        arrange: what to do with rows in long format.
    """

    def __init__(self, source: Any, options: Options, arrange: Arrange) -> None:
        opened = open_source(source, options)
        self._ledger = Ledger(opened.name, opened.unit, options.on_error)
        self._ids = SymbolIds() if options.bins is None else BinIds(options.bins)
        self._arrays = self._ids.encode(buffers(opened, options, self._ledger, arrange))

    def __iter__(self) -> SequenceStream:
        return self

    def __next__(self) -> Int[np.ndarray, " time"]:
        for sequence in self._arrays:
            return sequence
        if not self._ledger.read:
            raise InvalidInput(_nothing(self.report))
        raise StopIteration

    @property
    def alphabet(self) -> tuple[Hashable, ...]:
        """The symbols of the sequences so far: as first seen, or for bins from the lowest to the highest."""
        return self._ids.alphabet

    @property
    def report(self) -> ReadReport:
        """What was read and what was refused so far."""
        return self._ledger.report()


def read_sequences(
    source: Any,
    *,
    format: Format | None = None,
    column: str | Sequence[str] | None = None,
    sequence: str | None = None,
    order: str | None = None,
    tokens: Tokens | None = None,
    values: Values | None = None,
    bins: Bins | None = None,
    names: Sequence[str] | None = None,
    delimiter: str | None = None,
    on_error: OnError = "raise",
    max_line: int = MAX_LINE,
) -> SequenceData:
    """Read all sequences of a file, frame, array or iterable into memory.

    Example:
        >>> data = read_sequences([[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]])
        >>> data.sequences[0], data.alphabet
        (array([3, 0, 1, 2, 3], dtype=int32), (0, 1, 2, 3, 4))
        >>> print(data.report)
        the iterable: read 2 sequences of 10 symbols from 2 items; refused none
        >>> records = [{"user": "b", "at": 2, "did": "pay"}, {"user": "b", "at": 1, "did": "look"}]
        >>> read_sequences(records, column="did", sequence="user", order="at").sequences
        [array([0, 1], dtype=int32)]

    Args:
        source: a path (CSV, TSV, JSON Lines, Parquet, plain text, .npy), a pandas or polars frame, a NumPy array
            with a sequence per row, or an iterable of sequences or of records with named fields.
        format: the file's format; None takes it from the ending of its name.
        column: the column of symbols, which may be left out if no other is there; or several columns that hold
            one sequence each. Cells that are lists are sequences.
        sequence: long format: the column with the sequences' ids. For plain text what is one sequence: "line"
            (also if None), "paragraph" or "file".
        order: long format: the column with the places within a sequence, numbers or ISO 8601 times; None means
            that rows stand in order.
        tokens: cuts text into "characters" or "words" (between white space): each row's cell, or line of plain
            text, is a sequence. None cuts plain text into characters and takes a table's cell as one symbol.
        values: "integers", "numbers" (each distinct number is a symbol) or "text"; None takes the first value's
            kind, plain text as text, and decimal numbers not at all.
        bins: reads numbers and turns them into bins, which are the symbols.
        names: the columns' names of a CSV or TSV file without a header line.
        delimiter: between the fields of a CSV or TSV file; None is a comma or a tab.
        on_error: "raise" refuses the source at the first malformed row; "count" refuses that row's sequence,
            counts it and reads on.
        max_line: bytes of the longest line allowed.

    Returns:
        The sequences, their alphabet and the report.

    Raises:
        InvalidInput: the source is malformed, in one sentence with its name and the line, row or item.
    """
    options = Options(
        format, column, sequence, order, tokens, values, bins, _tuple(names), delimiter, on_error, max_line
    )
    stream = SequenceStream(source, options, gather)
    found = list(stream)
    if bins is None:
        return _sorted(found, stream.alphabet, stream.report)
    return SequenceData(found, stream.alphabet, stream.report)


def stream_sequences(
    source: Any,
    *,
    format: Format | None = None,
    column: str | Sequence[str] | None = None,
    sequence: str | None = None,
    order: str | None = None,
    tokens: Tokens | None = None,
    values: Values | None = None,
    bins: Bins | None = None,
    names: Sequence[str] | None = None,
    delimiter: str | None = None,
    on_error: OnError = "raise",
    max_line: int = MAX_LINE,
) -> SequenceStream:
    """Read sequences one after another, for sources larger than memory.

    Memory holds the longest sequence, the alphabet and, in long format, the ids of the sequences before, whose
    rows must stand together. Bins other than given edges need two passes; the first writes the numbers to a
    temporary file, 8 bytes each (16 for quantiles).

    Example:
        >>> stream = stream_sequences(iter(["abba", "acca"]))
        >>> next(stream), stream.alphabet
        (array([0, 1, 1, 0], dtype=int32), ('a', 'b'))
        >>> next(stream), stream.alphabet
        (array([0, 2, 2, 0], dtype=int32), ('a', 'b', 'c'))

    Args:
        source: as in `read_sequences`, as are all arguments.
        format: the file's format.
        column: the column or columns of symbols.
        sequence: the column with the sequences' ids; for plain text what is one sequence.
        order: the column with the places within a sequence.
        tokens: how to cut text.
        values: which values may be symbols.
        bins: how to bin numbers.
        names: the columns' names of a CSV or TSV file without a header line.
        delimiter: between the fields of a CSV or TSV file.
        on_error: "raise" or "count".
        max_line: bytes of the longest line allowed.

    Returns:
        An iterator over sequences of ids, whose alphabet grows and whose report counts as it goes.

    Raises:
        InvalidInput: here or during the loop, as in `read_sequences`.
    """
    options = Options(
        format, column, sequence, order, tokens, values, bins, _tuple(names), delimiter, on_error, max_line
    )
    return SequenceStream(source, options, contiguous)


def _tuple(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(names)


def _sorted(sequences: list[Int[np.ndarray, " _time"]], seen: tuple[Hashable, ...], report: ReadReport) -> SequenceData:
    alphabet = Alphabet.of([seen])
    places = alphabet.ids(seen)
    return SequenceData([places[sequence] for sequence in sequences], alphabet.symbols, report)


def _nothing(report: ReadReport) -> str:
    if report.reasons:
        return f"{report.source} must hold at least one good sequence, but none was read; first, {report.reasons[0]}"
    return f"{report.source} must hold at least one sequence, but holds none; fill it"
