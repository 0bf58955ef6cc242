"""What the tests of this family of models share: golden cases, both forms compared, finite differences."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from memspan.models import unroll

GOLDEN = Path(__file__).parents[1] / "oracles" / "golden_attention.npz"
FEATURES = 5


def names(tree, prefix):
    paths = jax.tree_util.tree_flatten_with_path(tree)[0]
    return [f"{prefix}/{jax.tree_util.keystr(path, simple=True, separator='.')}" for path, _ in paths]


def golden(case):
    with np.load(GOLDEN, allow_pickle=False) as stored:
        return {key.removeprefix(f"{case}/"): stored[key] for key in stored.files if key.startswith(f"{case}/")}


def filled(tree, prefix, facts):
    """The tree with the arrays of a golden case; as it is where the case has none."""
    leaves = [facts.get(name, leaf) for name, leaf in zip(names(tree, prefix), jax.tree.leaves(tree), strict=True)]
    assert [np.shape(leaf) for leaf in leaves] == [np.shape(leaf) for leaf in jax.tree.leaves(tree)]
    return jax.tree.unflatten(jax.tree.structure(tree), leaves)


def drawn(model, seed=0, spread=0.3):
    """Parameters moved away from where they start, so that nothing is zero."""
    rng = np.random.default_rng(seed)
    params = model.init(np.random.default_rng(seed), FEATURES)
    return jax.tree.map(lambda leaf: (leaf + spread * rng.standard_normal(leaf.shape)).astype(np.float32), params)


def inputs_of(time, seed=0):
    return np.random.default_rng([seed, 1]).standard_normal((time, FEATURES)).astype(np.float32)


def assert_equals_golden(model, case, atol=1e-5):
    """Outputs, last state and all gradients of the sequence form are those of the framework."""
    facts = golden(case)
    params = filled(model.init(np.random.default_rng(0), FEATURES), "params", facts)
    start = filled(model.initial_state(FEATURES), "start", facts)

    def weighted(params, start, inputs):
        end, outputs = model.sequence(params, start, inputs)
        return jnp.sum(outputs * facts.get("weighting", 0.0)), (end, outputs)

    gradients, (end, outputs) = jax.jit(jax.grad(weighted, (0, 1, 2), has_aux=True))(params, start, facts["inputs"])
    found = {"outputs": outputs, "d_inputs": gradients[2]}
    for prefix, tree in (("d_params", gradients[0]), ("d_start", gradients[1]), ("end", end)):
        found |= dict(zip(names(tree, prefix), jax.tree.leaves(tree), strict=True))
    due = [name for name in facts if name.startswith(("outputs", "end/", "d_"))]
    assert {"outputs"} <= set(due) <= set(found)
    for name in due:
        scale = max(1.0, np.abs(facts[name]).max())
        np.testing.assert_allclose(found[name], facts[name], rtol=0, atol=atol * scale, err_msg=name)
    return len(due)


def assert_forms_agree(model, time, cuts, atol=1e-5):
    """The sequence form at once, in two parts and step by step: the same outputs, and states that go on alike."""
    params, inputs, start = drawn(model), inputs_of(time), model.initial_state(FEATURES)
    read = jax.jit(model.sequence)
    end, due = jax.jit(lambda p, s, x: unroll(model, p, s, x))(params, start, inputs)
    assert due.shape == (time, model.n_outputs)
    assert np.std(due) > 0.01
    scale = max(1.0, np.abs(due).max())  # beyond one, as a share of the largest output: float32 has seven digits
    for cut in cuts:
        between, first = read(params, start, inputs[:cut])
        last, rest = read(params, between, inputs[cut:])
        np.testing.assert_allclose(
            np.concatenate([first, rest]), due, rtol=0, atol=atol * scale, err_msg=f"cut at {cut}"
        )
        for name, one, other in zip(names(end, "end"), *map(jax.tree.leaves, (last, end)), strict=True):
            allowed = atol * max(1.0, np.abs(other).max(initial=0.0))
            np.testing.assert_allclose(one, other, rtol=0, atol=allowed, err_msg=f"cut at {cut}, {name}")


def reach(model, time=24, spread=0.3):
    """For each pair of steps (of the output, of the input), the largest derivative."""
    params, inputs = drawn(model, spread=spread), inputs_of(time)
    by_inputs = jax.jit(jax.jacrev(lambda x: model.sequence(params, model.initial_state(FEATURES), x)[1]))
    return np.abs(by_inputs(inputs)).max(axis=(1, 3))


def assert_causal(model, time=24):
    """No output depends on a later input, and each depends on its own."""
    derivatives = reach(model, time)
    assert not np.triu(derivatives, 1).any()
    assert (np.diag(derivatives) > 1e-6).all()


def assert_finite_differences(model, time=5, fixed=()):
    """In double precision, outputs and last state by every array of parameters, state and inputs."""
    rng = np.random.default_rng(2)
    start, _ = jax.jit(model.sequence)(drawn(model), model.initial_state(FEATURES), inputs_of(3, 5))
    with jax.enable_x64(True):
        place = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), (drawn(model), start, inputs_of(time)))
        shapes = [*map(np.shape, jax.tree.leaves(start)), (time, model.n_outputs)]
        weights = [rng.standard_normal(shape) for shape in shapes]

        def weighted(place):
            found = jax.tree.leaves(model.sequence(*place))
            return sum(jnp.sum(leaf * weight) for leaf, weight in zip(found, weights, strict=True))

        value, gradients = jax.jit(weighted), jax.tree.leaves(jax.jit(jax.grad(weighted))(place))
        for number, (name, exact) in enumerate(zip(names(place, "by"), gradients, strict=True)):
            assert exact.dtype == np.float64
            if name.endswith("seen") or any(name.endswith(part) for part in fixed):
                assert not exact.any()
                continue
            leaves, structure = jax.tree.flatten(place)
            way = rng.standard_normal(leaves[number].shape)

            def moved(by, leaves=leaves, structure=structure, number=number, way=way):
                there = [leaf + by * way if place == number else leaf for place, leaf in enumerate(leaves)]
                return float(value(jax.tree.unflatten(structure, there)))

            slope = (8 * (moved(1e-4) - moved(-1e-4)) - (moved(2e-4) - moved(-2e-4))) / 12e-4
            np.testing.assert_allclose(np.sum(exact * way), slope, rtol=1e-6, atol=1e-7, err_msg=name)
