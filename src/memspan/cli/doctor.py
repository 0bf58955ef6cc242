"""`memspan doctor`: what this installation has, what it lacks, and what to do about it."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sqlite3
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

__all__ = ["doctor"]

NEEDED = ("jax", "jaxlib", "optax", "numpy", "scipy", "jaxtyping", "cyclopts", "rich", "vl-convert-python")
# What an extra is for, and the modules that it brings.
EXTRAS = {
    "fast": ("the LSTM's loop in machine code", ("numba",)),
    "frames": ("pandas and polars, Parquet", ("pandas", "polars")),
    "weights": ("trained weights in a store", ("safetensors",)),
    "tune": ("a search for the smallest configuration", ("optuna",)),
    "cluster": ("studies on the workers of a Dask cluster", ("distributed",)),
    "digits": ("sequential digits", ("sklearn",)),
    "onnx": ("ONNX files", ("onnx", "onnxruntime")),
    "keras": ("files of Keras", ("keras",)),
    "sklearn": ("SequenceClassifier", ("sklearn",)),
    "torch": ("models of PyTorch", ("torch",)),
    "mlflow": ("runs sent to MLflow", ("mlflow", "sqlalchemy")),
    "wandb": ("runs sent to Weights & Biases", ("wandb",)),
    "tensorboard": ("runs sent to TensorBoard", ("tensorboard",)),
}
OLDEST_SQLITE = (3, 37, 0)


def doctor(*, json_: Annotated[bool, Parameter(name="--json", negative="")] = False) -> int:
    """Say what this installation has: versions, devices, extras, and whether folders and locks work.

    Args:
        json_: Print one JSON object instead of text.

    Returns:
        The exit code: 1 where something that is needed does not work.
    """
    from memspan.cli.console import out, working
    from memspan.cli.exits import Exit

    with working("trying what is installed", quiet=False):
        found = _examined()
    if json_:
        sys.stdout.write(json.dumps({"version": 1, "command": "doctor", **found}, allow_nan=False) + "\n")
    else:
        for line in _lines(found):
            out().print(line, markup=False, soft_wrap=True)
    return Exit.FAILED if found["problems"] else Exit.DONE


def _examined() -> dict[str, Any]:
    """Try everything; whatever fails is a sentence among the problems."""
    from memspan.store.environment import processor

    problems: list[str] = []
    versions = {name: _version(name) for name in ("memspan", *NEEDED)}
    problems += [f"{name} is not installed; install memspan again" for name, version in versions.items() if not version]
    devices: list[str] = []
    try:
        jax: Any = importlib.import_module("jax")
        named = {"cpu": processor()}
        devices = [f"{one.platform}: {named.get(one.platform, one.device_kind)}" for one in jax.devices()]
    except Exception as error:  # a broken installation may raise anything
        problems.append(f"jax does not work ({' '.join(str(error).split())[:200]}); install it again")
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        problems.append(f"SQLite is {sqlite3.sqlite_version}, but stores need 3.37 or newer; use a newer Python")
    try:
        importlib.import_module("fcntl")
    except ImportError:
        problems.append("this system lacks the file locks that writing a store needs; use Linux or macOS for it")
    cache = None if problems and not devices else _cache(problems)
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
        "versions": versions,
        "sqlite": sqlite3.sqlite_version,
        "devices": devices,
        "cache": cache,
        "extras": {extra: all(map(_there, modules)) for extra, (_, modules) in EXTRAS.items()},
        "problems": problems,
    }


def _lines(found: dict[str, Any]) -> list[str]:
    from memspan.studies.in_words import aligned

    rows = [
        ("python", f"{found['python']} on {found['platform']}, {found['cores']} cores"),
        *((name, version or "missing") for name, version in found["versions"].items()),
        ("sqlite", found["sqlite"]),
        ("devices", "; ".join(found["devices"]) or "none"),
        ("compiled programs", found["cache"] or "not kept"),
        *(
            (f"extra {extra}", EXTRAS[extra][0] + ("" if there else f"; not there: pip install 'memspan[{extra}]'"))
            for extra, there in found["extras"].items()
        ),
    ]
    return [*aligned(rows, left=2), "", *(found["problems"] or ["nothing is wrong"])]


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _there(module: str) -> bool:
    try:
        importlib.import_module(module)
    except Exception:  # an extra that is there but broken is not there
        return False
    return True


def _cache(problems: list[str]) -> str | None:
    """Return the folder of compiled programs, if it can be written."""
    from memspan.cli.compilation import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        problems.append(
            f"compiled programs cannot be kept in {folder} ({error.strerror}), so that each command compiles again; "
            "set MEMSPAN_CACHE to a folder that you may write"
        )
        return None
    return str(Path(folder))
