"""What a Keras program of 2017 must change: each old line is tried, each new one too, and the table is what they did.

KERAS_BACKEND=tensorflow python keras_2017.py
"""

from __future__ import annotations

import contextlib
import io
import itertools
import tempfile
import warnings
from typing import Any

import keras
import numpy as np

# (old, new); both may use: model (stateful, batch 1), stateless, x, y, batches (makes an endless generator), folder.
CHANGES = [
    ("import keras.utils.np_utils", "keras.utils.to_categorical([3, 0], 5)"),
    (
        "keras.Sequential([keras.layers.LSTM(20, batch_input_shape=(1, 1, 5), stateful=True)])",
        "keras.Sequential([keras.Input(batch_shape=(1, 1, 5)), keras.layers.LSTM(20, stateful=True)])",
    ),
    (
        "keras.Sequential([keras.layers.LSTM(20, input_shape=(4, 5))])",
        "keras.Sequential([keras.Input((4, 5)), keras.layers.LSTM(20)])",
    ),
    (
        "keras.Sequential([keras.layers.Dense(5, input_dim=20)])",
        "keras.Sequential([keras.Input((20,)), keras.layers.Dense(5)])",
    ),
    (
        "keras.Sequential([keras.Input((1, 5)), keras.layers.LSTM(20, stateful=True)])",
        "keras.Sequential([keras.Input(batch_shape=(1, 1, 5)), keras.layers.LSTM(20, stateful=True)])",
    ),
    ("model.reset_states()", "[layer.reset_state() for layer in model.layers if hasattr(layer, 'reset_state')]"),
    ("model.predict_classes(x, batch_size=1)", "np.argmax(model.predict(x, batch_size=1), axis=-1)"),
    ("model.predict_proba(x, batch_size=1)", "model.predict(x, batch_size=1)"),
    ("model.predict(np.repeat(x, 4, axis=0))", "model.predict(np.repeat(x, 4, axis=0), batch_size=1)"),
    (
        "model.fit(x, y, nb_epoch=1, batch_size=1)",
        "model.fit(x, y, epochs=1, batch_size=1, shuffle=False)",
    ),
    ("stateless.fit_generator(batches(), 4)", "stateless.fit(batches(), steps_per_epoch=4, shuffle=False)"),
    ("stateless.predict_generator(batches(), 4)", "stateless.predict(batches(), steps=4)"),
    ("keras.optimizers.Adam(lr=0.01)", "keras.optimizers.Adam(learning_rate=0.01)"),
    (
        "keras.optimizers.Adam(decay=0.1)",
        "keras.optimizers.Adam(keras.optimizers.schedules.InverseTimeDecay(0.001, 1, 0.1))",
    ),
    ("keras.layers.merge", "keras.layers.concatenate([x, x])"),
    ("keras.layers.CuDNNLSTM(20)", "keras.layers.LSTM(20)"),
    ("keras.layers.LSTM(20, time_major=True)", "np.swapaxes(x, 0, 1)"),
    ("import keras.wrappers.scikit_learn", "keras.wrappers.SKLearnClassifier"),
    ("import keras.preprocessing.text", "keras.layers.TextVectorization"),
    ("keras.backend.get_value(model.weights[0])", "keras.ops.convert_to_numpy(model.weights[0])"),
    ("model.save(folder)", "model.save(folder + '/model.keras')"),
]

# (expression, its value in 2017, how to have that again): what changed without a word.
SILENT = [
    ("keras.layers.LSTM(20).recurrent_activation.__name__", "hard_sigmoid", "recurrent_activation=hard_sigmoid_2017"),
    ("keras.layers.GRU(20).recurrent_activation.__name__", "hard_sigmoid", "recurrent_activation=hard_sigmoid_2017"),
    ("keras.layers.GRU(20).reset_after", "False", "reset_after=False"),
    ("float(keras.activations.hard_sigmoid(np.float32(1.0)))", "0.7", "hard_sigmoid_2017"),
]


def hard_sigmoid_2017(x: Any) -> Any:
    """Keras 3 gives this name to relu6(x + 3) / 6, another function."""
    return keras.ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def prepared() -> dict[str, Any]:
    """Return what the lines may use, made anew: on some backends a call that failed spoils its model."""
    layers = [keras.layers.LSTM(20, stateful=True, use_cudnn=False), keras.layers.Dense(5, activation="sigmoid")]
    model = keras.Sequential([keras.Input(batch_shape=(1, 1, 5)), *layers])
    model.compile(loss="binary_crossentropy", optimizer="adam")
    x = np.eye(5, dtype="float32")[None, 3:4]
    stateless = keras.Sequential([keras.Input((1, 5)), keras.layers.LSTM(20), keras.layers.Dense(5)])
    stateless.compile(loss="mse")
    made = {"model": model, "stateless": stateless, "x": x, "y": x[:, 0], "folder": tempfile.mkdtemp()}
    return {"keras": keras, "np": np, "batches": lambda: (each for each in itertools.repeat((x, x[:, 0]))), **made}


def tried(line: str) -> str:
    """Return what a line does: "runs", "warns", or the kind of its error."""
    with warnings.catch_warnings(record=True) as said, contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("always")
        try:
            exec(line, prepared())
        except Exception as error:
            return type(error).__name__
    about = [one for one in said if "keras" in str(one.filename) and issubclass(one.category, UserWarning)]
    return "warns" if about else "runs"


def main() -> None:
    print("| 2017 | Keras 3 | write now |")
    print("|---|---|---|")
    for old, new in CHANGES:
        outcome, now = tried(old), tried(new)
        if now != "runs":
            raise SystemExit(f"this should run, but: {now}: {new}")
        print(f"| `{old}` | {outcome} | `{new}` |")
    print("\n| without a word | 2017 | Keras 3 | to have it as it was |")
    print("|---|---|---|---|")
    for expression, before, again in SILENT:
        value = eval(expression)
        print(f"| `{expression}` | {before} | {round(value, 3) if isinstance(value, float) else value} | `{again}` |")


if __name__ == "__main__":
    main()
