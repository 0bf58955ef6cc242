"""The rule of 1997 against appendix A.1 in NumPy, and against backpropagation through its cut graph."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from tests.quick import quick
from tests.rules.frozen import arbitrary, case, closeness

from memspan.core.errors import InvalidInput
from memspan.core.rule import Memory
from memspan.engine.network import Network
from memspan.models import LSTM, MLP, Stack
from memspan.models.lstm_1997 import LSTM1997
from memspan.problems import Conflict
from memspan.rules import RTRL, Online, Truncated1997
from memspan.rules.influence import _form
from memspan.rules.sparsity import kept


def f(x):
    return 1 / (1 + np.exp(-x))


def appendix_a1(params, inputs, targets, blocks, size, rate):
    """The learning algorithm of appendix A.1, an update after every step, for blocks without biases on the cells.

    Squared error E = 1/2 sum_k (t_k - y_k)^2; partials ds/dw are those of equations "for truncated" of A.1.
    """
    (kernel, recurrent, bias), (out, out_bias) = [[np.array(part) for part in layer] for layer in params]
    cells, n = blocks * size, len(kernel)
    block = np.repeat(np.arange(blocks), size)
    w = np.concatenate([kernel, recurrent, bias[None]])
    s, fed_back = np.zeros(cells), np.zeros(cells + 2 * blocks)
    ds_in, ds_c = np.zeros((cells, len(w))), np.zeros((cells, len(w)))
    for symbol, target in zip(inputs, targets, strict=True):
        y_m = np.concatenate([np.eye(n)[symbol], fed_back, [1.0]])
        net_c, net_in, net_out = np.split(y_m @ w, [cells, cells + blocks])
        y_in, y_out = f(net_in), f(net_out)
        g, g_slope = 4 * f(net_c) - 2, 4 * f(net_c) * (1 - f(net_c))
        s = s + y_in[block] * g
        h, h_slope = 2 * f(s) - 1, 2 * f(s) * (1 - f(s))
        y_c = y_out[block] * h
        y_k = f(y_c @ out + out_bias)
        ds_in += (g * (y_in * (1 - y_in))[block])[:, None] * y_m
        ds_c += (g_slope * y_in[block])[:, None] * y_m
        e_k = y_k * (1 - y_k) * (np.eye(len(y_k))[target] - y_k)
        back = out @ e_k
        e_out = y_out * (1 - y_out) * np.array([np.sum((h * back)[block == j]) for j in range(blocks)])
        e_s = y_out[block] * h_slope * back
        dw_in = np.stack([np.sum((e_s[:, None] * ds_in)[block == j], axis=0) for j in range(blocks)], axis=1)
        out, out_bias = out + rate * np.outer(y_c, e_k), out_bias + rate * e_k
        w = w + rate * np.concatenate([(e_s[:, None] * ds_c).T, dw_in, np.outer(y_m, e_out)], axis=1)
        fed_back = np.concatenate([y_c, y_in, y_out])
    return w, out, out_bias


def test_lessons_equal_appendix_a1():
    model, rate = LSTM1997(blocks=2, size=3, biased="hidden", limit=0.8), 0.7
    lesson, descent = arbitrary(2, steps=9, batch=1), optax.sgd(0.7)
    with jax.enable_x64(True):
        network = Network.of(Conflict(), model)
        params = jnp.asarray(network.draw(4), jnp.float64)

        def loss(outputs, targets, mask):
            return 0.5 * jnp.sum((jax.nn.one_hot(targets, 5, dtype=outputs.dtype) - jax.nn.sigmoid(outputs)) ** 2)

        def update(memory, gradient, scored):
            change, state = descent.update(gradient, memory.optimizer)
            return memory._replace(params=memory.params + change, optimizer=state)

        _, memory = case(model, lesson, jnp.float64)
        learner = network.learner(optax_free(), True)._replace(loss=loss, update=update)
        memory = Memory(params, descent.init(params), memory.state)
        after = jax.jit(lambda memory: Truncated1997().learn(learner, memory, lesson)[0])(memory)
        before, (got, got_out) = network.layout.unravel(params), network.layout.unravel(after.params)
        expected = appendix_a1(before, lesson.inputs[:, 0], lesson.targets[:, 0], blocks=2, size=3, rate=rate)
    np.testing.assert_allclose(jnp.concatenate([got.kernel, got.recurrent, got.bias[None]]), expected[0], atol=1e-12)
    np.testing.assert_allclose(got_out.kernel, expected[1], atol=1e-12)
    np.testing.assert_allclose(got_out.bias, expected[2], atol=1e-12)
    assert np.abs(after.params - params).max() > 0.1


def optax_free():
    """An optimizer that the test above replaces."""

    class Nothing:
        def build(self):
            return optax.sgd(1.0)

    return Nothing()


def through_the_cut_graph(learner, memory, lesson):
    """Plain backpropagation through all steps; hidden parts of the state enter a step as constants."""

    def cut(state):
        if hasattr(state, "_fields"):
            rest = {name: jax.lax.stop_gradient(part) for name, part in state._asdict().items() if name != "cell"}
            return state._replace(**rest)
        return tuple(cut(part) for part in state)

    def cost(params):
        total, states = 0.0, memory.state
        for time in range(len(lesson.mask)):
            now = jax.tree.map(lambda rows, time=time: rows[time], lesson)
            states, outputs = jax.vmap(learner.step, in_axes=(None, 0, 0))(params, cut(states), now.inputs)
            total += learner.loss(outputs, now.targets, now.mask)
        return total

    return jax.grad(cost)(memory.params)


MODELS = [LSTM(3), LSTM1997(blocks=2, size=2), LSTM1997(blocks=2, connected="inputs"), Stack((LSTM(2), LSTM(2)))]


NAMES = ["lstm", "1997", "1997, nothing fed back", "stack"]


@pytest.mark.parametrize("model", quick(MODELS, now=MODELS[1::2]), ids=NAMES)
def test_it_is_the_gradient_of_the_cut_graph(model):
    lesson = arbitrary(3, steps=5, batch=2)
    with jax.enable_x64(True):
        learner, memory = case(model, lesson, jnp.float64)

        @jax.jit
        def all_of_them(memory):
            rules = [Truncated1997(), RTRL(), Online()]
            learned = [rule.learn(learner, memory, lesson)[0].optimizer for rule in rules]
            return through_the_cut_graph(learner, memory, lesson), *learned

        expected, got, exact, online = (np.asarray(gradient) for gradient in all_of_them(memory))
    assert closeness(got, expected) < 1e-10
    assert closeness(got, online) > 1e-2
    if model is not MODELS[2]:  # there the cells are all there is, and nothing is cut
        assert closeness(got, exact) > 1e-3
    else:
        assert closeness(got, exact) < 1e-10


def carried(model):
    lesson = arbitrary(0, 3, 1)
    learner, memory = case(model, lesson, jnp.float32)

    def step(params, state, x):
        cut = jax.tree.map_with_path(
            lambda p, leaf: leaf if p[-1].name == "cell" else jax.lax.stop_gradient(leaf), state
        )
        return learner.step(params, cut, x)

    return _form(step, kept(learner._replace(step=step), memory, lesson, None)).shape


def test_one_number_is_carried_for_each_weight_and_cell_that_it_feeds():
    """Blocks of three cells share gates, so a gate's weight feeds three; weights of output gates feed none.

    Those of an LSTM's output gates lie between others, the last eight biases excepted.
    """
    assert carried(LSTM(8)) == (1, (5 + 8 + 1) * 32 - 8)
    blocks = LSTM1997(blocks=4, size=3, biased="none")
    assert carried(blocks)[0] == 3


@pytest.mark.parametrize(("model", "has"), [(MLP(3, window=2), "no named parts"), (MLP(3), "no named parts")])
def test_a_model_without_cells_is_refused(model, has):
    lesson = arbitrary(0, 3, 1)
    learner, memory = case(model, lesson, jnp.float32)
    with pytest.raises(InvalidInput, match=f"state has a part named cell, but got one with {has}; use an LSTM"):
        Truncated1997().learn(learner, memory, lesson)
