"""Your own sequences as a problem: predict each next symbol, with everything about memory known exactly."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray

from memspan.core.batch import Batch
from memspan.core.ceiling import Ceilings
from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.problems.scoring import accuracy, choice_is_right, one_hot_logits

__all__ = ["Listed", "from_toml"]

SCORED = ("every", "end")
KEYS = ("name", "reference", "scored", "sequences")


@dataclass(frozen=True)
class Listed:
    """Sequences that someone wrote down; each is presented once an epoch, and each next symbol is to be told.

    Example:
        >>> problem = Listed([[3, 0, 1, 2, 3, 4, 0, 1, 2, 4]])
        >>> problem.batch().targets.tolist()
        [[0, 1, 2, 3, 4, 0, 1, 2, 4]]
        >>> round(problem.floor, 4), problem.demand
        (0.7778, 4)

    Args:
        listed: the sequences, each of two symbols or more; lengths may differ. A string is its characters.
        name: what to call the problem.
        scored: "every" step, or only the "end" of each sequence.
        reference: where the sequences come from.

    Raises:
        InvalidInput: there is no sequence, one is too short, or a symbol cannot be hashed.
    """

    listed: Iterable[Iterable[object]] = field(repr=False)
    name: str = "listed sequences"
    scored: str = "every"
    reference: str = "the user's own sequences"

    loss = "binary_cross_entropy"
    score_name = "accuracy"
    is_fixed = True

    def __post_init__(self) -> None:
        check_choice("scored", self.scored, SCORED)
        rows = tuple(tuple(row) for row in self.listed)
        object.__setattr__(self, "listed", rows)
        if not rows or min(len(row) for row in rows) < 2:
            raise InvalidInput(
                "sequences must hold two symbols or more each, but got none or a shorter one; the first symbol "
                "is an input, the last a target"
            )
        try:
            set(self._symbols())
        except TypeError:
            raise InvalidInput(
                "sequences must hold symbols that Python can hash, but got others; use numbers or strings"
            ) from None

    @property
    def variant(self) -> str:
        """The problem's full name."""
        return self.name

    @property
    def alphabet(self) -> tuple[object, ...]:
        """All symbols that occur, sorted where they can be, else in the order of appearance."""
        return _alphabet(self)

    @property
    def n_inputs(self) -> int:
        """Size of the alphabet."""
        return len(self.alphabet)

    @property
    def n_outputs(self) -> int:
        """Size of the alphabet."""
        return len(self.alphabet)

    @property
    def n_sequences(self) -> int:
        """Sequences there are."""
        return len(self._rows())

    @property
    def n_steps(self) -> int:
        """Steps of the longest sequence; its last symbol is a target only."""
        return max(len(row) for row in self._rows()) - 1

    @property
    def chance(self) -> float:
        """Accuracy of guessing uniformly."""
        return 1 / self.n_outputs

    @property
    def floor(self) -> float:
        """Best accuracy of any predictor that sees only the current symbol."""
        return self.ceiling(1)

    @property
    def best(self) -> float:
        """Best accuracy of any predictor: below 1 where equal beginnings go on differently."""
        return self.ceiling(self.n_steps)

    @property
    def demand(self) -> int:
        """Smallest window with which the best possible accuracy is reached."""
        return _ceilings(self).demand

    def ceiling(self, window: int) -> float:
        """Return the best accuracy of any predictor that sees only the last `window` symbols."""
        return float(_ceilings(self).at(check_range("window", window, 1)))

    def sequences(self) -> list[list[object]]:
        """Return the sequences."""
        return [list(row) for row in self._rows()]

    def batch(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return all sequences, padded with the first symbol; the key is not read."""
        rows = [row[:-1] for row in _positions(self)], [row[1:] for row in _positions(self)]
        inputs, targets = (jnp.asarray(_padded(side, self.n_steps)) for side in rows)
        return Batch(inputs, targets, jnp.asarray(_padded(self._scored(), self.n_steps)))

    def evaluation(self, key: PRNGKeyArray | None = None) -> Batch:
        """Return the same sequences."""
        return self.batch(key)

    def correct(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, "batch time"]:
        """Return whether the largest output is the right symbol."""
        return choice_is_right(outputs, batch)

    def score(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Float[Array, ""]:
        """Return the accuracy over the scored positions."""
        return accuracy(self.correct(outputs, batch), batch.mask)

    def solved(self, outputs: Float[Array, "batch time output"], batch: Batch) -> Bool[Array, ""]:
        """Return whether as many scored positions are right as can be."""
        possible = round(self.best * int(sum(mask.sum() for mask in self._scored())))
        return jnp.sum(self.correct(outputs, batch) & batch.mask) >= possible

    def oracle(self, batch: Batch) -> Float[Array, "batch time output"]:
        """Return the logits of one who knows the sequences: after each beginning, what follows it most often."""
        inputs, length = jnp.asarray(batch.inputs), len(batch.inputs)
        known = self.batch()
        differ = jnp.cumsum(inputs[:, None] != known.inputs, axis=-1)
        votes = jnp.einsum(
            "bkt,kto->bto",
            ((differ == 0) & known.mask).astype(jnp.float32),
            jnp.eye(self.n_outputs)[known.targets],
        )
        return one_hot_logits(jnp.argmax(votes, axis=-1).reshape(length, -1), self.n_outputs)

    def _rows(self) -> tuple[tuple[object, ...], ...]:
        rows: Any = self.listed
        return rows

    def _symbols(self) -> list[object]:
        return [symbol for row in self._rows() for symbol in row]

    def _scored(self) -> list[Bool[np.ndarray, " time"]]:
        lengths = [len(row) - 1 for row in self._rows()]
        return [(np.arange(n) == n - 1) | (self.scored == "every") for n in lengths]


def from_toml(path: str | Path) -> Listed:
    r"""Read a problem from a TOML file that lists sequences.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "mine.toml"
        >>> _ = file.write_text('name = "mine"\nsequences = ["abcx", "dbcy"]\n')
        >>> from_toml(file).demand
        3

    Args:
        path: a file with `sequences`, a list of lists of symbols or of strings, and if wanted `name`, `scored`
            and `reference`.

    Returns:
        The problem.

    Raises:
        InvalidInput: the file is not TOML, lacks the sequences, or has an unknown key.
    """
    try:
        text: dict[str, Any] = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path} must be a readable TOML file, but got: {error}; check path and text") from None
    for key in text:
        check_choice(f"a key of {path}", key, KEYS)
    rows = text.pop("sequences", None)
    if not isinstance(rows, list) or not all(isinstance(row, list | str) for row in rows):
        raise InvalidInput(f"{path} must list its sequences as 'sequences = [[...], ...]', but does not; add them")
    return Listed(rows, **text)


@lru_cache(maxsize=16)
def _alphabet(problem: Listed) -> tuple[Any, ...]:
    symbols: dict[Any, None] = dict.fromkeys(problem._symbols())  # pyright: ignore[reportPrivateUsage]
    try:
        return tuple(sorted(symbols))
    except TypeError:
        return tuple(symbols)


@lru_cache(maxsize=16)
def _positions(problem: Listed) -> list[Int[np.ndarray, " length"]]:
    known = {symbol: position for position, symbol in enumerate(problem.alphabet)}
    return [np.array([known[symbol] for symbol in row], np.int32) for row in problem.sequences()]


@lru_cache(maxsize=4)
def _ceilings(problem: Listed) -> Ceilings:
    rows = _positions(problem)
    mask = problem._scored()  # pyright: ignore[reportPrivateUsage]
    return Ceilings([row[:-1] for row in rows], [row[1:] for row in rows], mask)


def _padded(rows: list[Any], length: int) -> Any:
    return np.stack([np.pad(row, (0, length - len(row))) for row in rows])
