"""How a source is to be read, checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.data.read.bins import Bins
from memspan.data.read.each import Tokens
from memspan.data.read.kinds import Interpret, from_text, number_in_object, number_in_text
from memspan.data.read.lines import MAX_LINE
from memspan.data.read.refusal import OnError
from memspan.data.read.symbols import Cells, Numbers, Symbols, Values

__all__ = ["Format", "Options"]

Format = Literal["csv", "tsv", "jsonl", "parquet", "text", "numpy"]


@dataclass(frozen=True)
class Options:
    """What `read_sequences` and `stream_sequences` are asked for; the fields are described there."""

    format: Format | None = None
    column: str | Sequence[str] | None = None
    sequence: str | None = None
    order: str | None = None
    tokens: Tokens | None = None
    values: Values | None = None
    bins: Bins | None = None
    names: tuple[str, ...] | None = None
    delimiter: str | None = None
    on_error: OnError = "raise"
    max_line: int = MAX_LINE

    def __post_init__(self) -> None:
        check_choice("on_error", self.on_error, ("raise", "count"))
        check_range("max_line", self.max_line, 1)
        if self.tokens is not None:
            check_choice("tokens", self.tokens, ("characters", "words"))
        if self.values is not None:
            check_choice("values", self.values, ("integers", "numbers", "text"))
        if self.bins is not None and (self.values == "text" or self.tokens == "characters"):
            raise InvalidInput(
                "bins must stand with numbers, but got values='text' or tokens='characters' too; drop one of them"
            )
        if self.delimiter is not None and (len(self.delimiter) != 1 or self.delimiter in '"\r\n'):
            raise InvalidInput(f"delimiter must be one character, but got {self.delimiter!r}; give one such as ';'")

    @property
    def columns(self) -> tuple[str, ...] | None:
        """Return the columns asked for."""
        if self.column is None or isinstance(self.column, str):
            return None if self.column is None else (self.column,)
        return tuple(self.column) or None

    def cells(self, interpret: Interpret, *, text: bool) -> Cells:
        """Return the reader of cells.

        Args:
            interpret: how cells of the source are to be understood.
            text: whether they are pieces of plain text, which are text unless said otherwise.
        """
        if self.tokens is not None:
            interpret, text = from_text, True
        if self.bins is not None:
            return Numbers(number_in_text if interpret is from_text else number_in_object)
        return Symbols(self.values or ("text" if text else None), interpret)

    def only_for_files(self) -> None:
        """Refuse options that say how to read a file."""
        self._refuse("format", "the source is a path")
        self._refuse("names", "the source is a CSV or TSV file")
        self._refuse("delimiter", "the source is a CSV or TSV file")

    def only_for_format(self, form: str) -> None:
        """Refuse options that do not belong to a file's format."""
        if form not in ("csv", "tsv"):
            self._refuse("names", "the source is a CSV or TSV file")
            self._refuse("delimiter", "the source is a CSV or TSV file")
        if form == "text" and self.bins is not None and self.tokens is None:
            raise InvalidInput("tokens must be 'words' to bin the numbers in a text file, but is left out; pass it")

    def only_for_tables(self, *, text: bool) -> None:
        """Refuse options that name columns."""
        for option in ("column", "order") if text else ("column", "order", "sequence"):
            self._refuse(option, "the source has named columns")

    def _refuse(self, option: str, unless: str) -> None:
        if (got := getattr(self, option)) is not None:
            raise InvalidInput(f"{option} must be left out unless {unless}, but got {got!r}; leave it out")
