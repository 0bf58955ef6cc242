"""The embedded Reber grammar as one table: which symbols may follow, where they lead, how long strings are."""

from __future__ import annotations

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Int

__all__ = ["END", "LEGAL", "NEXT", "START", "SYMBOLS", "legal_after", "length_probabilities", "mean_length"]

SYMBOLS = tuple("BTPSXVE")

# The Reber grammar: (node, symbol) leads to a node; every choice is one half. Node 7 is its end.
REBER = {
    (0, "B"): 1,
    (1, "T"): 2,
    (1, "P"): 3,
    (2, "S"): 2,
    (2, "X"): 4,
    (3, "T"): 3,
    (3, "V"): 5,
    (4, "X"): 3,
    (4, "S"): 6,
    (5, "P"): 4,
    (5, "V"): 6,
    (6, "E"): 7,
}
START, OUTER, CLOSING, END = 0, 1, 2, 3
ENTRY = {"T": 4, "P": 12}  # the inner grammar once for each outer symbol, eight nodes each


def _edges() -> dict[tuple[int, str], int]:
    edges = {(START, "B"): OUTER, (CLOSING, "E"): END}
    for outer, first in ENTRY.items():
        edges[OUTER, outer] = first
        edges |= {(first + node, symbol): first + to for (node, symbol), to in REBER.items()}
        edges[first + 7, outer] = CLOSING
    return edges


def _table() -> Int[np.ndarray, "node symbol"]:
    table = np.full((20, len(SYMBOLS)), -1, np.int32)
    for (node, symbol), to in _edges().items():
        table[node, SYMBOLS.index(symbol)] = to
    return table


NEXT = _table()  # where a symbol leads from a node; -1 where it is not allowed
LEGAL = NEXT >= 0  # which symbols are allowed at a node


def legal_after(inputs: Int[Array, "batch time"], after_end: int = END) -> Bool[Array, "batch time output"]:
    """Return which symbols may follow each symbol of strings, read from their beginning.

    Example:
        >>> legal = legal_after(jnp.array([[0, 1, 0]]))
        >>> ["".join(s for s, may in zip(SYMBOLS, row) if may) for row in legal[0].tolist()]
        ['TP', 'B', 'TP']

    Args:
        inputs: positions in `SYMBOLS`; what follows a forbidden one is arbitrary.
        after_end: the node to go on from after a string's end; `START` reads a stream of strings.

    Returns:
        One truth value a symbol; all False after the end, where nothing may follow.
    """
    table = jnp.asarray(np.where(NEXT == END, after_end, NEXT))

    def step(node: Int[Array, " batch"], symbol: Int[Array, " batch"]) -> tuple[Array, Array]:
        node = table[node, symbol]
        return node, node

    begin = jnp.full(inputs.shape[0], START, jnp.int32)
    nodes = jax.lax.scan(step, begin, jnp.asarray(inputs).T)[1].T
    return jnp.asarray(LEGAL)[nodes]


def length_probabilities(longest: int) -> list[Fraction]:
    """Return the probabilities that a string has 0, 1, ..., `longest` symbols, exactly.

    Example:
        >>> [str(p) for p in length_probabilities(12)[9:]]
        ['1/4', '3/16', '1/8', '7/64']

    Args:
        longest: the length to stop at.

    Returns:
        One probability a length.
    """
    share, lengths = {START: Fraction(1)}, [Fraction(0)]
    for _ in range(longest):
        after: dict[int, Fraction] = {}
        for node, weight in share.items():
            for to in NEXT[node][LEGAL[node]].tolist():
                after[to] = after.get(to, Fraction(0)) + weight / int(LEGAL[node].sum())
        lengths.append(after.pop(END, Fraction(0)))
        share = after
    return lengths


def mean_length() -> float:
    """Return the mean length of a string: what one must add, summed over how often each node is visited.

    Example:
        >>> round(mean_length(), 9)
        12.0
    """
    counts = LEGAL.sum(axis=1)
    moves = np.zeros((len(NEXT), len(NEXT)))
    for node, symbol in np.argwhere(LEGAL):
        moves[node, NEXT[node, symbol]] += 1 / counts[node]
    return float(np.linalg.solve(np.eye(len(NEXT)) - moves, counts > 0)[START])
