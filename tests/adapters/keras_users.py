"""Keras models as users write them; imported in processes of their own."""

from __future__ import annotations

import keras
from keras import layers


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
