"""Networks asked in PyTorch and in ONNX Runtime."""

from __future__ import annotations

import numpy as np
from tests.exchange.measured import Read

from memspan import exchange
from memspan.engine.trained import Trained


def in_torch(trained: Trained) -> Read:
    import torch

    module = exchange.to_torch(trained)
    # PyTorch's own functions make probabilities of the logits.
    squash = {"binary_cross_entropy": torch.sigmoid, "cross_entropy": lambda x: torch.softmax(x, -1)}

    def read(x: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            logits, _ = module(torch.from_numpy(x))
        return squash.get(trained.network.loss, lambda y: y)(logits).numpy()

    return read


def in_onnxruntime(trained: Trained, outputs: str = "probabilities") -> Read:
    import onnxruntime

    session = onnxruntime.InferenceSession(exchange.to_onnx(trained).SerializeToString())
    states = [given.name for given in session.get_inputs()[1:]]
    units = session.get_inputs()[1].shape[-1]

    def read(x: np.ndarray) -> np.ndarray:
        zeros = {name: np.zeros((1, len(x), units), np.float32) for name in states}
        return session.run([outputs], {"inputs": x, **zeros})[0]

    return read
