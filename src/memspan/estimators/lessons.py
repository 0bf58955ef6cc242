"""Training and reading with compiled programs whose data are arguments, so that other data compile nothing."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, Shaped

from memspan.core.errors import InvalidInput
from memspan.core.rule import Lesson, Memory
from memspan.engine.layout import Layout
from memspan.engine.network import ORDER, Network
from memspan.estimators.sequences import Rows
from memspan.models import Stack
from memspan.models.dense_native import read_out

__all__ = ["epochs", "logits", "network_for", "rounded_up"]


def rounded_up(steps: int) -> int:
    """Return the length to which sequences are padded: at most a quarter more, so that few lengths are compiled.

    Example:
        >>> [rounded_up(steps) for steps in (1, 8, 9, 100, 129, 1000)]
        [8, 8, 16, 112, 160, 1024]

    Args:
        steps: of the longest sequence.
    """
    whole = max(8, 1 << (max(steps, 1).bit_length() - 1) >> 2)
    return -(-steps // whole) * whole


@functools.lru_cache(maxsize=64)
def network_for(model: Any, n_inputs: int, n_classes: int) -> Network:
    """Return a model with a read-out of one output a class.

    Args:
        model: what reads.
        n_inputs: size of the input vector.
        n_classes: outputs.

    Raises:
        InvalidInput: the model brings a read-out of another size.
    """
    stack = Stack((model,) if model.reads_out else (model, read_out(model, n_classes)))
    if stack.n_outputs != n_classes:
        raise InvalidInput(
            f"model must end in a read-out of {n_classes} outputs, one a class, but got one of {stack.n_outputs}; "
            "leave the Dense layer out and a fitting one is added"
        )
    shapes = stack.init(np.random.default_rng(0), n_inputs)
    return Network(stack, n_inputs, Layout.of(shapes), "cross_entropy")


def epochs(
    network: Network,
    rows: Rows,
    labels: Int[np.ndarray, " batch"],
    *,
    rule: Any,
    optimizer: Any,
    batch_size: int,
    seed: int,
) -> Iterator[tuple[Float[np.ndarray, " weight"], float]]:
    """Train without end; yield the weights and the mean loss after each epoch.

    Initial weights and the order of the sequences, drawn anew for each epoch, are those of the engine's runs of the
    same seed. The last lesson of an epoch may be a smaller one: what is missing in it is not scored.

    Args:
        network: what learns.
        rows: the sequences.
        labels: the class of each, counted from 0, to be told after the last step.
        rule: how credit reaches the weights.
        optimizer: how a gradient changes them.
        batch_size: sequences side by side in a lesson.
        seed: of initial weights and order.
    """
    learn = _learning(network, rule, optimizer)
    start = network.draw(seed)
    state = jax.tree.map(lambda leaf: np.repeat(leaf[None], batch_size, axis=0), network.initial_state)
    memory = Memory(start, optimizer.build().init(jnp.asarray(start)), state, np.int32(0))
    rng, everyone = np.random.default_rng([seed, ORDER]), np.arange(len(labels), dtype=np.int32)
    inputs, lengths = _padded(rows), np.array([len(row) for row in rows.values])
    while True:
        order = rng.permuted(everyone)
        losses: list[tuple[int, Any]] = []
        for chosen in (order[i : i + batch_size] for i in range(0, len(order), batch_size)):
            memory, loss = learn(memory._replace(state=state), _lesson(inputs, lengths, labels, chosen, batch_size))
            losses.append((len(chosen), loss))
        yield np.asarray(memory.params), sum(n * float(loss) for n, loss in losses) / len(order)


def logits(
    network: Network, weights: Float[np.ndarray, " weight"], rows: Rows, batch_size: int
) -> Float[np.ndarray, "batch output"]:
    """Return the outputs after the last step of each sequence, from a fresh state.

    Args:
        network: what reads.
        weights: its weights.
        rows: the sequences.
        batch_size: how many are read side by side.
    """
    read, lengths = _reading(network), np.array([len(row) for row in rows.values])
    inputs, found = _padded(rows), []
    for i in range(0, len(lengths), batch_size):
        part, last = inputs[i : i + batch_size], lengths[i : i + batch_size] - 1
        spare = batch_size - len(part)
        part, last = np.pad(part, [(0, spare), *[(0, 0)] * (part.ndim - 1)]), np.pad(last, (0, spare))
        found.append(np.asarray(read(weights, part, last))[: batch_size - spare])
    return np.concatenate(found)


def _padded(rows: Rows) -> Shaped[np.ndarray, "batch time ..."]:
    """Return the sequences as one array; what lies behind the end of one is never scored."""
    length = rounded_up(max(len(row) for row in rows.values))
    first = rows.values[0]
    out = np.zeros((len(rows.values), length, *first.shape[1:]), first.dtype)
    for number, row in enumerate(rows.values):
        out[number, : len(row)] = row
    return out


def _lesson(inputs: Any, lengths: Any, labels: Any, chosen: Any, batch_size: int) -> Lesson:
    """Return the chosen sequences, time first; rows that are left over are not scored."""
    batch = np.zeros((batch_size, *inputs.shape[1:]), inputs.dtype)
    batch[: len(chosen)] = inputs[chosen]
    mask = np.zeros(batch.shape[:2], bool)
    mask[np.arange(len(chosen)), lengths[chosen] - 1] = True
    targets = np.zeros(batch.shape[:2], np.int32)
    targets[: len(chosen)] = labels[chosen, None]
    return Lesson(batch.swapaxes(0, 1), targets.T, mask.T)


@functools.lru_cache(maxsize=16)
def _learning(network: Network, rule: Any, optimizer: Any) -> Callable[[Memory, Lesson], tuple[Memory, Any]]:
    """Return one lesson as a program; it is compiled once for a width and a length."""
    learner = network.learner(optimizer, every_step_scored=False)
    return jax.jit(lambda memory, lesson: rule.learn(learner, memory, lesson))


@functools.lru_cache(maxsize=16)
def _reading(network: Network) -> Callable[..., Array]:
    """Return the reading of a batch as a program."""

    def read(weights: Array, inputs: Array, last: Array) -> Array:
        start = network.initial_state
        outputs = jax.vmap(lambda row: network.sequence(weights, start, row)[1])(inputs)
        return outputs[jnp.arange(len(last)), last]

    return jax.jit(read)
