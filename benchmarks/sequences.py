"""Whole sequences, side by side: forward, backward and an update with Adam, in memspan, PyTorch and Keras 3.

    python -m benchmarks.sequences            the table (long: most of it is the slowest systems)
    python -m benchmarks.sequences --quick    the cases that the targets name, and the smallest
    python -m benchmarks.sequences --json     the same, to be read by programs

LSTM of 20 and of 128 units, 100, 1000 and 10,000 steps, 2 and 32 sequences side by side; one model, and a population of
16, which the other systems do one after the other. Every system and case runs in a process of its own;
`--python NAME=PATH` runs one with another Python.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.sequences_protocol import Case

ROOT = Path(__file__).parents[1]
POPULATION = 16
LIMIT = 600  # seconds for one case of one system
CASES = [Case(*sizes) for sizes in itertools.product((20, 128), (100, 1000, 10_000), (2, 32), (1, POPULATION))]
QUICK = [Case(20, 100, 2, 1), Case(20, 1000, 2, 1), Case(20, 1000, 2, POPULATION), Case(128, 100, 32, 1)]
SYSTEMS = {  # name: (module, how, what must be installed, environment)
    "memspan native": ("sequences_memspan", "native", "numba, memspan", {}),
    "memspan xla": ("sequences_memspan", "xla", "memspan", {}),
    "torch": ("sequences_torch", "", "torch", {}),
    "torch one thread": ("sequences_torch", "one thread", "torch", {}),
    "keras jax": ("sequences_keras", "", "keras, jax", {"KERAS_BACKEND": "jax"}),
    "keras tensorflow": ("sequences_keras", "", "keras, tensorflow", {"KERAS_BACKEND": "tensorflow"}),
}


@functools.cache
def missing(python: str, needed: str) -> str | None:
    """Return why a system cannot run, or None."""
    found = subprocess.run([python, "-c", f"import {needed}"], capture_output=True, text=True, check=False)
    return found.stderr.strip().splitlines()[-1] if found.returncode else None


def measure(name: str, case: Case, python: str, repeats: int) -> dict[str, Any]:
    """Run one case of one system in its own process."""
    module, how, needed, environment = SYSTEMS[name]
    row: dict[str, Any] = {"system": name, **dataclasses.asdict(case)}
    # Nobody but memspan trains a population at once: theirs is one model after the other, which needs no measuring.
    alone = case if module == "sequences_memspan" else dataclasses.replace(case, models=1)
    reason = missing(python, needed)
    if reason:
        return {**row, "missing": reason}
    sizes = [part for key, value in dataclasses.asdict(alone).items() for part in (f"--{key}", str(value))]
    command = [python, "-m", f"benchmarks.{module}", *sizes, "--how", how, "--repeats", str(repeats)]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", **environment}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, **quiet}, timeout=LIMIT
        )
    except subprocess.TimeoutExpired:
        return {**row, "missing": f"took more than {LIMIT} s"}
    if done.returncode:
        return {**row, "missing": f"failed: {done.stderr.strip().splitlines()[-1]}"}
    found = json.loads(done.stdout.strip().splitlines()[-1])
    times = case.models // alone.models
    return {**row, **found, "seconds": [times * second for second in found["seconds"]], "after_each_other": times > 1}


def finish(rows: list[dict[str, Any]]) -> None:
    """Add medians, and how many times faster than PyTorch, in the faster of its two settings."""
    for row in rows:
        if "seconds" in row:
            row["median"] = statistics.median(row["seconds"])
    for row in rows:
        theirs = [r["median"] for r in rows if r["system"].startswith("torch") and "median" in r and same(r, row)]
        if "median" in row and theirs:
            row["times_torch"] = min(theirs) / row["median"]


def same(row: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(row[key] == other[key] for key in Case.__annotations__)


def text(rows: list[dict[str, Any]]) -> str:
    """Return the table."""
    form = "{:<18}{:>6}{:>7}{:>6}{:>7}{:>38}{:>12}{:>8}{:>10}{:>9}"
    titles = (
        "units",
        "steps",
        "batch",
        "models",
        "ms: median (min - max)",
        "ms a model",
        "torch",
        "peak MB",
        "first s",
    )
    lines = [form.format("system", *titles)]
    for case, group in itertools.groupby(rows, key=lambda row: tuple(row[key] for key in Case.__annotations__)):
        for row in group:
            if "missing" in row:
                lines.append(form.format(row["system"], *case, "", "", "", "", "") + f"not measured: {row['missing']}")
                continue
            low, middle, high = (1e3 * value for value in (min(row["seconds"]), row["median"], max(row["seconds"])))
            ratio = f"{row['times_torch']:.2f}x" if "times_torch" in row else "-"
            span = f"{middle:.4g} ({low:.4g} - {high:.4g})"
            tail = f"{middle / row['models']:.4g}", ratio, f"{row['peak_mb']:.0f}", f"{row['first']:.1f}"
            lines.append(form.format(row["system"], *case, span, *tail))
    return "\n".join([*lines, "", *growth(rows)])


def growth(rows: list[dict[str, Any]]) -> list[str]:
    """Return by what time and memory grow where steps, batch or models do."""
    lines = ["growth of time (and of peak memory):"]
    sizes = {tuple(row[key] for key in ("system", *Case.__annotations__)): row for row in rows if "median" in row}
    for key, row in sizes.items():
        for position, factor in ((2, 10), (3, 16), (4, POPULATION)):
            larger = sizes.get((*key[:position], key[position] * factor, *key[position + 1 :]))
            if larger:
                name = tuple(Case.__annotations__)[position - 1]
                time, memory = (larger[part] / max(row[part], 1e-9) for part in ("median", "peak_mb"))
                at = f"{key[0]}, " + ", ".join(f"{k} {v}" for k, v in zip(Case.__annotations__, key[1:], strict=True))
                lines.append(f"{at}: {name} x {factor} takes {time:.1f} times as long (memory {memory:.1f} times)")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--quick", action="store_true", help="only a few small cases")
    parser.add_argument("--units", type=int, nargs="+", choices=(20, 128), default=[20, 128], help="sizes to take")
    parser.add_argument("--repeats", type=int, default=7, help="measurements of each case")
    parser.add_argument("--only", nargs="+", choices=list(SYSTEMS), default=list(SYSTEMS), metavar="SYSTEM")
    parser.add_argument("--python", nargs="+", default=[], metavar="SYSTEM=PATH", help="another Python for a system")
    options = parser.parse_args()
    pythons = dict(pair.split("=", 1) for pair in options.python)
    rows: list[dict[str, Any]] = []
    for case in [case for case in (QUICK if options.quick else CASES) if case.units in options.units]:
        print(f"measuring {case} ...", file=sys.stderr)
        for name in options.only:
            rows.append(measure(name, case, pythons.get(name.split()[0], sys.executable), options.repeats))
    finish(rows)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    versions = sorted({version for row in rows for version in row.get("versions", [])})
    if options.json:
        print(json.dumps({"machine": machine, "versions": versions, "rows": rows}, indent=2))
    else:
        print(f"{', '.join([machine, *versions])}; {options.repeats} repeats\n\n{text(rows)}")


if __name__ == "__main__":
    main()
