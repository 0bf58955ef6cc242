"""Keras 3 on TensorFlow: the tutorial's `fit` loop, or `train_on_batch` for every step."""

from __future__ import annotations

import time
from typing import Any

import keras
import tensorflow as tf
from benchmarks import protocol

# Epochs that are timed; the run is scaled from them, because every epoch does the same work.
TIMED_EPOCHS = {"fit": 10, "train_on_batch": 25}


def build() -> Any:
    layers = [
        keras.Input(batch_shape=(1, 1, 5)),
        keras.layers.LSTM(protocol.UNITS, stateful=True),
        keras.layers.Dense(5, activation="sigmoid"),
    ]
    model = keras.Sequential(layers)
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def fit(model: Any, epochs: int) -> None:
    """The loop of the tutorial."""
    for _ in range(epochs):
        for x, y in protocol.pairs():
            model.fit(x, y, epochs=1, batch_size=1, verbose=0, shuffle=False)
            model.layers[0].reset_state()


def train_on_batch(model: Any, epochs: int) -> None:
    """The same updates without the machinery of `fit`."""
    for _ in range(epochs):
        for x, y in protocol.pairs():
            for t in range(len(x)):
                model.train_on_batch(x[t : t + 1], y[t : t + 1])
            model.layers[0].reset_state()


def main() -> None:
    options = protocol.options(list(TIMED_EPOCHS))
    loop = {"fit": fit, "train_on_batch": train_on_batch}[options.what]
    epochs, model = TIMED_EPOCHS[options.what], build()
    start = time.perf_counter()
    loop(model, 1)
    first = time.perf_counter() - start
    seconds = protocol.clock(lambda: loop(model, epochs), options.repeats)
    scale = protocol.EPOCHS / epochs
    row = {
        "system": f"keras {options.what}",
        "one_run": [scale * second for second in seconds],
        "compile": first,
        "programs": 1,
        "versions": [f"keras {keras.__version__}", f"tensorflow {tf.__version__}"],
        "notes": [
            f"timed over {epochs} epochs after a first one and scaled to {protocol.EPOCHS}; the 512 seeds would "
            "be 512 such runs one after the other, whose compiling anew is left out; compile is the first epoch"
        ],
    }
    protocol.answer([row])


if __name__ == "__main__":
    main()
