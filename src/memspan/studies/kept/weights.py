"""Trained weights as a store keeps them, one array a part of the model, and the network that they make again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from memspan.core.errors import InvalidInput
from memspan.core.spec import Spec
from memspan.engine.network import network_of
from memspan.engine.runs import Runs
from memspan.engine.trained import Trained
from memspan.store import Store, Tensors
from memspan.studies.kept.rebuilt import spec_of

__all__ = ["load_trained", "tensors_of", "trained_of"]


def tensors_of(runs: Runs) -> dict[int, Tensors]:
    """Return the final weights of runs by seed, under the names that they have in the model.

    Example:
        >>> import memspan as ms
        >>> runs = ms.train(ms.problems.Conflict(lag=1), ms.models.MLP(units=2), ms.rules.BPTT(), epochs=1)
        >>> {name: array.shape for name, array in tensors_of(runs)[0].items()}
        {'0.kernel': (3, 2), '0.bias': (2,), '1.kernel': (2, 3), '1.bias': (3,)}

    Args:
        runs: what the engine gave.

    Returns:
        For each seed that has a result arrays by name: the number of the layer, the read-out last, and the path in
        its pytree.
    """
    if runs.failed.all():
        return {}
    layout = runs.network.layout
    return {
        seed: layout.named(vector)
        for seed, vector, failed in zip(runs.seeds, np.asarray(runs.weights), runs.failed, strict=True)
        if not failed
    }


def trained_of(spec: Spec, tensors: Mapping[str, Shaped[np.ndarray, "..."]], seed: int | None = None) -> Trained:
    """Return the network that weights of a spec make: the one that was trained, bit for bit.

    Args:
        spec: what was trained.
        tensors: its weights by name, as `tensors_of` gives them.
        seed: of the run; None where it is not known.

    Raises:
        InvalidInput: they are the weights of another network.
    """
    network = network_of(spec.problem, spec.model)
    return Trained(spec.problem, network, _vector(network, tensors, spec), spec, seed)


def load_trained(store: Store, spec: Spec | str, seed: int) -> Trained:
    """Return the trained network of a run whose weights a store keeps.

    Example:
        >>> import memspan as ms, tempfile
        >>> file = tempfile.mkdtemp() + "/runs.db"
        >>> settings = {"rule": ms.rules.BPTT(), "epochs": 2, "store": file, "weights": True}
        >>> found = ms.span(ms.models.MLP(units=2), ms.problems.Conflict(), lags=[1], seeds=2, **settings)
        >>> with ms.store.Store.open(file) as store:
        ...     network = load_trained(store, found.row("MLP")[1].cell.spec.hash, seed=1)
        >>> network.predict([1, 0])
        [...]

    Args:
        store: where the run is kept.
        spec: what was trained, or the beginning of its hash: then it is made again of what the store says of it.
        seed: which run.

    Returns:
        The network.

    Raises:
        InvalidInput: the store has no such spec or run, or not its weights, or the spec is made of parts that are not
            of this library or of this version of it.
        StoreError: the store cannot be read.
    """
    if isinstance(spec, str):
        known = store.spec(spec)
        spec = spec_of(known.settings, known.hash)
    tensors = store.weights(spec.hash, seed)
    if tensors is None:
        raise InvalidInput(_no_weights(store, spec.hash, seed))
    return trained_of(spec, tensors, seed)


def _no_weights(store: Store, spec: str, seed: int) -> str:
    """Say what there is in place of a run's weights."""
    if store.missing(spec, [seed]):
        return (
            f"seed must be one that spec {spec} was run from, but {store.path} has no run of seed {seed}; name another"
        )
    kept = sorted(store.with_weights(spec))
    has = f"those of {', '.join(map(str, kept[:8]))}{', ...' if len(kept) > 8 else ''}" if kept else "none of this spec"
    return (
        f"seed must be one whose weights are kept, but {store.path} has {has}, not of seed {seed}; "
        "memspan span --weights keeps them"
    )


def _vector(network: Any, tensors: Mapping[str, Shaped[np.ndarray, "..."]], spec: Spec) -> Float[np.ndarray, " weight"]:
    parts = network.layout.parts
    given = {name: array.shape for name, array in tensors.items()}
    if given != parts:
        apart = sorted({*given.items()} ^ {*parts.items()})[0]
        raise InvalidInput(
            f"weights must be those of spec {spec.hash}, {len(parts)} arrays, but got {len(given)}, of which "
            f"'{apart[0]}' of shape {apart[1]} does not fit; load those that were trained with it"
        )
    return np.concatenate([np.zeros(0, np.float32), *(np.asarray(tensors[name], np.float32).ravel() for name in parts)])
