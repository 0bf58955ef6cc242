"""The tutorial in PyTorch: an LSTM that must remember the first symbol, stateful and stateless.

python in_torch.py stateful       # two seconds a run
python in_torch.py stateless      # half a second a run
"""

from __future__ import annotations

import argparse

import numpy as np
import torch
from torch import nn

from memspan.data import to_lstm_dataset
from memspan.stats import wilson

SEQUENCES = [[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]]
N_SYMBOLS, N_UNITS = 5, 20


class Network(nn.Module):
    """An LSTM with a dense read-out; its state goes in and comes out, so the caller decides when to forget."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(N_SYMBOLS, N_UNITS, batch_first=True)
        self.read_out = nn.Linear(N_UNITS, N_SYMBOLS)
        # The tutorial's initial weights, which are Keras'. From PyTorch's own it is hardly ever learned in 250 epochs.
        nn.init.xavier_uniform_(self.lstm.weight_ih_l0)
        nn.init.orthogonal_(self.lstm.weight_hh_l0)
        nn.init.xavier_uniform_(self.read_out.weight)
        for bias in (self.lstm.bias_ih_l0, self.lstm.bias_hh_l0, self.read_out.bias):
            nn.init.zeros_(bias)
        nn.init.ones_(self.lstm.bias_ih_l0[N_UNITS : 2 * N_UNITS])  # forget gates start open

    def forward(self, x, state=None):
        hidden, state = self.lstm(x, state)
        return self.read_out(hidden), state


def dataset(sequence: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """One sample of four steps, (1, 4, 5), and what should be said at each, (1, 4, 5)."""
    x, y = to_lstm_dataset(sequence, N_SYMBOLS)
    return torch.from_numpy(x[None, :, 0]), torch.from_numpy(y[None])


def pieces(form: str, *rows: torch.Tensor) -> list[tuple[torch.Tensor, ...]]:
    """Stateful: step by step, the state is handed on. Stateless: the whole sequence at once."""
    return list(zip(*(row.split(1 if form == "stateful" else row.shape[1], dim=1) for row in rows), strict=True))


def train(form: str, network: Network, epochs: int) -> None:
    optimizer, cost = torch.optim.Adam(network.parameters()), nn.BCEWithLogitsLoss()
    data = [dataset(sequence) for sequence in SEQUENCES]
    for _ in range(epochs):
        for x, y in data:
            state = None  # forget: a sequence begins
            for now, wanted in pieces(form, x, y):
                said, state = network(now, state)
                state = tuple(part.detach() for part in state)  # the state goes on, the gradient does not
                optimizer.zero_grad()
                cost(said, wanted).backward()
                optimizer.step()


def outputs(form: str, network: Network, sequence: list[int]) -> np.ndarray:
    """Return one row a step."""
    state, rows = None, []
    with torch.no_grad():
        for (now,) in pieces(form, dataset(sequence)[0]):
            said, state = network(now, state)
            rows.append(said.sigmoid()[0])
    return torch.cat(rows).numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description="The tutorial in PyTorch.")
    parser.add_argument("form", choices=["stateful", "stateless"])
    parser.add_argument("--epochs", type=int, default=250)
    parser.add_argument("--seeds", type=int, default=10)
    asked = parser.parse_args()
    torch.set_num_threads(1)  # so small a network only waits for a second thread
    solved = 0
    for seed in range(asked.seeds):
        torch.manual_seed(seed)
        network = Network()
        train(asked.form, network, asked.epochs)
        told = [outputs(asked.form, network, sequence).argmax(axis=-1).tolist() for sequence in SEQUENCES]
        solved += told == [sequence[1:] for sequence in SEQUENCES]
        print(
            f"seed {seed}: " + ", ".join(f"{s[:-1]} -> {t}" for s, t in zip(SEQUENCES, told, strict=True)), flush=True
        )
    print(f"solved: {wilson(solved, asked.seeds)}")


if __name__ == "__main__":
    main()
