"""The same weights elsewhere: PyTorch, Keras, ONNX and safetensors, written and read, and no code in them ever run."""

from memspan.exchange.files import load as load
from memspan.exchange.files import save as save
from memspan.exchange.keras_layout import keras_weights as keras_weights
from memspan.exchange.keras_model import from_keras as from_keras
from memspan.exchange.keras_model import to_keras as to_keras
from memspan.exchange.named import from_tensors as from_tensors
from memspan.exchange.named import tensors as tensors
from memspan.exchange.onnx_graph import to_onnx as to_onnx
from memspan.exchange.onnx_read import from_onnx as from_onnx
from memspan.exchange.torch_layout import from_torch as from_torch
from memspan.exchange.torch_layout import torch_state as torch_state
from memspan.exchange.torch_module import to_torch as to_torch

__all__ = [
    "from_keras",
    "from_onnx",
    "from_tensors",
    "from_torch",
    "keras_weights",
    "load",
    "save",
    "tensors",
    "to_keras",
    "to_onnx",
    "to_torch",
    "torch_state",
]
