"""A Keras 3 model of the user's, by name: what a spec holds of it."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Shaped

from memspan.adapters.hosted import AbstractHosted
from memspan.adapters.own_loop import OwnLoop
from memspan.adapters.process import Home, lease
from memspan.adapters.settings import frozen_settings
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput, check_choice

__all__ = ["BACKENDS", "Keras"]

BACKENDS = ("tensorflow", "jax", "torch")
INPUTS = ("one-hot", "symbols")


@dataclass(frozen=True, init=False)
class Keras(AbstractHosted):
    """A `keras.Model` that a function of yours makes, trained by its backend in a process of its own.

    The factory is called with those of `n_inputs`, `n_outputs`, `batch` and `seed` that it takes, and with your
    settings. The model is one of three kinds, and which one is found out:

    - it reads whole sequences, `[batch, time, feature]`, and gives an output at every step (`return_sequences=True`);
    - it has `stateful=True` layers, which keep the state from batch to batch until they are reset: the steps of a
      sequence then come in windows as long as its input says, one symbol at a time as in the tutorial for example.
      Whether its backend carries that state is tried before anything is trained;
    - it is functional with the state among its inputs and outputs: inputs `[x, *state]`, outputs `[y, *state]`.

    Where the outputs are not as wide as the problem's, a dense read-out is put on top, drawn as that of our own models.
    A last activation that the problem's loss has in itself (sigmoid, softmax) is taken off: losses are made of logits.

    Example:
        In mymodel.py, for `memspan.train(problem, Keras("mymodel:lstm", units=32), memspan.rules.BPTT())`:

            def lstm(n_inputs, units):
                layers = [keras.Input((None, n_inputs)), keras.layers.LSTM(units, return_sequences=True)]
                return keras.Sequential(layers)

    Args:
        factory: "module:function"; the module may lie in the current folder.
        backend: "tensorflow", "jax" or "torch"; it must be installed.
        inputs: symbols as "one-hot" vectors, or as "symbols", whole numbers `[batch, time]` for an embedding.
        compiled: whether all seeds of a chunk are one compiled program, like those of our own models; on the JAX
            backend only, for models whose state is not kept by Keras, without drop-out. None: where the backend is JAX.
        device: "cpu", or one that Keras knows, such as "gpu:0".
        time_limit: seconds that making the model, an epoch or an evaluation may take; no part of the identity.
        **settings: what the factory is called with.

    Attributes:
        user: where the factory stands, and the hash of its file.
        settings: names and values, sorted by name.
        backend: as given.
        inputs: as given.
        compiled: as given, or as decided.
        device: as given.

    Raises:
        InvalidInput: there is no such factory, an argument is not what it should be, or Keras is not installed.
    """

    user: UserCode
    settings: tuple[tuple[str, Any], ...]
    backend: str
    inputs: str
    compiled: bool
    device: str

    def __init__(
        self,
        factory: str,
        *,
        backend: str = "tensorflow",
        inputs: str = "one-hot",
        compiled: bool | None = None,
        device: str = "cpu",
        time_limit: float = 300.0,
        **settings: Any,
    ) -> None:
        if importlib.util.find_spec("keras") is None:
            raise InvalidInput("keras must be installed for a Keras model; run: pip install 'memspan[keras]'")
        if importlib.util.find_spec(check_choice("backend", backend, BACKENDS)) is None:
            raise InvalidInput(f"backend must be installed, but '{backend}' is not; run: pip install {backend}")
        if compiled and backend != "jax":
            raise InvalidInput(f"compiled must be left out for backend='{backend}', but got True; use backend='jax'")
        if not 0 < time_limit < math.inf:
            raise InvalidInput(f"time_limit must be seconds, more than 0, but got {time_limit}; use time_limit=300")
        object.__setattr__(self, "user", UserCode("factory", factory))
        object.__setattr__(self, "settings", frozen_settings(factory, settings))
        object.__setattr__(self, "backend", backend)
        object.__setattr__(self, "inputs", check_choice("inputs", inputs, INPUTS))
        object.__setattr__(self, "compiled", backend == "jax" if compiled is None else compiled)
        object.__setattr__(self, "device", device)
        object.__setattr__(self, "time_limit", time_limit)

    @property
    def home(self) -> Home:
        """A process for Keras and this backend, which must be chosen before Keras is imported."""
        fixed = [("KERAS_BACKEND", self.backend), ("TF_CPP_MIN_LOG_LEVEL", "3"), ("TF_ENABLE_ONEDNN_OPTS", "0")]
        if self.backend != "jax" or self.device == "cpu":
            fixed.append(("JAX_PLATFORMS", "cpu"))
        return Home("memspan.adapters.keras_model:KerasModel", tuple(fixed))

    def check(self, spec: Any) -> None:
        """Refuse rules that need more than the model has.

        Raises:
            InvalidInput: the rule cannot be followed.
        """
        if self.compiled and isinstance(spec.rule, OwnLoop):
            raise InvalidInput(
                f"compiled must be False for {self.user.name} under your own loop {spec.rule.user.name}, which trains "
                "one seed at a time, but got True; pass compiled=False"
            )
        if not self.compiled:
            super().check(spec)

    @property
    def side_by_side(self) -> bool:
        """Whether many seeds are taught at once."""
        return self.compiled

    def teach(self, spec: Any, seeds: list[int]) -> tuple[Shaped[np.ndarray, "seed ..."], ...]:
        """Train seeds side by side in one compiled program; return the rows of `engine.curriculum.Learned`.

        Raises:
            RunFailed: the user's code failed.
        """
        task = self.task(spec.problem, spec, seeds[0])
        with lease(self.home, task) as worker:
            worker.make(task, self.time_limit)
            worker.prepare(spec)
            worker.allow(self.time_limit * max(1, spec.epochs))  # nothing of the user's own runs any more
            return worker.ask("operate", "population", spec, seeds)

    @property
    def options(self) -> Mapping[str, Any]:
        """How the model is to be called."""
        return {"inputs": self.inputs}
