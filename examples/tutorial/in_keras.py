"""The tutorial in Keras 3: an LSTM that must remember the first symbol, stateful and stateless.

KERAS_BACKEND=tensorflow python in_keras.py stateful      # a minute a run
KERAS_BACKEND=jax        python in_keras.py stateless     # seconds a run
"""

from __future__ import annotations

import argparse
import sys

import keras
import numpy as np

from memspan.data import to_lstm_dataset
from memspan.stats import wilson

SEQUENCES = [[3, 0, 1, 2, 3], [4, 0, 1, 2, 4]]
N_SYMBOLS, N_UNITS = 5, 20


def build(form: str) -> keras.Model:
    """Stateful: one symbol a batch, the layer keeps its state. Stateless: the whole sequence is one sample."""
    stateful = form == "stateful"
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(1, 1 if stateful else None, N_SYMBOLS)),
            # use_cudnn=False: without it the torch backend cannot train a stateful layer.
            keras.layers.LSTM(N_UNITS, stateful=stateful, return_sequences=not stateful, use_cudnn=False),
            keras.layers.Dense(N_SYMBOLS, activation="sigmoid"),
        ]
    )
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return model


def dataset(form: str, sequence: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Stateful: samples of one step, (4, 1, 5) and (4, 5). Stateless: a sample of four, (1, 4, 5) and (1, 4, 5)."""
    x, y = to_lstm_dataset(sequence, N_SYMBOLS)
    return (x, y) if form == "stateful" else (x[None, :, 0], y[None])


def reset(model: keras.Model) -> None:
    """Forget: the next batch begins a sequence. A model has no reset_states() any more, its layers have."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()


def train(form: str, model: keras.Model, epochs: int) -> None:
    data = [dataset(form, sequence) for sequence in SEQUENCES]
    for _ in range(epochs):
        for x, y in data:
            model.fit(x, y, epochs=1, batch_size=1, shuffle=False, verbose=0)
            reset(model)


def outputs(form: str, model: keras.Model, sequence: list[int]) -> np.ndarray:
    """Return one row a step; batch_size=1, for a stateful model knows no other size."""
    rows = model.predict(dataset(form, sequence)[0], batch_size=1, verbose=0)
    reset(model)
    return rows.reshape(-1, N_SYMBOLS)


def main() -> None:
    parser = argparse.ArgumentParser(description="The tutorial in Keras 3.")
    parser.add_argument("form", choices=["stateful", "stateless"])
    parser.add_argument("--epochs", type=int, default=250)
    parser.add_argument("--seeds", type=int, default=3)
    asked = parser.parse_args()
    if asked.form == "stateful" and keras.backend.backend() == "jax":
        sys.exit("fit and predict on Keras' JAX backend lose the state of a stateful layer; use another KERAS_BACKEND")
    solved = 0
    for seed in range(asked.seeds):
        keras.utils.set_random_seed(seed)
        model = build(asked.form)
        train(asked.form, model, asked.epochs)
        told = [outputs(asked.form, model, sequence).argmax(axis=-1).tolist() for sequence in SEQUENCES]
        solved += told == [sequence[1:] for sequence in SEQUENCES]
        print(
            f"seed {seed}: " + ", ".join(f"{s[:-1]} -> {t}" for s, t in zip(SEQUENCES, told, strict=True)), flush=True
        )
    print(f"solved: {wilson(solved, asked.seeds)}")


if __name__ == "__main__":
    main()
