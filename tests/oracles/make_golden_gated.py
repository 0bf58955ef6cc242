"""Regenerate golden_gated.npz, with TensorFlow, Keras and PyTorch: `python -m tests.oracles.make_golden_gated`.

Every case holds weights as the framework lays them out, what was read, and what came of it: the outputs, and the
gradients of sum(outputs * weighting) by weights, first state and inputs, named d_ and what they belong to.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

GOLDEN = Path(__file__).with_name("golden_gated.npz")
TIME, FEATURES, UNITS = 9, 5, 4
LEVELS = np.linspace(0, 1, 21)

Facts = dict[str, np.ndarray]


def _drawn(seed: int, shapes: dict[str, tuple[int, ...]], states: tuple[str, ...]) -> Facts:
    """Draw weights that move gates over most of their range; no bias is zero, so that none can hide."""
    rng = np.random.default_rng(seed)
    facts = {name: rng.normal(0, 0.6, shape) for name, shape in shapes.items()}
    facts |= {f"start_{name}": rng.normal(0, 0.6, UNITS) for name in states}
    facts |= {"inputs": rng.normal(0, 1, (TIME, FEATURES)), "weighting": rng.normal(0, 1, (TIME, UNITS))}
    return {name: value.astype(np.float32) for name, value in facts.items()}


def _keras(facts: Facts, weights: tuple[str, ...], layer: Callable[[Any], Any]) -> Facts:
    """Read with a layer of Keras that has one state."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras
    import tensorflow as tf

    built = layer(keras.layers)
    built.build((1, TIME, FEATURES))
    built.set_weights([facts[name] for name in weights])
    start, inputs = tf.constant(facts["start_hidden"][None]), tf.constant(facts["inputs"][None])
    with tf.GradientTape() as tape:
        tape.watch([start, inputs])
        outputs = built(inputs, initial_state=[start])[0]
        loss = tf.reduce_sum(outputs * facts["weighting"])
    found = tape.gradient(loss, [*built.trainable_variables, start, inputs])
    names = [*weights, "start_hidden", "inputs"]
    shaped = {f"d_{name}": np.reshape(value, facts[name].shape) for name, value in zip(names, found, strict=True)}
    return {**facts, "outputs": outputs.numpy(), **shaped}


def _torch(facts: Facts, states: tuple[str, ...], layer: Callable[[Any], Any]) -> Facts:
    """Read with a layer of PyTorch; weights keep its own names and layout."""
    import torch

    built = layer(torch.nn)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    parameters = [getattr(built, f"{name}_l0") for name in names]
    with torch.no_grad():
        for name, parameter in zip(names, parameters, strict=True):
            parameter.copy_(torch.tensor(facts[name]))
    start = [torch.tensor(facts[f"start_{name}"][None], requires_grad=True) for name in states]
    inputs = torch.tensor(facts["inputs"], requires_grad=True)
    outputs, _ = built(inputs, start[0] if len(start) == 1 else tuple(start))
    (outputs * torch.tensor(facts["weighting"])).sum().backward()
    tensors = [*parameters, *start, inputs]
    all_names = [*names, *(f"start_{name}" for name in states), "inputs"]
    shaped = {
        f"d_{name}": t.grad.numpy().reshape(facts[name].shape) for name, t in zip(all_names, tensors, strict=True)
    }
    return {**facts, "outputs": outputs.detach().numpy(), **shaped}


def _peephole() -> Facts:
    """Read with TensorFlow's BlockLSTM, whose columns are input gate, candidate, forget gate, output gate."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    wide = 4 * UNITS
    shapes: dict[str, tuple[int, ...]] = {"w": (FEATURES + UNITS, wide), "b": (wide,)}
    shapes |= {name: (UNITS,) for name in ("wci", "wcf", "wco")}
    facts = _drawn(5, shapes, ("hidden", "cell"))
    variables = {name: tf.Variable(value) for name, value in facts.items() if name != "weighting"}
    with tf.GradientTape() as tape:
        read = tf.raw_ops.BlockLSTM(
            seq_len_max=tf.constant(TIME, tf.int64),
            x=variables["inputs"][:, None],
            cs_prev=variables["start_cell"][None],
            h_prev=variables["start_hidden"][None],
            **{name: variables[name] for name in shapes},
            forget_bias=0.0,
            cell_clip=-1.0,
            use_peephole=True,
        )
        loss = tf.reduce_sum(read.h[:, 0] * facts["weighting"])
    found = tape.gradient(loss, variables)
    return {**facts, "outputs": read.h[:, 0].numpy(), **{f"d_{name}": value.numpy() for name, value in found.items()}}


def _initial() -> Facts:
    """Default initial weights, pooled over draws: quantiles, and what tells an orthogonal matrix."""
    import keras
    import torch

    keras.utils.set_random_seed(0)
    torch.manual_seed(0)
    grus, lstms = [], []
    for _ in range(50):
        layer = keras.layers.GRU(20)
        layer.build((1, 1, FEATURES))
        grus.append(layer.get_weights())
        lstms.append([parameter.detach().numpy() for parameter in torch.nn.LSTM(FEATURES, 20).parameters()])
    kernel, recurrent, bias = (np.stack(parts) for parts in zip(*grus, strict=True))
    ih, hh, bias_ih, bias_hh = (np.stack(parts) for parts in zip(*lstms, strict=True))
    pooled = {"gru/kernel": kernel, "gru/recurrent": recurrent}
    pooled |= {"lstm_torch/kernel": ih, "lstm_torch/recurrent": hh, "lstm_torch/bias": bias_ih + bias_hh}
    facts = {f"initial/{name}": np.quantile(values, LEVELS).astype(np.float32) for name, values in pooled.items()}
    gram = recurrent @ recurrent.transpose(0, 2, 1)
    return {**facts, "initial/gru/not_orthogonal": np.abs(gram - np.eye(20)).max(), "initial/gru/bias": bias[0]}


def generate() -> Facts:
    """Return all golden values, named case/fact."""
    one, two = ("hidden",), ("hidden", "cell")
    weights = ("kernel", "recurrent", "bias")

    def keras_shapes(blocks: int, *biases: int) -> dict[str, tuple[int, ...]]:
        wide = blocks * UNITS
        return {"kernel": (FEATURES, wide), "recurrent": (UNITS, wide), "bias": (*biases, wide)}

    def torch_shapes(blocks: int) -> dict[str, tuple[int, ...]]:
        wide = blocks * UNITS
        biases: dict[str, tuple[int, ...]] = {"bias_ih": (wide,), "bias_hh": (wide,)}
        return {"weight_ih": (wide, FEATURES), "weight_hh": (wide, UNITS), **biases}

    cases: dict[str, Facts] = {}
    for name in ("tanh", "relu"):
        facts = _drawn(0, keras_shapes(1), one)
        settings = {"activation": name, "return_sequences": True}
        cases[f"elman_{name}_keras"] = _keras(facts, weights, lambda of, s=settings: of.SimpleRNN(UNITS, **s))
        facts = _drawn(1, torch_shapes(1), one)
        cases[f"elman_{name}_torch"] = _torch(
            facts, one, lambda of, name=name: of.RNN(FEATURES, UNITS, nonlinearity=name)
        )
    for name, biases in (("after", (2,)), ("before", ())):
        facts = _drawn(2, keras_shapes(3, *biases), one)
        settings = {"reset_after": name == "after", "return_sequences": True}
        cases[f"gru_{name}_keras"] = _keras(facts, weights, lambda of, s=settings: of.GRU(UNITS, **s))
    cases["gru_after_torch"] = _torch(_drawn(3, torch_shapes(3), one), one, lambda of: of.GRU(FEATURES, UNITS))
    cases["lstm_torch"] = _torch(_drawn(4, torch_shapes(4), two), two, lambda of: of.LSTM(FEATURES, UNITS))
    cases["peephole_tensorflow"] = _peephole()
    return {f"{case}/{fact}": value for case, facts in cases.items() for fact, value in facts.items()} | _initial()


if __name__ == "__main__":
    np.savez_compressed(GOLDEN, **generate())
