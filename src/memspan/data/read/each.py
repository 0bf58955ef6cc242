"""Sequences that stand in one place each: a line, an array's row, a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any, Literal, cast

import numpy as np

from memspan.data.read.refusal import Bad, Ledger, shown
from memspan.data.read.symbols import Buffer, Cells, read_all
from memspan.data.read.tables import Item

__all__ = ["Tokens", "each"]

Tokens = Literal["characters", "words"]


def each(
    items: Iterator[Item], tokens: Tokens | None, cells: Cells, ledger: Ledger, subject: str | None = None
) -> Iterator[Buffer]:
    """Yield the sequences that are well formed.

    Args:
        items: sequences as they stand in the source.
        tokens: how to cut text; None cuts it into characters.
        cells: reads one symbol.
        ledger: counts.
        subject: what an error is about; None for the line, row or item.
    """
    for item in items:
        try:
            found = read_all(cells, _cut(item.content, tokens))
        except Bad as bad:
            ledger.note(item.place, bad.about(subject) if subject else bad)
            ledger.lose(item.rows)
        else:
            ledger.take(item.rows, len(found))
            yield found


def _cut(content: Any, tokens: Tokens | None) -> Iterable[Any]:
    if isinstance(content, Bad):
        raise content
    if isinstance(content, str):
        return content.split() if tokens == "words" else content
    if tokens is not None:
        raise Bad(f"must be text to be cut into {tokens}, but got {shown(content)}; leave out tokens")
    if isinstance(content, np.ndarray):
        return cast("list[Any]", content.tolist()) if content.ndim else _no_sequence(content)
    # A mapping or a set has no order that its writer meant.
    if not isinstance(content, Iterable) or isinstance(content, Mapping | Set | bytes):
        return _no_sequence(content)
    return cast("Iterable[Any]", content)


def _no_sequence(content: Any) -> Iterable[Any]:
    raise Bad(f"must be a sequence of symbols, but got {shown(content)}; put a single sequence in a list")
