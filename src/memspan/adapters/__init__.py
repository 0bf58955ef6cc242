"""Your own model behind our own door: PyTorch, Keras, a predict function, a command that answers in JSON Lines."""

from memspan.adapters.abstract import AbstractAdapted as AbstractAdapted
from memspan.adapters.jax import Jax as Jax
from memspan.adapters.keras import Keras as Keras
from memspan.adapters.own_loop import OwnLoop as OwnLoop
from memspan.adapters.predict import Command as Command
from memspan.adapters.predict import Predict as Predict
from memspan.adapters.torch import Torch as Torch

__all__ = ["AbstractAdapted", "Command", "Jax", "Keras", "OwnLoop", "Predict", "Torch"]
