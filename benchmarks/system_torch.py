"""PyTorch, eager: nn.LSTM one step at a time, state carried and detached, an update after every step."""

from __future__ import annotations

from typing import Any

import torch
from benchmarks import protocol
from torch import nn

TIMED_EPOCHS = 50


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(5, protocol.UNITS)
        self.dense = nn.Linear(protocol.UNITS, 5)

    def forward(self, x: Any, state: Any) -> Any:
        hidden, state = self.lstm(x, state)
        return self.dense(hidden[:, 0]), state


def train(epochs: int) -> None:
    network = Network()
    adam = torch.optim.Adam(network.parameters())
    loss = nn.BCEWithLogitsLoss()
    data = [(torch.from_numpy(x), torch.from_numpy(y)) for x, y in protocol.pairs()]
    for _ in range(epochs):
        for x, y in data:
            state = None
            for t in range(len(x)):
                adam.zero_grad()
                logits, state = network(x[t : t + 1], state)
                loss(logits, y[t : t + 1]).backward()
                adam.step()
                state = tuple(part.detach() for part in state)


def main() -> None:
    options = protocol.options(["eager"])
    torch.set_num_threads(1)  # for tensors this small more threads are slower
    train(2)
    seconds = protocol.clock(lambda: train(TIMED_EPOCHS), options.repeats)
    scale = protocol.EPOCHS / TIMED_EPOCHS
    row = {
        "system": "torch nn.LSTM",
        "one_run": [scale * second for second in seconds],
        "compile": 0.0,
        "programs": 0,
        "versions": [f"torch {torch.__version__}"],
        "notes": [
            f"timed over {TIMED_EPOCHS} epochs and scaled to {protocol.EPOCHS}; one thread; the 512 seeds would be "
            "512 such runs one after the other"
        ],
    }
    protocol.answer([row])


if __name__ == "__main__":
    main()
