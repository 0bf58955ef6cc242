"""The network in PyTorch: its own LSTM cell, autograd and Adam, from the same weights.

PyTorch's Adam adds epsilon after the second moment is corrected for its bias, Keras' before; with epsilon
divided by the square root of that correction, anew for every update, PyTorch's is Keras'.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from tests.oracles.cases import N_STEPS, N_SYMBOLS, SEQUENCES, UPDATES_AT, Case, flat, pairs, steps

EPSILON = 1e-7


def build(case: Case) -> Any:
    """Return the network as a module: (x, state) -> (output, state)."""
    import torch
    from torch import nn

    class HardCell(nn.Module):
        """The gates of Keras 2.0, which PyTorch does not have, on parameters named as in `LSTMCell`."""

        def __init__(self, like: nn.LSTMCell) -> None:
            super().__init__()
            self.like = like

        def forward(self, x: Any, state: Any) -> Any:
            h, c = state
            like = self.like
            sums = x @ like.weight_ih.T + h @ like.weight_hh.T + like.bias_ih
            i, f, g, o = sums.chunk(4, dim=1)
            squash = [torch.clamp(0.2 * part + 0.5, 0, 1) for part in (i, f, o)]
            c = squash[1] * c + squash[0] * torch.tanh(g)
            return squash[2] * torch.tanh(c), c

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.LSTMCell(N_SYMBOLS, case.units)
            self.cell = self.inner if case.gate == "sigmoid" else HardCell(self.inner)
            self.dense = nn.Linear(case.units, N_SYMBOLS)

        def forward(self, x: Any, state: Any) -> Any:
            h, c = self.cell(x, state)
            return torch.sigmoid(self.dense(h)), (h, c)

    network = Network()
    with torch.no_grad():
        for parameter, value in zip(_parameters(network), case.weights, strict=True):
            parameter.copy_(torch.tensor(value.T))
        network.inner.bias_hh.zero_()
    return network


def _parameters(network: Any) -> list[Any]:
    """In the order of Keras, each transposed; the second bias stays zero and is not trained."""
    inner, dense = network.inner, network.dense
    return [inner.weight_ih, inner.weight_hh, inner.bias_ih, dense.weight, dense.bias]


def _weights(network: Any) -> np.ndarray:
    return flat([parameter.detach().numpy().T for parameter in _parameters(network)])


def _initial(case: Case) -> Any:
    import torch

    return torch.zeros(1, case.units), torch.zeros(1, case.units)


def _loss(output: Any, target: np.ndarray) -> Any:
    import torch

    clipped = output.clamp(EPSILON, 1 - EPSILON)
    target = torch.tensor(target)
    return -(target * clipped.log() + (1 - target) * (1 - clipped).log()).mean()


def _gradient(network: Any, loss: Any) -> np.ndarray:
    network.zero_grad()
    loss.backward()
    return flat([parameter.grad.numpy().T for parameter in _parameters(network)])


class KerasAdam:
    """PyTorch's Adam with the epsilon of Keras."""

    def __init__(self, network: Any) -> None:
        import torch

        self.adam = torch.optim.Adam(_parameters(network), lr=0.001, betas=(0.9, 0.999))
        self.count = 0

    def step(self) -> None:
        self.count += 1
        self.adam.param_groups[0]["eps"] = EPSILON / (1 - 0.999**self.count) ** 0.5
        self.adam.step()


def facts(case: Case) -> dict[str, np.ndarray]:
    """Return outputs, losses, gradients and updates."""
    return {**_frozen(case), **_online(case), **_whole(case)}


def _frozen(case: Case) -> dict[str, np.ndarray]:
    import torch

    network, state, rows = build(case), _initial(case), []
    for _, t, x, y in steps():
        state = _initial(case) if t == 0 else tuple(part.detach() for part in state)
        output, state = network(torch.tensor(x[None]), state)
        loss = _loss(output, y[None])
        rows.append((output.detach().numpy()[0], loss.item(), _gradient(network, loss)))
    outputs, losses, gradients = (np.array(column) for column in zip(*rows, strict=True))
    shape = (len(SEQUENCES), N_STEPS)
    return {
        "outputs": outputs.reshape(*shape, N_SYMBOLS),
        "losses": losses.reshape(shape),
        "gradients": gradients[:N_STEPS],
    }


def _online(case: Case) -> dict[str, np.ndarray]:
    import torch

    network, state, losses, weights = build(case), _initial(case), [], []
    adam = KerasAdam(network)
    for _, t, x, y in steps():
        state = _initial(case) if t == 0 else tuple(part.detach() for part in state)
        output, state = network(torch.tensor(x[None]), state)
        loss = _loss(output, y[None])
        _gradient(network, loss)
        adam.step()
        losses.append(loss.item())
        weights.append(_weights(network))
    kept = np.array([weights[n - 1] for n in UPDATES_AT])
    return {"online_losses": np.array(losses), "online_weights": kept}


def _read(network: Any, case: Case, inputs: np.ndarray) -> Any:
    """Return the outputs of a whole sequence; the gradient flows through all of it."""
    import torch

    state, outputs = _initial(case), []
    for x in inputs:
        output, state = network(torch.tensor(x[None]), state)
        outputs.append(output[0])
    return torch.stack(outputs)


def _whole(case: Case) -> dict[str, np.ndarray]:
    network, losses, weights, gradients = build(case), [], [], []
    adam = KerasAdam(network)
    for x, y in map(pairs, SEQUENCES):
        loss = _loss(_read(network, case, x), y)
        gradients.append(_gradient(network, loss))
        adam.step()
        losses.append(loss.item())
        weights.append(_weights(network))
    return {
        "bptt_gradient": gradients[0],
        "bptt_losses": np.array(losses),
        "bptt_weights": np.array(weights),
    }
