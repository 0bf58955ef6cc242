"""PyTorch modules of users: good ones, and one for each fault that a check must find."""

import math

import numpy as np
import torch
from torch import nn


class LSTM(nn.Module):
    """Outputs and state; the faults below change one thing of it."""

    def __init__(self, n_inputs, hidden=6):
        super().__init__()
        self.rnn = nn.LSTM(n_inputs, hidden, batch_first=True)

    def forward(self, x, state=None):
        return self.rnn(x, state)


def gru(n_inputs, hidden=6):
    return nn.GRU(n_inputs, hidden, batch_first=True)


class Whole(LSTM):
    """No state: whole sequences."""

    def forward(self, x):
        return self.rnn(x)[0]


class Kept(LSTM):
    """Its state in itself."""

    state = None

    def forget(self):
        self.state = None

    def forward(self, x):
        y, self.state = self.rnn(x, self.state)
        return y


class Dropped(LSTM):
    """Drop-out as it should be: in training."""

    def forward(self, x, state=None):
        y, state = self.rnn(x, state)
        return nn.functional.dropout(y, 0.5, self.training), state


class Attends(nn.Module):
    """Attention, masked to the past or not."""

    def __init__(self, n_inputs, masked=True, hidden=6):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(n_inputs, hidden) for _ in range(3))
        self.masked = masked

    def forward(self, x):
        scores = self.q(x) @ self.k(x).transpose(1, 2) / math.sqrt(6)
        if self.masked:
            scores = scores.masked_fill(torch.ones(x.shape[1], x.shape[1]).triu(1).bool(), -math.inf)
        return scores.softmax(-1) @ self.v(x)


def unmasked(n_inputs):
    return Attends(n_inputs, masked=False)


class Bidirectional(nn.Module):
    def __init__(self, n_inputs, hidden=6):
        super().__init__()
        self.rnn = nn.LSTM(n_inputs, hidden, batch_first=True, bidirectional=True)

    def forward(self, x):
        return self.rnn(x)[0]


class LooksOneStepAhead(Whole):
    def forward(self, x):
        return super().forward(torch.roll(x, -1, 1) * (torch.arange(x.shape[1]) < x.shape[1] - 1)[:, None])


class Unseeded(LSTM):
    """Weights from a generator that nobody seeds."""

    def __init__(self, n_inputs):
        super().__init__(n_inputs)
        with torch.no_grad():
            self.rnn.weight_ih_l0.copy_(torch.as_tensor(np.random.default_rng().normal(size=(24, n_inputs))))


class NoiseFromElsewhere(LSTM):
    """A random forward that no seed decides."""

    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return y + float(np.random.default_rng().normal()), state


class SeedsItself(LSTM):
    def __init__(self, n_inputs):
        torch.manual_seed(0)
        super().__init__(n_inputs)


class DropsInEvaluation(LSTM):
    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return nn.functional.dropout(y, 0.5, True), state


class SharedNoise(LSTM):
    """Noise that is the same for all rows of a batch."""

    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return y + torch.randn(()), state


class KeepsAfterReset(Kept):
    def forget(self):
        self.forgotten = True


class KeepsUnsaid(Kept):
    """Its state in itself, and no reset was named."""


class AveragesInEvaluation(Whole):
    """Running averages that reading moves."""

    def __init__(self, n_inputs):
        super().__init__(n_inputs)
        self.register_buffer("mean", torch.zeros(6))

    def forward(self, x):
        y = super().forward(x)
        self.mean = 0.9 * self.mean + 0.1 * y.detach().mean(dim=(0, 1))
        return y - self.mean


class LosesState(LSTM):
    """Forgets to carry the state that it is given."""

    def forward(self, x, state=None):
        return self.rnn(x)


class LosesKeptState(Kept):
    """Stores a state and never starts from it."""

    def forward(self, x):
        y, self.state = self.rnn(x)
        return y


class HoldsTheGraph(LSTM):
    """Its state where no adapter looks, never detached."""

    class Place:
        state = None

    def __init__(self, n_inputs):
        super().__init__(n_inputs)
        self.place = self.Place()

    def forget(self):
        self.place.state = None

    def forward(self, x):
        y, self.place.state = self.rnn(x, self.place.state)
        return y


class Normalised(LSTM):
    """Batch normalisation: leaks in training, and what it averages is no weight."""

    def __init__(self, n_inputs):
        super().__init__(n_inputs)
        self.norm = nn.BatchNorm1d(6)

    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return self.norm(y.transpose(1, 2)).transpose(1, 2), state


class CentredOnTheBatch(LSTM):
    def forward(self, x, state=None):
        return super().forward(x - x.mean(dim=0), state)


class ScaledByLength(Whole):
    def forward(self, x):
        return super().forward(x) / x.shape[1]


class OfOneLength(Whole):
    def forward(self, x):
        return super().forward(x) * torch.ones(16, 1)


class CountsWithinACall(LSTM):
    """Where it stands in a sequence is no part of its state."""

    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return y + torch.arange(x.shape[1])[:, None] / 10, state


class Detached(LSTM):
    """No gradient goes back through its state."""

    def forward(self, x, state=None):
        said = []
        for t in range(x.shape[1]):
            state = tuple(each.detach() for each in state) if state else None
            y, state = self.rnn(x[:, t : t + 1], state)
            said.append(y)
        return torch.cat(said, dim=1), state


class NoCredit(LSTM):
    """It hears nothing of its input with a gradient."""

    def forward(self, x, state=None):
        return super().forward(x.detach(), state)


class Scaled(LSTM):
    """A factor that is drawn, and is no weight."""

    def __init__(self, n_inputs):
        super().__init__(n_inputs)
        self.scale = torch.rand(6)

    def forward(self, x, state=None):
        y, state = super().forward(x, state)
        return y * self.scale, state


def raises(n_inputs):
    raise OSError("no weights here")


def remembers(x):
    return np.where(np.arange(x.shape[1]) == x.shape[1] - 1, x[:, :1], 0)


def says_the_last(x):
    """Wherever it is asked, what comes at the end."""
    return np.repeat(x[:, -1:], x.shape[1], axis=1)
