"""The rules once more, slow and plain: Python loops in float64 on cells written out here, sharing no code.

One idea covers all rules. Every lesson keeps a history of (weights used, input) pairs. The gradient of a step is
that of its loss when the same small change is added to the weights of every step in the history: the last
step only (online), the sequence so far (RTRL). BPTT takes the whole sequence at one set of weights.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

SIZE = 5  # symbols, in and out


class LSTMCell(NamedTuple):
    """An LSTM with a read-out; all weights in one vector, in the order of Keras."""

    units: int

    def start(self):
        return np.zeros(2 * self.units)

    def step(self, weights, state, symbol):
        u = self.units
        sizes = [SIZE * 4 * u, u * 4 * u, 4 * u, u * SIZE, SIZE]
        kernel, recurrent, bias, out, out_bias = jnp.split(weights, np.cumsum(sizes)[:-1])
        hidden, cell = state[:u], state[u:]
        sums = kernel.reshape(SIZE, 4 * u)[symbol] + recurrent.reshape(u, 4 * u).T @ hidden + bias
        sigmoid = [1 / (1 + jnp.exp(-sums[k * u : (k + 1) * u])) for k in (0, 1, 3)]
        cell = sigmoid[1] * cell + sigmoid[0] * jnp.tanh(sums[2 * u : 3 * u])
        hidden = sigmoid[2] * jnp.tanh(cell)
        return jnp.concatenate([hidden, cell]), out.reshape(u, SIZE).T @ hidden + out_bias


class WindowCell(NamedTuple):
    """A perceptron over the last inputs, with a read-out."""

    units: int
    window: int

    def start(self):
        return np.zeros((self.window - 1) * SIZE)

    def step(self, weights, state, symbol):
        u, w = self.units, self.window
        sizes = [w * SIZE * u, u, u * SIZE, SIZE]
        kernel, bias, out, out_bias = jnp.split(weights, np.cumsum(sizes)[:-1])
        seen = jnp.concatenate([state, jnp.eye(SIZE)[symbol]])
        hidden = jnp.tanh(kernel.reshape(w * SIZE, u).T @ seen + bias)
        return seen[SIZE:], out.reshape(u, SIZE).T @ hidden + out_bias


step = jax.jit(lambda cell, *arguments: cell.step(*arguments), static_argnums=0)


class Adam:
    """Adam as Keras computes it, on NumPy arrays."""

    def __init__(self, rate):
        self.rate, self.count, self.mean, self.square = rate, 0, 0.0, 0.0

    def step(self, weights, gradient):
        self.count += 1
        self.mean = 0.9 * self.mean + 0.1 * gradient
        self.square = 0.999 * self.square + 0.001 * gradient**2
        alpha = self.rate * np.sqrt(1 - 0.999**self.count) / (1 - 0.9**self.count)
        return weights - alpha * self.mean / (np.sqrt(self.square) + 1e-7)


@jax.jit
def cross_entropy(logits, target):
    """As Keras: on probabilities, clipped."""
    p = jnp.clip(1 / (1 + jnp.exp(-logits)), 1e-7, 1 - 1e-7)
    right = jnp.eye(SIZE)[target]
    return -jnp.mean(right * jnp.log(p) + (1 - right) * jnp.log(1 - p))


def after_history(cell, change, used, start, symbols):
    """State and logits after a history of weights and inputs, all weights changed alike."""
    state, logits = start, None
    for weights, symbol in zip(used, symbols, strict=True):
        state, logits = step(cell, weights + change, state, symbol)
    return state, logits


def learn_online(cell, adam, weights, states, lesson, horizon):
    """Update after every step, each credited through the last `horizon` steps; a lesson is (x, t, m) [batch, time]."""
    inputs, targets, mask = lesson
    rows, used, before, losses = range(len(inputs)), [], [states], []
    for time in range(inputs.shape[1]):
        used.append(weights)
        first = max(0, time + 1 - horizon)
        now = [row for row in rows if mask[row, time]]

        def cost(change, time=time, first=first, now=now):
            loss = 0.0
            for row in now:
                past = (used[first:], before[first][row], inputs[row, first : time + 1])
                loss += cross_entropy(after_history(cell, change, *past)[1], targets[row, time]) / len(now)
            return loss

        nothing = np.zeros_like(weights)
        states = [np.asarray(after_history(cell, 0.0, [weights], states[row], [inputs[row, time]])[0]) for row in rows]
        before.append(states)
        if now:
            loss, gradient = jax.value_and_grad(cost)(nothing)
            losses += [float(loss)] * len(now)
            weights = adam.step(weights, np.asarray(gradient))
    return weights, states, float(np.mean(losses)) if losses else 0.0


def learn_bptt(cell, adam, weights, states, lesson):
    """Read everything at one set of weights, then update once."""
    inputs, targets, mask = lesson

    def cost(weights):
        loss, after = 0.0, []
        for row in range(len(inputs)):
            state = states[row]
            for time in range(inputs.shape[1]):
                state, logits = step(cell, weights, state, inputs[row, time])
                if mask[row, time]:
                    loss += cross_entropy(logits, targets[row, time]) / mask.sum()
            after.append(state)
        return jnp.asarray(loss), after

    (loss, after), gradient = jax.value_and_grad(cost, has_aux=True)(weights)
    if mask.any():
        weights = adam.step(weights, np.asarray(gradient))
    return weights, [np.asarray(state) for state in after], float(loss)


def learn(rule, cell, adam, weights, states, lesson):
    """One lesson under a rule's name."""
    if rule == "BPTT":
        return learn_bptt(cell, adam, weights, states, lesson)
    horizon = {"Online": 1, "RTRL": lesson[0].shape[1]}[rule]
    return learn_online(cell, adam, weights, states, lesson, horizon)


def train(rule, cell, rate, weights, inputs, targets, *, reset, side_by_side, epochs):
    """A whole run by hand, all steps scored; returns weights, and loss and accuracy after each epoch."""
    inputs, targets = np.asarray(inputs), np.asarray(targets)
    rows = [list(range(len(inputs)))] if side_by_side else [[row] for row in range(len(inputs))]
    adam, fresh = Adam(rate), [cell.start()] * len(rows[0])
    states, losses, accuracies = fresh, [], []
    for _ in range(epochs):
        states = fresh if reset == "epoch" else states
        met = []
        for some in rows:
            states = fresh if reset == "sequence" else states
            lesson = (inputs[some], targets[some], np.ones((len(some), inputs.shape[1]), bool))
            weights, states, loss = learn(rule, cell, adam, weights, states, lesson)
            met.append(loss)
        losses.append(np.mean(met))
        accuracies.append(accuracy(cell, weights, states, inputs, targets, reset, side_by_side))
    return weights, losses, accuracies


def accuracy(cell, weights, states, inputs, targets, reset, side_by_side):
    """Share of steps answered right with frozen weights, the state treated as in training."""
    state, right = cell.start() if reset == "epoch" else states[0], []
    for row in range(len(inputs)):
        if reset == "sequence":
            state = cell.start()
        elif side_by_side:
            state = states[row]
        for symbol, target in zip(inputs[row], targets[row], strict=True):
            state, logits = step(cell, weights, state, symbol)
            right.append(int(np.argmax(logits)) == target)
    return np.mean(right)
