"""The tutorial's protocol, side by side: memspan, Keras 3 and PyTorch, one run of it and 512 seeds of it.

    python -m benchmarks.tutorial            the table
    python -m benchmarks.tutorial --json     the same, to be read by programs
    python -m benchmarks.tutorial --ablate   what bounds memspan

Every system runs in a process of its own, one after the other; `--python NAME=PATH` runs one with another Python.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
EPOCHS = 250
POPULATION = 512
# XLA compiles a loop whose data are small into one function, and calls every operation of a larger loop by itself.
# This raises what counts as small from 1 kB to 1 MB. It must be set before JAX starts, so it is the user's to set.
ONE_FUNCTION = "--xla_backend_extra_options=xla_cpu_small_while_loop_byte_threshold=1000000"
SYSTEMS = {  # name: (module, its argument, what must be installed)
    "memspan": ("benchmarks.system_memspan", "table", "memspan"),
    "memspan with XLA_FLAGS": ("benchmarks.system_memspan", "flags", "memspan"),
    "keras fit": ("benchmarks.system_keras", "fit", "keras"),
    "keras train_on_batch": ("benchmarks.system_keras", "train_on_batch", "keras"),
    "torch nn.LSTM": ("benchmarks.system_torch", "eager", "torch"),
}


def measure(name: str, python: str, repeats: int) -> list[dict[str, Any]]:
    """Run one system in its own process; return one row for each of its settings."""
    module, argument, needed = SYSTEMS[name]
    found = subprocess.run([python, "-c", f"import {needed}"], capture_output=True, text=True, check=False)
    if found.returncode:
        return [{"system": name, "missing": found.stderr.strip().splitlines()[-1]}]
    command = [python, "-m", module, argument, "--repeats", str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=_environment(argument))
    if done.returncode:
        return [{"system": name, "missing": f"failed: {done.stderr.strip().splitlines()[-1]}"}]
    return json.loads(done.stdout.strip().splitlines()[-1])


def _environment(argument: str) -> dict[str, str]:
    flags = {"XLA_FLAGS": ONE_FUNCTION} if argument == "flags" else {}
    return {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3", **flags}


def finish(rows: list[dict[str, Any]]) -> None:
    """Add medians, the rate in a population, and the ratio to Keras' fit loop."""
    for row in rows:
        if "missing" not in row:
            row["seconds"] = statistics.median(row["one_run"])
            row.setdefault("population", [POPULATION * second for second in row["one_run"]])
            row["runs_per_second"] = POPULATION / statistics.median(row["population"])
    fit = next((row for row in rows if row["system"] == "keras fit" and "seconds" in row), None)
    for row in rows if fit else []:
        if "seconds" in row:
            row["times_faster_one"] = fit["seconds"] / row["seconds"]
            row["times_faster_population"] = row["runs_per_second"] / fit["runs_per_second"]


def text(rows: list[dict[str, Any]]) -> str:
    """Return the table."""
    form = "{:<26}{:>34}{:>12}{:>14}{:>14}{:>12}{:>10}"
    titles = ("system", "one run: median (min - max) s", "runs/s", "one run", "population", "compile s", "programs")
    lines = [form.format(*titles), form.format("", "", f"of {POPULATION}", "vs fit", "vs fit", "", "")]
    notes: list[str] = []
    for row in rows:
        if "missing" in row:
            lines.append(f"{row['system']:<26}not measured: {row['missing']}")
            continue
        runs = row["one_run"]
        span = f"{row['seconds']:.4g} ({min(runs):.4g} - {max(runs):.4g})"
        ratios = [f"{row[k]:,.0f}x" if k in row else "-" for k in ("times_faster_one", "times_faster_population")]
        tail = (f"{row['compile']:.2f}", str(row["programs"]))
        lines.append(form.format(row["system"], span, f"{row['runs_per_second']:.4g}", *ratios, *tail))
        notes += [f"{row['system']}: {note}" for note in row.get("notes", [])]
    return "\n".join([*lines, "", *notes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--ablate", action="store_true", help="print what bounds memspan instead")
    parser.add_argument("--repeats", type=int, default=5, help="measurements of each kind")
    parser.add_argument("--only", nargs="+", choices=list(SYSTEMS), default=list(SYSTEMS), metavar="SYSTEM")
    parser.add_argument("--python", nargs="+", default=[], metavar="SYSTEM=PATH", help="another Python for a system")
    options = parser.parse_args()
    if options.ablate:
        script = [sys.executable, "-m", "benchmarks.system_memspan", "ablate", "--repeats", str(options.repeats)]
        sys.exit(subprocess.run(script, check=False, cwd=ROOT).returncode)
    pythons = dict(pair.split("=", 1) for pair in options.python)
    rows: list[dict[str, Any]] = []
    for name in options.only:
        print(f"measuring {name} ...", file=sys.stderr)
        rows += measure(name, pythons.get(name.split()[0], sys.executable), options.repeats)
    finish(rows)
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    versions = sorted({version for row in rows for version in row.get("versions", [])})
    if options.json:
        print(json.dumps({"machine": machine, "versions": versions, "epochs": EPOCHS, "rows": rows}, indent=2))
    else:
        print(f"{', '.join([machine, *versions])}; {EPOCHS} epochs, 20 units\n\n{text(rows)}")


if __name__ == "__main__":
    main()
