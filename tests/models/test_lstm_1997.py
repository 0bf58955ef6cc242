"""The LSTM of 1997 against its equations in NumPy, finite differences, published weight counts and its carousel."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.models.gated import FEATURES, arbitrary, check_empty, check_forms, check_gradients
from tests.quick import quick

from memspan.core.errors import InvalidInput
from memspan.core.model import Model
from memspan.models import Dense, size
from memspan.models.lstm_1997 import LSTM1997
from memspan.models.network_1997 import network_1997
from memspan.models.skip import Skip

BARE = LSTM1997(blocks=1, g="sigmoid", h="identity", output_gate=False, connected="inputs", biased="none")
KINDS = {
    "blocks of two, all biased": LSTM1997(blocks=3, size=2, biased="hidden"),
    "blocks of one, gates biased": LSTM1997(blocks=2, size=1),
    "without biases": LSTM1997(blocks=2, size=3, biased="none"),
    "nothing fed back, no output gate": BARE,
}
SOME = ("blocks of two, all biased", "nothing fed back, no output gate")


@pytest.mark.parametrize("kind", quick(KINDS, SOME))
def test_both_forms_are_one_function(kind):
    check_forms(KINDS[kind])
    check_empty(KINDS[kind])
    check_forms(Skip(KINDS[kind], FEATURES))


@pytest.mark.parametrize("kind", quick(KINDS, SOME))
def test_finite_differences_confirm_the_gradients(kind):
    check_gradients(KINDS[kind])


def by_the_equations(model, params, state, inputs):
    """Appendix A.1, unit by unit: f, h and g are equations 3 to 5, the rest is its forward pass."""

    def f(x):
        return 1 / (1 + np.exp(-x))

    squash = {
        "sigmoid(-1..1)": lambda x: 2 / (1 + np.exp(-x)) - 1,
        "sigmoid(-2..2)": lambda x: 4 / (1 + np.exp(-x)) - 2,
    }
    g, h = ({"sigmoid": f, "identity": lambda x: x, **squash}[name] for name in (model.g, model.h))
    weights = np.concatenate([params.kernel, params.recurrent]).astype("f8")
    n_cells = model.blocks * model.size
    bias = {unit: value for unit, value in zip(reversed(range(weights.shape[1])), reversed(params.bias), strict=False)}
    s, fed_back, outputs = np.array(state.cell, "f8"), np.array(state.hidden, "f8"), []
    for x in inputs:
        y = np.concatenate([x, fed_back])  # inputs of now, hidden units of one step ago
        net = [sum(weights[m, u] * y[m] for m in range(len(y))) + bias.get(u, 0.0) for u in range(weights.shape[1])]
        y_c = np.zeros(n_cells)
        for j in range(model.blocks):
            y_in = f(net[n_cells + j])
            y_out = f(net[n_cells + model.blocks + j]) if model.output_gate else 1.0
            for v in range(j * model.size, (j + 1) * model.size):
                s[v] = s[v] + y_in * g(net[v])
                y_c[v] = y_out * h(s[v])
        fed_back = np.concatenate([y_c, f(np.array(net[n_cells:]))]) if len(fed_back) else fed_back
        outputs.append(y_c)
    return np.array(outputs), s, fed_back


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", [0, 1])
def test_equals_the_equations(kind, seed):
    model = KINDS[kind]
    params, state, inputs = arbitrary(model, seed)
    end, outputs = jax.jit(model.sequence)(params, state, inputs)
    for mine, theirs in zip((outputs, *end), by_the_equations(model, params, state, inputs), strict=True):
        assert mine.shape == theirs.shape
        np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-5)


# Table 10 and section 5.2: experiment, p, size of the input, published number of weights.
PUBLISHED = [
    ("1-1", 0, 7, 264),
    ("1-2", 0, 7, 276),
    ("1-3", 0, 7, 276),
    ("1-4", 0, 7, 264),
    ("1-5", 0, 7, 276),
    ("2a", 100, 101, 10504),
    ("2b", 100, 101, 10504),
    ("2c", 50, 54, 364),
    ("2c", 100, 104, 664),
    ("2c", 200, 204, 1264),
    ("2c", 500, 504, 3064),
    ("2c", 1000, 1004, 6064),
    ("3a", 0, 1, 102),
    ("3b", 0, 1, 102),
    ("3c", 0, 1, 102),
    ("4", 0, 2, 93),
    ("5", 0, 2, 93),
    ("6a", 0, 8, 156),
    ("6b", 0, 8, 308),
]
OUTPUTS = {"1": 7, "2c": 2, "3": 1, "4": 1, "5": 1, "6a": 4, "6b": 8}


@pytest.mark.parametrize(("experiment", "p", "n_inputs", "weights"), PUBLISHED)
def test_networks_have_the_published_number_of_weights(experiment, p, n_inputs, weights):
    network = network_1997(experiment, p or 100)
    assert size(network, n_inputs).parameters == weights
    outputs = [number for start, number in OUTPUTS.items() if experiment.startswith(start)]
    assert [network.n_outputs] == (outputs or [n_inputs])
    assert isinstance(network.layers[0], Model)
    assert network.initialisers.keys() >= {"0.kernel", "0.recurrent", "0.bias", "1.kernel"}


@settings(max_examples=20)
@given(blocks=st.integers(1, 4), cells=st.integers(1, 3), n_inputs=st.integers(1, 9), biased=st.sampled_from([0, 1, 2]))
def test_the_number_of_weights_is_its_formula(blocks, cells, n_inputs, biased):
    hidden = blocks * cells + 2 * blocks
    model = LSTM1997(blocks, cells, biased=("none", "gates", "hidden")[biased])
    assert size(model, n_inputs)[:2] == (
        hidden * (n_inputs + hidden) + (0, 2 * blocks, hidden)[biased],
        blocks * cells + hidden,
    )


@pytest.mark.parametrize(
    ("experiment", "gates", "limit", "n_inputs"),
    [
        ("1-1", [None] * 4 + [-1, -2, -3, -4], 0.2, 7),
        ("3a", [-1, -3, -5, -2, -4, -6], 0.1, 1),
        ("4", [-3, -6, None, None], 0.1, 2),
        ("5", [None] * 4, 0.1, 2),
        ("6b", [-2, -4, -6, None, None, None], 0.1, 8),
    ],
)
def test_initial_weights_are_those_of_table_10_and_11(experiment, gates, limit, n_inputs):
    draws = [network_1997(experiment).init(np.random.default_rng(seed), n_inputs) for seed in range(40)]
    bias = np.stack([hidden.bias for hidden, _ in draws])[:, -len(gates) :]
    for column, value in zip(bias.T, gates, strict=True):
        if value is None:
            assert np.abs(column).max() <= np.float32(limit)
            assert column.std() > limit / 3
        else:
            assert set(column.tolist()) == {value}
    weights = np.concatenate([np.ravel(part) for hidden, out in draws for part in (*hidden[:2], out.kernel)])
    assert 0.99 * limit < np.abs(weights).max() <= np.float32(limit)
    assert weights.var() == pytest.approx(limit**2 / 3, rel=0.05)


def test_the_read_out_has_a_bias_where_the_paper_says_so():
    for experiment, n_inputs in (("1-1", 7), ("2a", 101), ("2c", 104), ("3a", 1)):
        assert network_1997(experiment).init(np.random.default_rng(0), n_inputs)[1].bias is None
    assert network_1997("6a").init(np.random.default_rng(0), 8)[1].bias.shape == (4,)


@jax.jit
@jax.jacfwd
def slopes(cell, params, state, x):
    return KINDS["blocks of two, all biased"].step(params, state._replace(cell=cell), x)[0].cell


@settings(max_examples=10)
@given(seed=st.integers(0, 1000))
def test_the_carousel_keeps_errors_as_they_are(seed):
    """With what is fed back held fixed, an internal state depends on the one before with slope one, and no other."""
    params, state, inputs = arbitrary(KINDS["blocks of two, all biased"], seed)
    np.testing.assert_array_equal(slopes(state.cell, params, state, inputs[0]), np.eye(6))


def test_a_closed_input_gate_keeps_the_state():
    model = LSTM1997(blocks=2, size=2, input_bias=(-200.0, -200.0))
    params = model.init(np.random.default_rng(0), FEATURES)
    _, state, inputs = arbitrary(model)
    end, _ = model.sequence(params, state, jnp.asarray(inputs))
    np.testing.assert_array_equal(end.cell, state.cell)


def test_all_start_from_nothing():
    state = LSTM1997(blocks=3, size=2).initial_state(7)
    assert [part.shape for part in state] == [(6,), (12,)]
    assert not np.concatenate(state).any()
    assert [part.shape for part in BARE.initial_state(7)] == [(1,), (0,)]


def test_a_way_around_shows_the_input_and_changes_nothing_else():
    inner = KINDS["blocks of one, gates biased"]
    model = Skip(inner, FEATURES)
    params, state, inputs = arbitrary(inner)
    (end, outputs), (inner_end, inner_outputs) = (
        m.sequence(params, state, jnp.asarray(inputs)) for m in (model, inner)
    )
    np.testing.assert_array_equal(outputs, np.concatenate([inner_outputs, inputs], axis=1))
    np.testing.assert_array_equal(end.cell, inner_end.cell)
    assert model.n_outputs == 7
    assert not model.reads_symbols
    with pytest.raises(
        InvalidInput, match="n_inputs of Skip must be the size of the input, 4, but got 5; use n_inputs=4"
    ):
        model.init(np.random.default_rng(0), 4)


def test_a_dense_layer_without_bias_and_with_a_limit():
    layer = Dense(300, bias=False, limit=0.2)
    params = layer.init(np.random.default_rng(0), 9)
    x = np.random.default_rng(1).normal(size=(2, 9)).astype(np.float32)
    np.testing.assert_allclose(layer.step(params, (), jnp.asarray(x[0]))[1], x[0] @ params.kernel, atol=1e-6)
    np.testing.assert_allclose(layer.sequence(params, (), jnp.asarray(x))[1], x @ params.kernel, atol=1e-6)
    assert params.kernel.var() == pytest.approx(0.04 / 3, rel=0.05)
    assert layer.initialisers == {"kernel": "uniform(-0.2..0.2)"}
    biased = Dense(300, limit=0.1)
    assert biased.init(np.random.default_rng(0), 9).bias.var() == pytest.approx(0.01 / 3, rel=0.2)
    assert set(biased.initialisers) == {"kernel", "bias"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"blocks": 0}, "blocks must be a whole number of at least 1"),
        ({"size": 0}, "size must be a whole number of at least 1"),
        ({"g": "tanh"}, "g must be one of sigmoid, "),
        ({"h": "relu"}, "h must be one of sigmoid, "),
        ({"connected": "F"}, "connected must be one of full, inputs"),
        ({"biased": "all"}, "biased must be one of none, gates, hidden"),
        ({"input_bias": (1.0,)}, "input_bias must have one number for each of 2 blocks, but got 1"),
        ({"output_bias": (1.0,) * 3}, "output_bias must have one number for each of 2 blocks, but got 3"),
        ({"biased": "none", "input_bias": (1.0, 1.0)}, "input_bias must be None where biased is 'none'"),
        ({"output_gate": False, "output_bias": (1.0, 1.0)}, "output_bias must be None where output_gate is False"),
    ],
)
def test_wrong_settings_are_one_sentence(wrong, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        LSTM1997(**wrong)


def test_unknown_experiments_are_one_sentence():
    with pytest.raises(InvalidInput, match=r"experiment must be one of 1-1, .* but got '7'"):
        network_1997("7")
