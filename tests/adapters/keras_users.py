"""Keras models as users write them; imported in processes of their own."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

UNITS = 6


def fixed_weights(n_inputs=5, n_outputs=5):
    """Weights that depend on nothing: kernel, recurrent, bias, and those of the read-out."""
    rng = np.random.default_rng(12)
    shapes = [(n_inputs, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,), (UNITS, n_outputs), (n_outputs,)]
    return [rng.normal(0, 0.4, shape).astype("float32") for shape in shapes]


def fixed(n_inputs, n_outputs, batch, kind):
    """A model of any kind, with the weights above."""
    makers = {"sequences": sequences, "explicit": explicit, "tutorial": tutorial}
    more = {"batch": batch, "cudnn": False} if kind == "tutorial" else {}
    model = makers[kind](n_inputs, n_outputs, units=UNITS, **more)
    model.set_weights(fixed_weights(n_inputs, n_outputs))
    return model


def tutorial(n_inputs, n_outputs, batch, units=20, cudnn="auto"):
    """The tutorial's: one symbol a batch, the layer keeps its state."""
    lstm = layers.LSTM(units, stateful=True, use_cudnn=cudnn)
    return keras.Sequential(
        [keras.Input(batch_shape=(batch, 1, n_inputs)), lstm, layers.Dense(n_outputs, activation="sigmoid")]
    )


def sequences(n_inputs, n_outputs, units=20):
    """Whole sequences, nothing kept."""
    lstm = layers.LSTM(units, return_sequences=True)
    return keras.Sequential([keras.Input((None, n_inputs)), lstm, layers.Dense(n_outputs, activation="sigmoid")])


def no_read_out(n_inputs, units=20):
    return keras.Sequential([keras.Input((None, n_inputs)), layers.LSTM(units, return_sequences=True)])


def explicit(n_inputs, n_outputs, units=20):
    """Functional, the state among inputs and outputs."""
    x, h, c = keras.Input((None, n_inputs)), keras.Input((units,)), keras.Input((units,))
    y, *state = layers.LSTM(units, return_sequences=True, return_state=True)(x, initial_state=[h, c])
    return keras.Model([x, h, c], [layers.Dense(n_outputs, activation="sigmoid")(y), *state])


def last_only(n_inputs, n_outputs):
    return keras.Sequential([keras.Input((None, n_inputs)), layers.LSTM(4), layers.Dense(n_outputs)])


def unbuilt(n_outputs):
    """No input is given beforehand; no activation at the end."""
    return keras.Sequential([layers.GRU(4, return_sequences=True), layers.Dense(n_outputs)])


def dropped(n_inputs):
    return keras.Sequential([keras.Input((None, n_inputs)), layers.GRU(4, return_sequences=True), layers.Dropout(0.5)])


def frozen(n_inputs):
    """What it reads goes through weights that are drawn and never trained."""
    drawn = layers.Dense(4, trainable=False)
    return keras.Sequential([keras.Input((None, n_inputs)), drawn, layers.GRU(4, return_sequences=True)])


def embedded(n_inputs):
    """Symbols in, whole numbers."""
    return keras.Sequential(
        [keras.Input((None,), dtype="int32"), layers.Embedding(n_inputs, 3), layers.GRU(4, return_sequences=True)]
    )


def not_a_model():
    return "LSTM"


def fits(model, batches):
    """A loop of one's own, as short as Keras has it."""
    model.compile(loss="binary_crossentropy", optimizer="adam")
    for batch in batches:
        model.train_on_batch(batch.inputs, batch.targets)


def steps_through(model, batches):
    """As the tutorial does: one symbol at a time."""
    model.compile(loss="binary_crossentropy", optimizer="adam")
    for batch in batches:
        for t in range(batch.targets.shape[1]):
            model.train_on_batch(batch.inputs[:, t : t + 1], batch.targets[:, t])


def by_hand(model, batches):
    """Gradients by the backend's own means, and an optimizer that the model knows nothing of."""
    optimizer = keras.optimizers.SGD(0.5)
    for batch in batches:
        optimizer.apply(gradients(model, batch), model.trainable_variables)


def gradients(model, batch):
    variables = model.trainable_variables
    if keras.backend.backend() == "tensorflow":
        import tensorflow

        with tensorflow.GradientTape() as tape:
            loss = batch.loss(model(batch.inputs, training=True))
        return tape.gradient(loss, [each.value for each in variables])
    if keras.backend.backend() == "torch":
        import torch

        return torch.autograd.grad(batch.loss(model(batch.inputs, training=True)), [each.value for each in variables])
    import jax

    others = [each.value for each in model.non_trainable_variables]

    def cost(values):
        return batch.loss(model.stateless_call(values, others, batch.inputs, training=True)[0])

    return jax.grad(cost)([each.value for each in variables])


def stays_put(model, batches):
    """It looks where everything is: on the second of two devices."""
    for batch in batches:
        made = [keras.ops.convert_to_tensor(batch.inputs), batch.loss(model(batch.inputs))]
        places = {str(place) for each in [*made, *(each.value for each in model.variables)] for place in each.devices()}
        if len(places) != 1 or not places.pop().endswith("1"):
            raise RuntimeError(f"something is elsewhere: {places}")


def leaves_early(model, batches):
    next(iter(batches))


def breaks(model, batches):
    model.compile(loss="binary_crossentropy", optimizer="adam")
    for batch in batches:
        model.train_on_batch(batch.inputs, batch.targets[:, :, :2])
