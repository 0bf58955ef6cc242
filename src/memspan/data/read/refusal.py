"""What is wrong with a row or a sequence, and the book in which it is counted."""

from __future__ import annotations

from typing import Any, Literal

from memspan.core.errors import InvalidInput
from memspan.data.read.report import ReadReport

__all__ = ["Bad", "Fatal", "Ledger", "OnError", "shown"]

OnError = Literal["raise", "count"]

REASONS_KEPT = 3
SHOWN_LENGTH = 60


class Bad(Exception):
    """A row, line or sequence is not what it should be; it may be refused and the rest read.

    Attributes:
        reason: "must be ..., but ...; do ...", the end of a sentence.
        subject: what the sentence is about; None leaves it to whoever knows the column.
        text: the best reading of a badly encoded line, to follow its quotes; None when there is none.
    """

    def __init__(self, reason: str, subject: str | None = None, text: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.subject = subject
        self.text = text

    def about(self, subject: str) -> Bad:
        """Return the same refusal, about a named thing if it names none yet."""
        return type(self)(self.reason, self.subject or subject, self.text)


class Fatal(Bad):
    """The whole source is not what it should be, so that refusing one row does not help."""


class Ledger:
    """Counts what is read and what is refused; refuses the whole source at once if that is asked for.

    Example:
        >>> ledger = Ledger("log.csv", "line", "count")
        >>> ledger.note(7, Bad("must hold a value, but is empty", "column 'x'"))
        >>> ledger.lose(rows=2)
        >>> ledger.take(rows=3, symbols=3)
        >>> print(ledger.report())
        log.csv: read 1 sequence of 3 symbols from 3 lines; refused 1 sequence and 2 lines, first for this:
        log.csv, line 7: column 'x' must hold a value, but is empty

    Args:
        source: the file or object, as a sentence names it.
        unit: what its places count: "line", "row" or "item".
        on_error: "raise" ends at the first refusal, "count" counts it.
    """

    def __init__(self, source: str, unit: str, on_error: OnError) -> None:
        self.source = source
        self.unit = unit
        self.on_error = on_error
        self.reasons: list[str] = []
        self.read = self.refused = self.rows_read = self.rows_refused = self.symbols = 0

    def sentence(self, place: int, bad: Bad) -> str:
        """Return the sentence for a person."""
        return f"{self.source}, {self.unit} {place:,}: {bad.subject or f'the {self.unit}'} {bad.reason}"

    def note(self, place: int, bad: Bad) -> None:
        """Remember what is wrong, or end here."""
        if self.on_error == "raise" or isinstance(bad, Fatal):
            raise InvalidInput(self.sentence(place, bad)) from None
        if len(self.reasons) < REASONS_KEPT:
            self.reasons.append(self.sentence(place, bad))

    def lose_row(self, place: int, bad: Bad) -> None:
        """Refuse a row that belongs to no known sequence."""
        self.note(place, bad)
        self.rows_refused += 1

    def lose(self, rows: int) -> None:
        """Refuse a sequence with all its rows; what is wrong was noted before."""
        self.refused += 1
        self.rows_refused += rows

    def take(self, rows: int, symbols: int) -> None:
        """Count a sequence as read."""
        self.read += 1
        self.rows_read += rows
        self.symbols += symbols

    def report(self) -> ReadReport:
        """Return the counts so far."""
        return ReadReport(
            source=self.source,
            unit=self.unit,
            read=self.read,
            refused=self.refused,
            rows_read=self.rows_read,
            rows_refused=self.rows_refused,
            symbols=self.symbols,
            reasons=tuple(self.reasons),
        )


def shown(value: Any) -> str:
    """Return a value as a sentence shows it, shortened if it is long.

    Example:
        >>> shown("a"), len(shown("a" * 1000))
        ("'a'", 60)
    """
    # The slice comes first: a cell of a gigabyte is not to be copied for the sake of an error.
    text = repr(value[:SHOWN_LENGTH] if isinstance(value, str | bytes) else value)
    longer = len(text) > SHOWN_LENGTH or (isinstance(value, str | bytes) and len(value) > SHOWN_LENGTH)
    return f"{text[: SHOWN_LENGTH - 3]}..." if longer else text
