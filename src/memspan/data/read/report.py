"""What was read and what was refused, in counts and in one line."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ReadReport"]


@dataclass(frozen=True)
class ReadReport:
    """Counts of what was read and what was refused; printed, it is one line.

    Every sequence and every row of a source is in exactly one count. A malformed row refuses its whole sequence,
    because leaving it out would make neighbours of symbols that are none.

    Example:
        >>> print(ReadReport("log.csv", "line", read=2, refused=0, rows_read=10, rows_refused=0, symbols=10))
        log.csv: read 2 sequences of 10 symbols from 10 lines; refused none

    Attributes:
        source: the file or object.
        unit: what `rows_read` and `rows_refused` count: "line" (in CSV, a record), "row" or "item".
        read: sequences read.
        refused: sequences refused.
        rows_read: rows that went into the sequences read.
        rows_refused: rows of refused sequences, and rows whose sequence is unknown.
        symbols: symbols in all sequences read.
        reasons: the first few sentences that say what is wrong and where.
    """

    source: str
    unit: str
    read: int
    refused: int
    rows_read: int
    rows_refused: int
    symbols: int
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        took = (
            f"{self.source}: read {_counted(self.read, 'sequence')} of {_counted(self.symbols, 'symbol')} "
            f"from {_counted(self.rows_read, self.unit)}"
        )
        if not self.refused and not self.rows_refused:
            return f"{took}; refused none"
        lost = f"{_counted(self.refused, 'sequence')} and {_counted(self.rows_refused, self.unit)}"
        return f"{took}; refused {lost}, first for this: {self.reasons[0]}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
