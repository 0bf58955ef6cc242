"""Keras 3 on the backend that KERAS_BACKEND names: `train_on_batch`, the fastest of its loops."""

from __future__ import annotations

import importlib
import time

import keras
from benchmarks.sequences_protocol import SYMBOLS, Measurement, arguments, one_hot, symbols


def main() -> None:
    case, options = arguments()
    measurement, started = Measurement(), time.perf_counter()
    layers = [
        keras.Input((case.steps, SYMBOLS)),
        keras.layers.LSTM(case.units, return_sequences=True),
        keras.layers.Dense(SYMBOLS),
    ]
    model = keras.Sequential(layers)
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), optimizer="adam")
    inputs, targets = symbols(case)
    x = one_hot(inputs)
    backend = importlib.import_module(keras.backend.backend())
    versions = [f"keras {keras.__version__}", f"{backend.__name__} {backend.__version__}"]
    measurement.answer(lambda: model.train_on_batch(x, targets), options.repeats, started, versions=versions)


if __name__ == "__main__":
    main()
