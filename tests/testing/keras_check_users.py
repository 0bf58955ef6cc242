"""Keras models of users for the checks of adapters; imported in processes of their own."""

import keras
from keras import layers


def tutorial(n_inputs, n_outputs, batch):
    """The tutorial's: one symbol a batch, stateful."""
    lstm = layers.LSTM(6, stateful=True)
    return keras.Sequential([keras.Input(batch_shape=(batch, 1, n_inputs)), lstm, layers.Dense(n_outputs)])


def stateful(n_inputs, batch):
    """Any number of steps, stateful."""
    lstm = layers.LSTM(6, stateful=True, return_sequences=True, use_cudnn=False)
    return keras.Sequential([keras.Input(batch_shape=(batch, None, n_inputs)), lstm])


def explicit(n_inputs):
    x, h = keras.Input((None, n_inputs)), keras.Input((6,))
    y, state = layers.GRU(6, return_sequences=True, return_state=True)(x, initial_state=h)
    return keras.Model([x, h], [y, state])


def bidirectional(n_inputs):
    gru = layers.Bidirectional(layers.GRU(4, return_sequences=True))
    return keras.Sequential([keras.Input((None, n_inputs)), gru])


def normalised(n_inputs):
    parts = [keras.Input((None, n_inputs)), layers.GRU(4, return_sequences=True), layers.BatchNormalization()]
    return keras.Sequential(parts)


class Stubborn(layers.LSTM):
    """Its own reset does nothing."""

    def reset_state(self):
        pass


def stubborn(n_inputs, batch):
    lstm = Stubborn(6, stateful=True, return_sequences=True, use_cudnn=False)
    return keras.Sequential([keras.Input(batch_shape=(batch, None, n_inputs)), lstm])


def stacked(n_inputs, batch):
    """Two cells in one layer, whose own reset fails in Keras."""
    cells = [layers.LSTMCell(4), layers.LSTMCell(3)]
    rnn = layers.RNN(cells, stateful=True, return_sequences=True)
    return keras.Sequential([keras.Input(batch_shape=(batch, None, n_inputs)), rnn])
