"""What a framework finds out about a network: outputs, accuracy, success, and how it goes on from a beginning."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import jax
import jax.numpy as jnp
import numpy as np
from tests.exchange.cases import CASES, CONFLICT, SYMBOLS, TIME, inputs, trained

from memspan.engine.loss import READERS

Read = Callable[[np.ndarray], np.ndarray]  # one-hot inputs, batch first -> probabilities


def measured(name: str, read: Read) -> dict[str, np.ndarray]:
    """Ask a network through nothing but a function that reads sequences."""
    facts = {f"{name}/outputs": read(inputs(name))}
    if name in SYMBOLS:
        facts |= {f"{name}/{fact}": value for fact, value in _of_conflict(read).items()}
    return facts


def all_measured(names: Iterable[str], reader: Callable[[str], Read]) -> dict[str, np.ndarray]:
    facts: dict[str, np.ndarray] = {}
    for name in names:
        facts |= measured(name, reader(name))
    return facts


def _of_conflict(read: Read) -> dict[str, np.ndarray]:
    """The tutorial's two sequences, judged by hand: each next symbol must be the largest output."""
    sequences = np.array([[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]])
    right = read(_padded(sequences[:, :-1]))[:2, :4].argmax(-1) == sequences[:, 1:]
    going_on = np.array([[3], [4]])
    for last in range(7):
        following = read(_padded(going_on))[:2, last].argmax(-1)
        going_on = np.concatenate([going_on, following[:, None]], axis=1)
    return {"accuracy": np.array(right.mean()), "solved": np.array(right.all()), "generated": going_on[:, 1:]}


def _padded(symbols: np.ndarray) -> np.ndarray:
    """One-hot vectors in the one shape that all reading is done in, for some frameworks compile anew for each."""
    vectors = np.zeros((3, TIME, 5), np.float32)
    rows, steps = symbols.shape
    vectors[:rows, :steps] = np.eye(5)[symbols]
    return vectors


def ours(name: str) -> dict[str, np.ndarray]:
    """The same through the engine: its program for sequences, its problem's own judgement, its own generator."""
    asked = trained(name)
    weights = jnp.asarray(asked.vector)
    sequence = jax.jit(jax.vmap(lambda x: asked.network.sequence(weights, asked.network.initial_state, x)[1]))
    facts = {f"{name}/outputs": np.asarray(READERS[asked.network.loss](sequence(jnp.asarray(inputs(name)))))}
    if CASES[name][0] is CONFLICT:
        batch = CONFLICT.evaluation(None)
        shares = np.stack([asked.probabilities([int(symbol) for symbol in row]) for row in batch.inputs])
        logits = jnp.log(shares) - jnp.log1p(-shares)
        facts[f"{name}/accuracy"] = np.asarray(CONFLICT.score(logits, batch))
        facts[f"{name}/solved"] = np.asarray(CONFLICT.solved(logits, batch))
        facts[f"{name}/generated"] = np.array([asked.generate([cue], 7) for cue in (3, 4)])
    return facts
