"""Checks of how outputs depend on parameters and inputs: both forms alike, and as finite differences say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from memspan.core.model import Model
from memspan.testing.parameters import array_names, fixed_arrays
from memspan.testing.reader import N_ROWS, Reader, reader
from memspan.testing.violation import require

__all__ = ["gradients_are_finite_differences", "gradients_are_those_of_steps", "leaves_fixed_arrays_alone"]

CLOSE = 1e-4  # of the largest gradient of the same array
NUDGE = 0.001  # length of a small step along a direction
NUMERIC = 0.02  # how far a finite difference may be off, as a share of what a random direction gives
ROUNDING = 1e-6  # of the outputs, in float32
N_DIRECTIONS = 12


def gradients_are_those_of_steps(model: Model, n_inputs: int) -> None:
    """The sequence form, cut once, has the gradients of the step form by every parameter and by the inputs."""
    read = reader(model, n_inputs)
    got = _gradients(read, read.cut(read.params, read.start, read.inputs).gradients)
    due = _gradients(read, read.by_steps.gradients)
    largest = max(float(np.abs(values).max(initial=0.0)) for values in due.values())
    for name, values in due.items():
        apart = float(np.abs(got[name] - values).max(initial=0.0))
        allowed = CLOSE * float(np.abs(values).max(initial=0.0)) + CLOSE / 10 * largest
        require(
            apart <= allowed,
            f"the sequence form's gradient by {name} differs from that of steps by {apart:.2g}, "
            f"but must agree to {allowed:.2g}",
        )


def gradients_are_finite_differences(model: Model, n_inputs: int) -> None:
    """The gradient by each array is what small changes of it do to the outputs of the sequence form.

    A kink (ReLU) may lie in a small step, so that the best of twelve random directions is judged: a gradient that is
    wrong anywhere is wrong along all of them.
    """
    read, fixed = reader(model, n_inputs), fixed_arrays(model)
    known = _gradients(read, read.by_steps.gradients)
    for place, (name, gradient) in enumerate(known.items()):
        if name in fixed or not gradient.size:
            continue
        row = gradient[0].astype(np.float64)
        typical = float(np.linalg.norm(row)) / row.size**0.5
        allowed = NUMERIC * typical + ROUNDING / NUDGE * float(np.linalg.norm(read.at_once[1][0]))
        found = [(float(np.sum(row * way)), _slope(read, place, way)) for way in _directions(row.shape)]
        exact, numeric = sorted(found, key=lambda pair: abs(pair[0] - pair[1]))[0]
        require(
            abs(exact - numeric) <= allowed,
            f"the gradient by {name} says {exact:.4g} along a direction, but finite differences say {numeric:.4g}",
        )


def leaves_fixed_arrays_alone(model: Model, n_inputs: int) -> None:
    """The gradient by arrays that it calls fixed is zero in both forms."""
    fixed = sorted(fixed_arrays(model))
    if not fixed:
        return
    read = reader(model, n_inputs)
    for taught in (read.by_steps, read.cut(read.params, read.start, read.inputs)):
        gradients = _gradients(read, taught.gradients)
        moved = [name for name in fixed if gradients[name].any()]
        require(not moved, f"fixed names {', '.join(moved)}, but the gradient there is not zero; stop it")


def _gradients(read: Reader, gradients: tuple[Any, Any]) -> dict[str, Float[np.ndarray, "row ..."]]:
    by_params, by_inputs = gradients
    names = [*array_names(by_params), "the inputs"]
    return dict(zip(names, map(np.asarray, [*jax.tree.leaves(by_params), by_inputs]), strict=True))


def _directions(shape: tuple[int, ...]) -> Iterator[Float[np.ndarray, "..."]]:
    rng = np.random.default_rng(3)
    for _ in range(N_DIRECTIONS):
        way = rng.standard_normal(shape)
        yield way / np.linalg.norm(way)


def _slope(read: Reader, place: int, way: Float[np.ndarray, "..."]) -> float:
    """Return the derivative of the first row's weighted outputs along a direction in one array.

    Central differences of two widths, extrapolated (Richardson): four rows of the same program, summed in double
    precision. The last array is the inputs.
    """
    first = jax.tree.map(lambda leaf: np.stack([leaf[0]] * N_ROWS), (read.params, read.start, read.inputs))
    (params, state, inputs), steps = first, NUDGE * np.array([2.0, 1.0, -1.0, -2.0])
    leaves, structure = jax.tree.flatten(params)
    leaves.append(inputs)
    moved = steps.reshape(-1, *[1] * way.ndim) * way
    leaves[place] = (leaves[place] + moved).astype(np.float32)
    outputs = read.whole(jax.tree.unflatten(structure, leaves[:-1]), state, leaves[-1])[1]
    far, near, back, far_back = np.sum(np.asarray(outputs, np.float64) * read.weights[0], axis=(1, 2))
    return float((8 * (near - back) - (far - far_back)) / (12 * NUDGE))
