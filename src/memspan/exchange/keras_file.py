"""Files of Keras: written by Keras in a process of its own, read as the JSON and HDF5 that they are."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.core.problem import Problem
from memspan.engine.trained import Trained
from memspan.exchange.keras_layout import KerasLayer, from_layers, keras_layers
from memspan.exchange.keras_model import INSTALL, PURPOSE, build, chained
from memspan.exchange.needed import needed

__all__ = ["read_keras", "write_here", "write_keras"]


def write_keras(trained: Trained, path: Path) -> None:
    """Write a `.keras` file, which any backend of Keras 3 loads.

    Keras' backend belongs to a whole process, so this is done in another one, on JAX, which memspan has anyway.

    Args:
        trained: an LSTM, a GRU or an Elman network with a dense read-out.
        path: of the file.

    Raises:
        InvalidInput: Keras is not installed, has no such layer, or could not write the file.
    """
    layers = keras_layers(trained)
    if importlib.util.find_spec("keras") is None:
        raise InvalidInput(f"{PURPOSE} must have keras, but it is not installed; install it with {INSTALL}")
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "weights.npz"
        arrays = {f"{i}.{j}": array for i, layer in enumerate(layers) for j, array in enumerate(layer.weights)}
        np.savez(given, **arrays)  # pyright: ignore[reportArgumentType]
        said = json.dumps([trained.network.n_inputs, [(layer.kind, layer.config) for layer in layers]])
        code = "import sys; from memspan.exchange.keras_file import write_here; write_here(*sys.argv[1:])"
        done = subprocess.run(
            [sys.executable, "-c", code, said, str(given), str(path)],
            env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
            capture_output=True,
            text=True,
        )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise InvalidInput(
            f"{path} must be written by Keras, but it failed: {last}; see that Keras works and try again"
        )


def write_here(said: str, weights: str, path: str) -> None:
    """Build a model in this process and write it; `write_keras` calls this in a process of its own.

    Args:
        said: number of inputs and the layers' classes and settings, as JSON.
        weights: file of the layers' weights, named layer.array.
        path: where to write.
    """
    n_inputs, parts = json.loads(said)
    with np.load(weights, allow_pickle=False) as arrays:
        names = sorted(arrays.files)
        layers = [
            KerasLayer(kind, config, [arrays[name] for name in names if name.split(".")[0] == str(i)])
            for i, (kind, config) in enumerate(parts)
        ]
    build(n_inputs, layers).save(path)


def read_keras(problem: Problem, path: Path, model: Any = None) -> Trained:
    """Return the network whose weights a `.keras` file holds. Keras is not run, so nothing in the file is either.

    Args:
        problem: what its inputs and outputs mean.
        path: of the file.
        model: the model that is expected, if any.

    Raises:
        InvalidInput: the file is damaged, holds other layers, or another function than ours.
    """
    h5py = needed("h5py", f"reading {path}", INSTALL)
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
            stored = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(stored, "r") as tree:
            # Attributes and external links are never followed: only plain arrays of float32 are read.
            arrays = {name: value for name, value in _arrays(h5py, tree)}
        layers = chained(config.get("class_name"), config.get("config"))
    except (OSError, KeyError, TypeError, AttributeError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, InvalidInput):
            raise
        raise InvalidInput(
            f"{path} must be a file that Keras 3 saved, but {error}; save the model with model.save"
        ) from None
    return from_layers(problem, _with_weights(layers, arrays), model)


def _arrays(h5py: Any, tree: Any) -> list[tuple[str, Any]]:
    """Return the arrays of an HDF5 file by path; links that lead out of the file are left out."""
    found: list[tuple[str, Any]] = []
    waiting = [("", tree)]
    while waiting:
        above, group = waiting.pop()
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                continue
            value, path = group[name], f"{above}/{name}"
            if isinstance(value, h5py.Group):
                waiting.append((path, value))
            elif not (value.external or value.is_virtual):
                found.append((path, np.asarray(value)))
    return found


def _with_weights(layers: list[tuple[str, str, dict[str, Any]]], arrays: dict[str, Any]) -> list[KerasLayer]:
    """Return layers with their weights, which lie under the names of their classes, counted where one is repeated."""
    seen: dict[str, int] = {}
    found: list[KerasLayer] = []
    for kind, _, config in layers:
        name = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", kind)).lower()
        count = seen[name] = seen.get(name, -1) + 1
        own = re.compile(rf"/layers/{name}{f'_{count}' if count else ''}/(?:.*/)?vars/(\d+)")
        parts = {int(match[1]): array for path, array in arrays.items() if (match := own.fullmatch(path))}
        weights = [] if kind == "Dropout" else [parts[i] for i in sorted(parts)]
        found.append(KerasLayer(kind, config, weights))
    return found
