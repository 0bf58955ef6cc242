"""What users bring: PyTorch modules of every form, and of every fault."""

import os
import time

import numpy as np
import torch
from torch import nn

from memspan.models import LSTM, Dense


def lstm(n_inputs, hidden=6):
    """Three lines are enough: outputs and state, without a read-out."""
    return nn.LSTM(n_inputs, hidden, batch_first=True)


class Explicit(nn.Module):
    """An LSTM with its own read-out, from the weights that a seed has in our engine."""

    def __init__(self, n_inputs, n_outputs, seed, hidden=6):
        super().__init__()
        rng = np.random.default_rng([seed, 0])
        inner, outer = LSTM(hidden).init(rng, n_inputs), Dense(n_outputs).init(rng, hidden)
        self.lstm = nn.LSTM(n_inputs, hidden, batch_first=True)
        self.out = nn.Linear(hidden, n_outputs)
        theirs = (self.lstm.weight_ih_l0, self.lstm.weight_hh_l0, self.lstm.bias_ih_l0, self.out.weight, self.out.bias)
        with torch.no_grad():
            for mine, ours in zip(theirs, (*inner, *outer), strict=True):
                mine.copy_(torch.as_tensor(np.array(ours.T)))
            self.lstm.bias_hh_l0.zero_()
        self.lstm.bias_hh_l0.requires_grad_(False)  # two biases that are only ever summed would learn twice as fast

    def forward(self, x, state=None):
        y, state = self.lstm(x, state)
        return self.out(y), state


class Kept(Explicit):
    """The same, with its state in itself, as an attribute."""

    def forget(self):
        self.state = None

    def forward(self, x):
        y, self.state = super().forward(x, getattr(self, "state", None))
        return y


class Buffered(nn.Module):
    """A state in buffers, beside buffers that are none: those of a normalisation."""

    def __init__(self, n_inputs, hidden=6):
        super().__init__()
        self.cell, self.norm = nn.GRUCell(n_inputs, hidden), nn.BatchNorm1d(hidden)
        self.register_buffer("h", torch.zeros(1, hidden))

    def reset(self):
        self.h = torch.zeros(1, self.cell.hidden_size)

    def forward(self, x):
        h, said = self.h.expand(len(x), -1), []
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
            said.append(self.norm(h))
        self.h = h
        return torch.stack(said, dim=1)


class Whole(Explicit):
    """The same, without a state."""

    def forward(self, x):
        return super().forward(x)[0]


class ByStep(Explicit):
    """The same, one step at a time: a method `step` and no forward."""

    forward = nn.Module.forward

    def step(self, x, state=None):
        y, state = Explicit.forward(self, x[:, None], state)
        return y[:, 0], state


def cell(n_inputs, hidden=6):
    """A cell with the weights of the layer of the same seed."""
    layer, cell = lstm(n_inputs, hidden), nn.LSTMCell(n_inputs, hidden)
    with torch.no_grad():
        for mine, theirs in zip(cell.parameters(), layer.parameters(), strict=True):
            mine.copy_(theirs)
    return cell


class Projected(nn.Module):
    """What it reads goes through weights that are drawn and never trained."""

    def __init__(self, n_inputs, n_outputs, hidden=6):
        super().__init__()
        self.projection = nn.Linear(n_inputs, 8).requires_grad_(False)
        self.lstm, self.out = nn.LSTM(8, hidden, batch_first=True), nn.Linear(hidden, n_outputs)

    def forward(self, x):
        return self.out(self.lstm(self.projection(x))[0])


class Short(Whole):
    """It has places for eight steps."""

    def forward(self, x):
        if x.shape[1] > 8:
            raise IndexError("no place for a ninth step")
        return super().forward(x)


class Embedding(nn.Module):
    def __init__(self, n_inputs, hidden=6):
        super().__init__()
        self.table, self.gru = nn.Embedding(n_inputs, 4), nn.GRU(4, hidden, batch_first=True)

    def forward(self, x):
        return self.gru(self.table(x))[0]


def on_the_cpu(n_inputs, n_outputs, seed, name):
    """A module of this file, wherever tensors are made by default."""
    with torch.device("cpu"):
        return lstm(n_inputs) if name == "lstm" else globals()[name](n_inputs, n_outputs, seed)


def sgd(model, batches):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    for batch in batches:
        optimizer.zero_grad()
        batch.loss(model(batch.inputs)).backward()
        optimizer.step()


def leaves_early(model, batches):
    for _, batch in zip(range(3), batches, strict=False):
        batch.loss(model(batch.inputs)).backward()


ended = []


def tells_its_end(model, batches):
    for batch in batches:
        batch.loss(model * batch.inputs)
    ended.append(float(model))


def raises(n_inputs):
    return {}["hidden"]


def hangs(n_inputs):
    while True:
        time.sleep(0.05)


def dies(n_inputs):
    os._exit(7)


def elsewhere(n_inputs):
    return lstm(n_inputs).to("cuda:5")


def nothing(n_inputs):
    return [n_inputs]


def time_first(n_inputs, hidden=6):
    return nn.LSTM(n_inputs, hidden)


class Flat(nn.Module):
    def __init__(self, n_inputs):
        super().__init__()
        self.out = nn.Linear(n_inputs, 5)

    def forward(self, x):
        return self.out(x).sum(dim=1)


class NotANumber(Whole):
    def forward(self, x):
        return super().forward(x) * float("nan")


class BreaksLater(Whole):
    """Raises after some epochs, for some seeds only."""

    def __init__(self, n_inputs, n_outputs, seed, hidden=6):
        super().__init__(n_inputs, n_outputs, seed, hidden)
        self.fuse = 9 if seed == 1 else 10**9

    def forward(self, x):
        self.fuse -= self.training
        if self.fuse < 0:
            raise RuntimeError("the fuse blew")
        return super().forward(x)


class Explodes(BreaksLater):
    """Its numbers stop being numbers, for one seed: that is a result, not a failure."""

    def forward(self, x):
        self.fuse -= self.training
        return Whole.forward(self, x) * (float("nan") if self.fuse < 0 else 1.0)
