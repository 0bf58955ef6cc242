"""One trained network: what it predicts, and how it goes on from a beginning."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput, check_range
from memspan.core.problem import Problem
from memspan.core.spec import Spec
from memspan.engine.loss import READERS
from memspan.engine.network import Network

__all__ = ["Trained"]


@dataclass(frozen=True, eq=False)
class Trained:
    """The weights of one seed after training, ready to be asked.

    Attributes:
        problem: what it was trained on; its alphabet names inputs and outputs.
        network: model with read-out: a `Network`, or what a foreign model has in its place.
        vector: all weights.
        spec: what trained it; None where it was not trained here.
        seed: from which seed.
    """

    problem: Problem
    network: Any
    vector: Float[np.ndarray, " weight"]
    spec: Spec | None = None
    seed: int | None = None

    @property
    def params(self) -> Any:
        """The weights as the model's own pytree, on the host."""
        return jax.tree.map(np.asarray, self.network.layout.unravel(jnp.asarray(self.vector)))

    @property
    def alphabet(self) -> tuple[object, ...]:
        """The symbols of the problem, in the order of the network's inputs and outputs."""
        alphabet = getattr(self.problem, "alphabet", None)
        if alphabet is not None:
            return alphabet
        raise InvalidInput(f"sequence must be read by a problem over symbols, but got {self.problem.variant}; use step")

    def ids(self, sequence: Sequence[object]) -> list[int]:
        """Return the positions of symbols in the problem's alphabet."""
        alphabet = self.alphabet
        known = {symbol: position for position, symbol in enumerate(alphabet)}
        unknown = [symbol for symbol in sequence if symbol not in known]
        if unknown:
            shown = ", ".join(str(symbol) for symbol in alphabet[:12])
            raise InvalidInput(f"sequence must use the symbols {shown}, but got {unknown[0]!r}; use one of these")
        if not sequence:
            raise InvalidInput("sequence must hold at least one symbol, but got none; give a beginning")
        return [known[symbol] for symbol in sequence]

    @functools.cached_property
    def _step(self) -> Any:
        # A foreign network is a question to another process: nothing to compile, and its errors stay sentences.
        return jax.jit(self.network.step) if isinstance(self.network, Network) else self.network.step

    def probabilities(self, sequence: Sequence[object]) -> Float[np.ndarray, "time output"]:
        """Return the network's outputs as probabilities after each symbol, from a fresh state.

        Args:
            sequence: symbols of the problem's alphabet.

        Returns:
            One row a symbol, one column a symbol of the alphabet.

        Raises:
            InvalidInput: the sequence is empty or holds an unknown symbol.
        """
        return np.stack([row for _, row in self._walk(self.ids(sequence))])

    def predict(self, sequence: Sequence[object]) -> list[object]:
        """Return the predicted next symbol after each symbol of a sequence.

        Args:
            sequence: symbols of the problem's alphabet.

        Returns:
            As many symbols; the last one is the prediction of what comes next.

        Raises:
            InvalidInput: the sequence is empty or holds an unknown symbol.
        """
        return [self.alphabet[i] for i in self.probabilities(sequence).argmax(axis=1)]

    def generate(self, prefix: Sequence[object], length: int) -> list[object]:
        """Continue a beginning: every predicted symbol is fed back as the next input.

        Args:
            prefix: symbols to start from.
            length: symbols to add.

        Returns:
            The added symbols.

        Raises:
            InvalidInput: the prefix is empty or holds an unknown symbol, or the length is not at least 1.
        """
        read, wanted = self.ids(prefix), len(prefix) + check_range("length", length, 1)
        for position, (_, row) in enumerate(self._walk(read), 1):
            if position >= len(prefix):
                read.append(int(row.argmax()))
            if len(read) == wanted:
                break
        return [self.alphabet[i] for i in read[len(prefix) :]]

    def states(self, sequence: Sequence[object]) -> Any:
        """Return the model's state after each symbol of a sequence, from a fresh state.

        Args:
            sequence: symbols of the problem's alphabet.

        Returns:
            The state's own pytree, with a first axis of one entry a symbol.

        Raises:
            InvalidInput: the sequence is empty or holds an unknown symbol.
        """
        after = [state for state, _ in self._walk(self.ids(sequence))]
        return jax.tree.map(lambda *steps: np.stack(steps), *after)

    def _walk(self, read: list[int]) -> Iterator[tuple[Any, Float[np.ndarray, " output"]]]:
        """Read ids one by one, those that are added on the way too; yield each state and output."""
        state, position = self.network.initial_state, 0
        while position < len(read):
            state, logits = self._step(self.vector, state, np.int32(read[position]))
            yield state, np.asarray(READERS[self.network.loss](logits))
            position += 1
