"""The network in Keras 3 on TensorFlow, with `stateful=True` as in the tutorial."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from tests.oracles.cases import LOGITS, N_STEPS, N_SYMBOLS, PARTS, SEQUENCES, UPDATES_AT, Case, flat, pairs, steps

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _hard_sigmoid(x: Any) -> Any:
    """Keras 2.0's; Keras 3 gives this name to relu6(x + 3) / 6."""
    from keras import ops

    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def build(case: Case, n_steps: int, stateful: bool) -> Any:
    import keras

    gate = _hard_sigmoid if case.gate == "hard_sigmoid" else "sigmoid"
    lstm = keras.layers.LSTM(case.units, recurrent_activation=gate, stateful=stateful, return_sequences=n_steps > 1)
    dense = keras.layers.Dense(N_SYMBOLS, activation="sigmoid")
    model = keras.Sequential([keras.Input(batch_shape=(1, n_steps, N_SYMBOLS)), lstm, dense])
    model.set_weights(case.weights)
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def facts(case: Case) -> dict[str, np.ndarray]:
    """Return outputs, losses, gradients and updates."""
    return {**_frozen(case), **_online(case), **_whole(case)}


def _gradient(model: Any, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    import keras
    import tensorflow as tf

    with tf.GradientTape() as tape:
        output = model(x, training=True)
        loss = keras.losses.BinaryCrossentropy()(y, output)
    gradient = tape.gradient(loss, model.trainable_variables)
    return np.asarray(output)[0], float(loss), flat([np.asarray(part) for part in gradient])


def _frozen(case: Case) -> dict[str, np.ndarray]:
    """The weights stay; the state is carried within a sequence."""
    model, rows = build(case, 1, stateful=True), []
    for _, t, x, y in steps():
        if t == 0:
            model.layers[0].reset_state()
        rows.append(_gradient(model, x[None, None], y[None]))
    outputs, losses, gradients = (np.array(column) for column in zip(*rows, strict=True))
    shape = (len(SEQUENCES), N_STEPS)
    return {
        "outputs": outputs.reshape(*shape, N_SYMBOLS),
        "losses": losses.reshape(shape),
        "gradients": gradients[:N_STEPS],
    }


def _online(case: Case) -> dict[str, np.ndarray]:
    """One epoch of the tutorial: an update after every step, the state reset after every sequence."""
    model, losses, weights = build(case, 1, stateful=True), [], []
    for _, t, x, y in steps():
        if t == 0:
            model.layers[0].reset_state()
        losses.append(float(model.train_on_batch(x[None, None], y[None])))
        weights.append(flat(model.get_weights()))
    kept = np.array([weights[n - 1] for n in UPDATES_AT])
    return {"online_losses": np.array(losses), "online_weights": kept}


def _whole(case: Case) -> dict[str, np.ndarray]:
    """The stateless form: one update after each whole sequence."""
    model, losses, weights = build(case, N_STEPS, stateful=False), [], []
    data = [(x[None], y[None]) for x, y in map(pairs, SEQUENCES)]
    gradient = _gradient(model, *data[0])[2]
    for x, y in data:
        losses.append(float(model.train_on_batch(x, y)))
        weights.append(flat(model.get_weights()))
    return {
        "bptt_gradient": gradient,
        "bptt_losses": np.array(losses),
        "bptt_weights": np.array(weights),
    }


def clipping() -> dict[str, np.ndarray]:
    """Binary cross-entropy of saturated probabilities, and its derivative by the logit; rows: target 0, 1.

    In float64, because in float32 the largest probability below one is 1.2e-7 away from it.
    """
    import keras
    import tensorflow as tf

    rows: list[tuple[np.ndarray, np.ndarray]] = []
    for target in (0.0, 1.0):
        logits = tf.constant(LOGITS)
        with tf.GradientTape() as tape:
            tape.watch(logits)
            # identity drops the mark by which Keras would find the logits and not clip at all.
            probabilities = tf.identity(tf.sigmoid(logits))
            loss = keras.ops.binary_crossentropy(tf.fill(logits.shape, tf.cast(target, tf.float64)), probabilities)
        rows.append((loss.numpy(), tape.gradient(loss, logits).numpy()))
    values, slopes = zip(*rows, strict=True)
    return {"values": np.array(values), "slopes": np.array(slopes)}


def unclipped() -> np.ndarray:
    """Return what a compiled model reports for target 0, whose sigmoid layer hands its logits to the loss."""
    import keras

    dense = keras.layers.Dense(1, activation="sigmoid", use_bias=False)
    model = keras.Sequential([keras.Input((1,)), dense])
    dense.set_weights([np.ones((1, 1))])
    model.compile(loss="binary_crossentropy")
    zero = np.zeros((1, 1))
    return np.array([model.test_on_batch(np.full((1, 1), logit), zero) for logit in LOGITS])


QUANTILES = np.linspace(0, 1, 21)


def initial(n_draws: int = 50) -> dict[str, np.ndarray]:
    """Return quantiles of the default initial weights, pooled over draws, and the default bias."""
    import keras

    keras.utils.set_random_seed(0)
    drawn: list[list[np.ndarray]] = []
    for _ in range(n_draws):
        layers = [keras.Input((1, N_SYMBOLS)), keras.layers.LSTM(20), keras.layers.Dense(N_SYMBOLS)]
        drawn.append(keras.Sequential(layers).get_weights())
    pooled = {name: np.stack(parts) for name, parts in zip(PARTS, zip(*drawn, strict=True), strict=True)}
    quantiles = {name: np.quantile(pooled[name], QUANTILES) for name in ("kernel", "recurrent", "dense_kernel")}
    gram = pooled["recurrent"] @ pooled["recurrent"].transpose(0, 2, 1)
    return {
        **quantiles,
        "bias": pooled["bias"][0],
        "dense_bias": pooled["dense_bias"][0],
        "not_orthogonal": np.abs(gram - np.eye(20)).max(),
    }
