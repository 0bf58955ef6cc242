"""What all systems share: the data of the tutorial, a clock, and the form of the answer."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import numpy as np

EPOCHS = 250
UNITS = 20
SEQUENCES = ((3, 0, 1, 2, 3), (4, 0, 1, 2, 4))


def pairs() -> list[tuple[np.ndarray, np.ndarray]]:
    """Return inputs [4, 1, 5] and targets [4, 5] of each sequence, as the tutorial shapes them."""
    one_hot = np.eye(5, dtype=np.float32)
    return [(one_hot[list(s[:-1])][:, None], one_hot[list(s[1:])]) for s in SEQUENCES]


def clock(work: Callable[[], Any], repeats: int) -> list[float]:
    """Return the seconds of each repetition."""
    seconds: list[float] = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def options(choices: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=choices)
    parser.add_argument("--repeats", type=int, default=5)
    return parser.parse_args()


def answer(rows: list[dict[str, Any]]) -> None:
    """Print the rows as the last line of the output."""
    print(json.dumps(rows))
