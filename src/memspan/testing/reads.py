"""Checks of how a model reads: shapes, both forms alike, nothing from later or from beside, always finite."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from memspan.core.model import Model
from memspan.testing.reader import N_ROWS, N_STEPS, everything, reader
from memspan.testing.violation import Violation, require

__all__ = [
    "gives_what_it_promises",
    "keeps_nothing_outside_its_state",
    "reads_alike_in_both_forms",
    "reads_alike_when_cut",
    "reads_each_sequence_alone",
    "reads_only_the_past",
    "reads_symbols_as_vectors",
    "stays_finite",
]

CLOSE = 1e-5  # how far two ways to read may differ, as a share of the largest output
N_PARTS = 50  # of a long sequence


def gives_what_it_promises(model: Model, n_inputs: int) -> None:
    """A step and a sequence give n_outputs numbers, and the state keeps structure, shapes and dtypes."""
    params, state = model.init(np.random.default_rng(0), n_inputs), model.initial_state(n_inputs)
    kept = _shapes(state)
    x = jnp.zeros(n_inputs)
    for name, given, lead in (("step", x, ()), ("sequence", jnp.zeros((3, n_inputs)), (3,))):
        try:
            after, output = jax.eval_shape(getattr(model, name), params, state, given)
        except Exception as error:  # whatever a model raises is told in the same form
            said = next(filter(None, str(error).splitlines()), "")
            raise Violation(f"{name} raises {type(error).__name__}: {said}") from error
        got, due = (tuple(output.shape), str(output.dtype)), ((*lead, model.n_outputs), "float32")
        require(got == due, f"{name} gives an output of {got[0]} {got[1]}, but n_outputs promises {due[0]} {due[1]}")
        require(_shapes(after) == kept, f"{name} gives the state {_shapes(after)[1]}, but it starts as {kept[1]}")


def reads_alike_in_both_forms(model: Model, n_inputs: int) -> None:
    """The sequence form gives what as many steps give, and each goes on from where the other stopped."""
    read = reader(model, n_inputs)
    (end, outputs), by_steps = read.at_once, read.by_steps
    _expect("the sequence form gives other outputs than steps", outputs, by_steps.outputs)
    ways = [
        read.whole(read.params, end, read.later)[1],
        read.whole(read.params, by_steps.end, read.later)[1],
        read.steps(read.params, end, read.later, everything()).outputs,
        read.steps(read.params, by_steps.end, read.later, everything()).outputs,
    ]
    for outputs in ways[:-1]:
        _expect("started from the state that the other form left, it gives other outputs", outputs, ways[-1])


def reads_alike_when_cut(model: Model, n_inputs: int) -> None:
    """A sequence read in two parts, the state carried from one to the other, is the sequence read at once."""
    read = reader(model, n_inputs)
    cut = read.cut(read.params, read.start, read.inputs)
    _expect("cut after its first step, a sequence gives other outputs than steps", cut.outputs, read.by_steps.outputs)


def reads_symbols_as_vectors(model: Model, n_inputs: int) -> None:
    """Where it reads symbols, a symbol is its one-hot vector."""
    if not model.reads_symbols:
        return
    read = reader(model, n_inputs)
    vectors = np.eye(n_inputs, dtype=np.float32)[read.symbols]
    try:
        said = read.whole(read.params, read.start, read.symbols)[1]
    except Exception as error:
        raise Violation(f"reads_symbols is True, but sequence raises {type(error).__name__} for symbols") from error
    _expect("symbols give other outputs than one-hot vectors", said, read.whole(read.params, read.start, vectors)[1])


def reads_only_the_past(model: Model, n_inputs: int) -> None:
    """Neither later inputs nor padding at the end change what was said before."""
    read = reader(model, n_inputs)
    for half in (1, N_STEPS // 2):
        for later in (read.later, np.zeros_like(read.later)):
            mixed = np.concatenate([read.inputs[:, :half], later[:, half:]], axis=1)
            outputs = read.whole(read.params, read.start, mixed)[1]
            _expect("later inputs change earlier outputs", outputs[:, :half], read.at_once[1][:, :half])


def keeps_nothing_outside_its_state(model: Model, n_inputs: int) -> None:
    """Stopped by padding (`unroll` with `valid`) and started again from its state, it ends where it would have."""
    read, half = reader(model, n_inputs), N_STEPS // 2
    valid = everything() & (np.arange(N_STEPS) < half)
    rest = np.roll(read.inputs, -half, axis=1)
    noise = np.concatenate([read.inputs[:, :half], read.later[:, half:]], axis=1)
    ends = [read.steps(read.params, read.start, inputs, valid).end for inputs in (read.inputs, noise)]
    same = all(np.array_equal(a, b) for a, b in zip(*map(jax.tree.leaves, ends), strict=True))
    require(same, "padded steps change its state; keep nothing outside of it")
    outputs = read.steps(read.params, ends[0], rest, valid).outputs
    _expect("stopped and started again, it gives other outputs", outputs[:, :half], read.by_steps.outputs[:, half:])


def reads_each_sequence_alone(model: Model, n_inputs: int) -> None:
    """Rows of a batch, each with the parameters of its own seed, give what each gives by itself."""
    read = reader(model, n_inputs)
    for row in range(N_ROWS):
        one = jax.tree.map(lambda leaf, row=row: leaf[row], (read.params, read.start, read.inputs))
        _expect("inside jax.vmap a sequence gives other outputs than alone", read.at_once[1][row], read.alone(*one)[1])


def stays_finite(model: Model, n_inputs: int) -> None:
    """Freshly drawn, it gives finite outputs along a long random sequence."""
    read = reader(model, n_inputs)
    rng, state = np.random.default_rng(2), read.start
    for part in range(N_PARTS):
        inputs = rng.standard_normal(read.inputs.shape).astype(np.float32)
        state, outputs = read.whole(read.drawn, state, inputs)
        finite = np.isfinite(outputs).all()
        require(finite, f"within {(part + 1) * N_STEPS} random steps outputs stop being finite")


def _shapes(tree: Any) -> tuple[Any, list[str]]:
    leaves, structure = jax.tree.flatten(tree)
    return structure, [f"{leaf.dtype}{list(leaf.shape)}" for leaf in leaves]


def _expect(what: str, got: Float[Array, "..."], due: Float[Array, "..."]) -> None:
    scale, apart = max(1.0, float(np.abs(due).max())), float(np.abs(np.asarray(got) - np.asarray(due)).max())
    require(apart <= CLOSE * scale, f"{what}: they are off by {apart:.2g}, but must agree to {CLOSE * scale:.2g}")
