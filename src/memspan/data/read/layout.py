"""Which of a source's rows and columns make which sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput, check_choice
from memspan.data.read.columns import columns
from memspan.data.read.each import each
from memspan.data.read.kinds import from_text
from memspan.data.read.long import LongNames, LongReader
from memspan.data.read.options import Options
from memspan.data.read.refusal import Bad, Ledger, shown
from memspan.data.read.sources import Source
from memspan.data.read.symbols import Buffer, Cells
from memspan.data.read.tables import Item, Items, Row, Table, look_ahead

__all__ = ["Arrange", "buffers"]

Arrange = Callable[[Iterator[Row], LongReader], Iterator[Buffer]]
"""How rows in long format become sequences: `gather` or `contiguous`."""


def buffers(source: Source, options: Options, ledger: Ledger, arrange: Arrange) -> Iterator[Buffer]:
    """Return the symbols or numbers of one sequence after another.

    Args:
        source: an opened source.
        options: how to read it.
        ledger: counts.
        arrange: what to do with rows in long format.

    Raises:
        InvalidInput: the options do not fit the source.
    """
    data = source.data
    # Only plain text gives sequences of text; everything else that does gives Python objects.
    plain = isinstance(data, Items) and data.interpret is from_text
    cells = options.cells(data.interpret, text=plain)
    if isinstance(data, Items):
        options.only_for_tables(text=plain)
        return each(data.items, options.tokens, cells, ledger)
    names = _chosen(source, data, options)
    if options.sequence is None and options.order is None:
        return _across(data, names, options, cells, ledger)
    long = LongNames(_only(names, options, "sequence or order"), options.sequence, options.order)
    if options.tokens is not None:
        raise InvalidInput(
            "tokens must be left out where sequence or order make a sequence of several rows, "
            f"but got {options.tokens!r}; drop one of them"
        )
    return arrange(data.rows(long.wanted), LongReader(long, cells, ledger))


def _across(table: Table, names: tuple[str, ...], options: Options, cells: Cells, ledger: Ledger) -> Iterator[Buffer]:
    """Return one sequence per column, or one per row if the cells hold whole sequences."""
    first, rows = look_ahead(table.rows(names))
    if options.tokens is None and not (len(names) == 1 and first and isinstance(first[0], list | tuple | np.ndarray)):
        return columns(rows, names, cells, ledger)
    name = _only(names, options, "tokens")
    content = _listed if options.tokens is None else _any
    items = (Item(place, 1, row if isinstance(row, Bad) else content(row[0])) for place, row in rows)
    return each(items, options.tokens, cells, ledger, f"column '{name}'")


def _listed(cell: Any) -> Any | Bad:
    if isinstance(cell, str):
        return Bad(f"must hold sequences in every row, as at first, but got {shown(cell)}; put it in a list")
    return cell


def _any(cell: Any) -> Any:
    return cell


def _only(names: tuple[str, ...], options: Options, option: str) -> str:
    if len(names) == 1:
        return names[0]
    raise InvalidInput(f"column must be one column together with {option}, but got {options.column!r}; name one")


def _chosen(source: Source, table: Table, options: Options) -> tuple[str, ...]:
    where = source.name if table.header is None else f"{source.name}, {source.unit} {table.header}"
    others = tuple(name for name in (options.sequence, options.order) if name is not None)
    rest = tuple(name for name in table.columns if name not in others)
    names = options.columns or rest
    for option, given in (("column", names), ("sequence", options.sequence), ("order", options.order)):
        for name in (given,) if isinstance(given, str) else given or ():
            check_choice(f"{where}: {option}", name, table.columns)
    if options.columns is None and len(names) != 1:
        raise InvalidInput(
            f"{where}: column must name the column of symbols, or several with a sequence each, out of "
            f"{', '.join(rest) or 'none'}, but is left out; pass column"
        )
    if len({*names, *others}) < len(names) + len(others):
        raise InvalidInput(
            f"column, sequence and order must be different columns, but got {', '.join((*names, *others))}; "
            "name each once"
        )
    return names
