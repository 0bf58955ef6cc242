"""PyTorch, eager: nn.LSTM over whole sequences and a linear read-out."""

from __future__ import annotations

import time

import torch
from benchmarks.sequences_protocol import SYMBOLS, Measurement, arguments, one_hot, symbols
from torch import nn


def main() -> None:
    case, options = arguments()
    if options.how == "one thread":
        torch.set_num_threads(1)
    measurement, started = Measurement(), time.perf_counter()
    lstm, dense = nn.LSTM(SYMBOLS, case.units), nn.Linear(case.units, SYMBOLS)
    adam = torch.optim.Adam([*lstm.parameters(), *dense.parameters()])
    inputs, targets = symbols(case)
    x, y = torch.from_numpy(one_hot(inputs.T)), torch.from_numpy(targets.T).long().reshape(-1)

    def update() -> None:
        adam.zero_grad()
        outputs, _ = lstm(x)
        nn.functional.cross_entropy(dense(outputs).reshape(-1, SYMBOLS), y).backward()
        adam.step()

    measurement.answer(update, options.repeats, started, versions=[f"torch {torch.__version__}"])


if __name__ == "__main__":
    main()
