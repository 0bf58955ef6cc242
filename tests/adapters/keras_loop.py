"""A plain Keras loop, as a person writes it: train_on_batch, and a reset after each sequence; prints what it gave."""

from __future__ import annotations

import json
import sys

import numpy as np
from tests.adapters.keras_users import fixed

EPOCHS = 3


def main(kind):
    model = fixed(5, 5, 1, kind)
    model.compile(loss="binary_crossentropy", optimizer="adam")
    losses = []
    for _ in range(EPOCHS):
        for sequence in ([3, 0, 1, 2, 3], [4, 0, 1, 2, 4]):
            rows = np.eye(5, dtype="float32")[sequence]
            if kind == "tutorial":
                pairs = zip(rows[:-1, None, None], rows[1:, None], strict=True)
                losses += [float(model.train_on_batch(x, y)) for x, y in pairs]
                model.layers[0].reset_state()
            else:
                losses.append(float(model.train_on_batch(rows[None, :-1], rows[None, 1:])))
    json.dump({"losses": losses, "weights": [part.tolist() for part in model.get_weights()]}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
