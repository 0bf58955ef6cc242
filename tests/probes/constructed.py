"""Models whose memory is known because it was built: what the probes find in them must be that."""

from __future__ import annotations

from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from memspan.engine.network import Network
from memspan.engine.trained import Trained
from memspan.models import LRU, LSTM, AbstractModel, Elman
from memspan.problems import Conflict

LOUD = 30.0  # a gate's argument at which it is shut or open to the last bit


def sign(x):
    """+1 for the first cue, -1 for the second, 0 for a symbol of the middle; cues are the last two symbols."""
    return x[-2] - x[-1]


@dataclass(frozen=True)
class DelayLine(AbstractModel):
    """A shift register that can still show what it read `steps` steps ago."""

    steps: int

    @property
    def n_outputs(self):
        return self.steps + 1

    def init(self, rng, n_inputs):
        return np.zeros(1, np.float32)

    def initial_state(self, n_inputs):
        return np.zeros(self.steps + 1, np.float32)

    def step(self, params, state, x):
        state = jnp.concatenate([sign(x)[None], state[:-1]])
        return state, state


@dataclass(frozen=True)
class Leaky(AbstractModel):
    """s(t) = exp(-1 / tau) s(t-1) + the cue."""

    tau: float
    n_outputs = 1

    def init(self, rng, n_inputs):
        return np.full(1, np.exp(-1 / self.tau), np.float32)

    def initial_state(self, n_inputs):
        return np.zeros(1, np.float32)

    def step(self, params, state, x):
        state = params * state + sign(x)
        return state, state


@dataclass(frozen=True)
class Memoryless(AbstractModel):
    """Has a state, and keeps nothing in it."""

    n_outputs = 1

    def init(self, rng, n_inputs):
        return np.zeros(1, np.float32)

    def initial_state(self, n_inputs):
        return np.zeros(2, np.float32)

    def step(self, params, state, x):
        return 0 * state, sign(x)[None]


def problem_of(lag=1, middle="repeating", cues=2):
    return Conflict(lag=lag, middle=middle, n_sequences=cues, scored="end")


def built(model, problem, kernel, params=None):
    """A trained network from weights by hand; the read-out has no bias."""
    network = Network.of(problem, model)
    drawn = network.stack.init(np.random.default_rng(0), problem.n_inputs)
    read_out = drawn[-1]._replace(kernel=np.asarray(kernel, np.float32), bias=np.zeros(problem.n_outputs, np.float32))
    own = drawn[0] if params is None else params
    return Trained(problem, network, network.layout.ravel((own, read_out)))


def two_way(units, outputs):
    """A read-out that adds the units up: positive speaks for the first cue, negative for the second."""
    kernel = np.zeros((units, outputs))
    kernel[:, -2], kernel[:, -1] = 5.0, -5.0
    return kernel


def delay_line(steps, problem=None):
    problem = problem or problem_of()
    return built(DelayLine(steps), problem, two_way(steps + 1, problem.n_outputs))


def leaky(tau, problem=None):
    problem = problem or problem_of()
    return built(Leaky(tau), problem, two_way(1, problem.n_outputs))


def memoryless(problem=None):
    problem = problem or problem_of()
    return built(Memoryless(), problem, two_way(1, problem.n_outputs))


def latch(problem=None, codes=((0.0, 1.0, 0.0), (0.0, -1.0, 0.0))):
    """An LSTM whose gates are shut but at the cue; each cue writes its code into the cells, and the rest is quiet."""
    problem, codes = problem or problem_of(), np.asarray(codes)
    cues, units = codes.shape
    drawn = LSTM(units=units).init(np.random.default_rng(0), problem.n_inputs)
    kernel, recurrent, bias = (np.zeros_like(part) for part in drawn)
    write, keep, candidate, show = (slice(b * units, (b + 1) * units) for b in range(4))
    bias[write], bias[keep], bias[show] = -LOUD, LOUD, LOUD
    kernel[-cues:, write], kernel[-cues:, keep], kernel[-cues:, candidate] = 2 * LOUD, -2 * LOUD, 2 * codes
    read_out = np.zeros((units, problem.n_outputs))
    read_out[:, -cues:] = 10 * codes.T
    return built(LSTM(units=units), problem, read_out, drawn._replace(kernel=kernel, recurrent=recurrent, bias=bias))


def flip_flop(weight=2.0, problem=None):
    """One tanh unit with a strong loop: two stable states, and what pushes it a little is forgotten."""
    problem = problem or problem_of()
    drawn = Elman(units=1).init(np.random.default_rng(0), problem.n_inputs)
    kernel = np.zeros_like(drawn.kernel)
    kernel[-2], kernel[-1] = 9.0, -9.0
    params = drawn._replace(kernel=kernel, recurrent=np.full((1, 1), weight, np.float32), bias=np.zeros(1, np.float32))
    return built(Elman(units=1), problem, two_way(1, problem.n_outputs), params)


def linear_unit(moduli, problem=None):
    """An LRU whose eigenvalues have these moduli."""
    problem = problem or problem_of()
    model = LRU(units=2, states=len(moduli))
    drawn = model.init(np.random.default_rng(0), problem.n_inputs)
    params = drawn._replace(nu_log=np.log(-np.log(np.asarray(moduli))).astype(np.float32))
    return built(model, problem, np.ones((2, problem.n_outputs)), params)


@dataclass(frozen=True)
class Clocked(AbstractModel):
    """Keeps the cue and the time, and shows their product: without the right time, the wrong size."""

    n_outputs = 1

    def init(self, rng, n_inputs):
        return np.zeros(1, np.float32)

    def initial_state(self, n_inputs):
        return np.zeros(2, np.float32)

    def step(self, params, state, x):
        state = state + jnp.stack([sign(x), 1.0])
        return state, state[:1] * state[1]


def clocked(problem):
    return built(Clocked(), problem, two_way(1, problem.n_outputs))
