"""Networks asked in Keras, in this process: `python -m tests.exchange.in_keras FOLDER`, with KERAS_BACKEND set.

The folder has `name.safetensors`. Written into it are `name.keras`, what Keras made of each and saved; models that a
user of Keras built by himself, as `own_*.keras`; and `facts.npz`, what Keras says of all of them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from tests.exchange.cases import CASES, UNITS, had_by, inputs
from tests.exchange.measured import measured

from memspan import exchange


def reader(model):
    return lambda x: model.predict(x, batch_size=3, verbose=0)


def own() -> dict[str, keras.Model]:
    """Models as users build them: functional, stateful, without biases, with dropout, a read-out at each step."""
    keras.utils.set_random_seed(5)
    given = keras.Input((None, 5))
    hidden = layers.Dropout(0.5)(layers.GRU(UNITS, return_sequences=True, name="memory")(given))
    functional = keras.Model(given, layers.TimeDistributed(layers.Dense(5, activation="sigmoid"))(hidden))
    stateful = keras.Sequential(
        [keras.Input(batch_shape=(3, 9, 5)), layers.LSTM(UNITS, stateful=True, return_sequences=True), layers.Dense(5)]
    )
    plain = [layers.SimpleRNN(UNITS, return_sequences=True, use_bias=False), layers.Dense(5, use_bias=False)]
    return {
        "own_functional": functional,
        "own_stateful": stateful,
        "own_plain": keras.Sequential([keras.Input((None, 5)), *plain]),
    }


def main(folder: Path) -> None:
    facts = {"backend": np.array(keras.backend.backend())}
    for name in had_by("keras"):
        trained = exchange.load(CASES[name][0], folder / f"{name}.safetensors")
        model = exchange.to_keras(trained)
        facts |= measured(name, reader(model))
        facts[f"{name}/back"] = exchange.from_keras(CASES[name][0], model).vector
        model.save(folder / f"{name}.keras")
    for name, model in own().items():
        model.save(folder / f"{name}.keras")
        facts[f"{name}/outputs"] = reader(model)(inputs("lstm"))
    for path in folder.glob("written_*.keras"):  # by `exchange.save`
        facts |= {f"{path.stem}/{fact}": v for fact, v in measured("lstm_solved", reader(_loaded(path))).items()}
    np.savez(folder / "facts.npz", **facts)


def _loaded(path: Path) -> keras.Model:
    return keras.saving.load_model(path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
