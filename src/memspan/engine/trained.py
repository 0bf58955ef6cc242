"""One trained network: what it predicts, and how it goes on from a beginning."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.network import Network

__all__ = ["Trained"]


@dataclass(frozen=True, eq=False)
class Trained:
    """The weights of one seed after training, ready to be asked.

    Attributes:
        problem: what it was trained on; its alphabet names inputs and outputs.
        network: model with read-out.
        vector: all weights.
    """

    problem: Problem
    network: Network
    vector: Float[np.ndarray, "weight"]

    @property
    def params(self) -> Any:
        """The weights as the model's own pytree, on the host."""
        return jax.tree.map(np.asarray, self.network.layout.unravel(jnp.asarray(self.vector)))

    def ids(self, sequence: Sequence[object]) -> list[int]:
        """Return the positions of symbols in the problem's alphabet."""
        known = {symbol: position for position, symbol in enumerate(self.problem.alphabet)}
        unknown = [symbol for symbol in sequence if symbol not in known]
        if unknown:
            shown = ", ".join(str(symbol) for symbol in self.problem.alphabet[:12])
            raise InvalidInput(f"sequence must use the symbols {shown}, but got {unknown[0]!r}; use one of these")
        if not sequence:
            raise InvalidInput("sequence must hold at least one symbol, but got none; give a beginning")
        return [known[symbol] for symbol in sequence]

    @functools.cached_property
    def _step(self) -> Any:
        return jax.jit(self.network.step)

    def probabilities(self, sequence: Sequence[object]) -> Float[np.ndarray, "time output"]:
        """Return the network's sigmoid outputs after each symbol, from a fresh state.

        Args:
            sequence: symbols of the problem's alphabet.

        Returns:
            One row a symbol, one column a symbol of the alphabet.

        Raises:
            InvalidInput: the sequence is empty or holds an unknown symbol.
        """
        return self._continue(self.ids(sequence), 0)[1]

    def predict(self, sequence: Sequence[object]) -> list[object]:
        """Return the predicted next symbol after each symbol of a sequence.

        Args:
            sequence: symbols of the problem's alphabet.

        Returns:
            As many symbols; the last one is the prediction of what comes next.

        Raises:
            InvalidInput: the sequence is empty or holds an unknown symbol.
        """
        return [self.problem.alphabet[i] for i in self.probabilities(sequence).argmax(axis=1)]

    def generate(self, prefix: Sequence[object], length: int) -> list[object]:
        """Continue a beginning: every predicted symbol is fed back as the next input.

        Args:
            prefix: symbols to start from.
            length: symbols to add.

        Returns:
            The added symbols.

        Raises:
            InvalidInput: the prefix is empty or holds an unknown symbol.
        """
        return [self.problem.alphabet[i] for i in self._continue(self.ids(prefix), length)[0]]

    def _continue(self, ids: list[int], length: int) -> tuple[list[int], Float[np.ndarray, "time output"]]:
        """Read the ids, then feed predictions back; return what was added, and all outputs."""
        state, rows, added = self.network.initial_state, [], list[int]()
        for position in range(len(ids) + max(length - 1, 0)):
            read = ids[position] if position < len(ids) else added[-1]
            state, logits = self._step(self.vector, state, np.int32(read))
            rows.append(np.asarray(jax.nn.sigmoid(logits)))
            if len(added) < length and position >= len(ids) - 1:
                added.append(int(rows[-1].argmax()))
        return added, np.stack(rows)
