"""One LSTM in the three forms that a Keras model may have."""

import keras


def lstm(n_inputs, units=20):
    """Whole sequences."""
    return keras.Sequential([keras.Input((None, n_inputs)), keras.layers.LSTM(units, return_sequences=True)])


def stateful(n_inputs, batch, units=20):
    """One step at a time, the state kept inside."""
    shape = keras.Input(batch_shape=(batch, 1, n_inputs))
    return keras.Sequential([shape, keras.layers.LSTM(units, stateful=True, return_sequences=True)])


def functional(n_inputs, units=8):
    """The state goes in and comes out."""
    x, h, c = keras.Input((None, n_inputs)), keras.Input((units,)), keras.Input((units,))
    layer = keras.layers.LSTM(units, return_sequences=True, return_state=True)
    y, h_after, c_after = layer(x, initial_state=[h, c])
    return keras.Model([x, h, c], [y, h_after, c_after])
