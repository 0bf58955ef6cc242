"""Record which functions of Python's own zipfile module are called, run after run, as a log of events.

    python record.py > calls.csv

Each run writes a small archive in memory and reads some of it back, as a seed decides. The log holds a run number, the
place of the call in its run, and the function's name: nothing about the machine. Another version of Python may call
other functions; the log beside this file was recorded with Python 3.11.
"""

from __future__ import annotations

import csv
import io
import random
import sys
import zipfile
from types import FrameType
from typing import Any

RUNS = 160


def archive(chance: random.Random) -> None:
    """Write one to six files, most of them compressed, and read about half of them back."""
    memory = io.BytesIO()
    kind = chance.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
    with zipfile.ZipFile(memory, "w", kind) as packed:
        for number in range(chance.randint(1, 6)):
            packed.writestr(f"file{number}", "memory " * chance.randint(0, 999))
    with zipfile.ZipFile(memory) as packed:
        for name in packed.namelist():
            if chance.random() < 0.5:
                packed.read(name)


def calls(chance: random.Random) -> list[str]:
    """Return the names of the functions that one run calls, in order."""
    names: list[str] = []

    def listen(frame: FrameType, event: str, _: Any) -> None:
        name = frame.f_code.co_name
        # Deletion happens when the collector likes, and <listcomp> is no function in newer Pythons.
        if event == "call" and frame.f_globals.get("__name__") == "zipfile" and name[0] != "<" and name != "__del__":
            names.append(name)

    sys.setprofile(listen)
    try:
        archive(chance)
    finally:
        sys.setprofile(None)
    return names


def main() -> None:
    """Write the log to standard output."""
    chance = random.Random(0)
    rows = csv.writer(sys.stdout, lineterminator="\n")
    rows.writerow(["run", "step", "call"])
    for run in range(RUNS):
        rows.writerows([run, step, name] for step, name in enumerate(calls(chance)))


if __name__ == "__main__":
    main()
