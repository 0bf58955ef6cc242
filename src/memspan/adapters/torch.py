"""A PyTorch module of the user's, by name: what a spec holds of it."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from memspan.adapters.hosted import AbstractHosted
from memspan.adapters.process import Home
from memspan.adapters.settings import frozen_settings
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput, check_choice

__all__ = ["Torch"]

INPUTS = ("one-hot", "symbols")


@dataclass(frozen=True, init=False)
class Torch(AbstractHosted):
    """An `nn.Module` that a function or class of yours makes, trained by PyTorch in a process of its own.

    The factory is called with those of `n_inputs`, `n_outputs` and `seed` that it takes, and with your settings. The
    module reads `[batch, time, feature]` and returns outputs `[batch, time, ...]`, or a pair of outputs and state,
    which is then given to the next call as second argument; so does a cell of PyTorch, or a module with a method
    `step(x, state)` and no `forward`, at each step. A module that keeps its state in itself has a method that
    forgets it; name it as `reset`. All others read whole sequences. Where the outputs are not as wide as the problem's,
    a linear read-out is put on top, drawn as that of our own models.

    Example:
        In mymodel.py, for `memspan.train(problem, Torch("mymodel:lstm", hidden=32), memspan.rules.BPTT())`:

            def lstm(n_inputs, hidden):
                return torch.nn.LSTM(n_inputs, hidden, batch_first=True)

    Args:
        factory: "module:function"; the module may lie in the current folder.
        inputs: symbols as "one-hot" vectors, or as "symbols", whole numbers `[batch, time]` for an embedding.
        reset: name of the module's method that forgets its state; "" where it keeps none.
        device: "cpu", or one that PyTorch knows, such as "cuda:0".
        time_limit: seconds that making the module, an epoch or an evaluation may take; no part of the identity.
        **settings: what the factory is called with.

    Attributes:
        user: where the factory stands, and the hash of its file.
        settings: names and values, sorted by name.
        inputs: as given.
        reset: as given.
        device: as given.

    Raises:
        InvalidInput: there is no such factory, or an argument is not what it should be.
    """

    user: UserCode
    settings: tuple[tuple[str, Any], ...]
    inputs: str
    reset: str
    device: str

    def __init__(
        self,
        factory: str,
        *,
        inputs: str = "one-hot",
        reset: str = "",
        device: str = "cpu",
        time_limit: float = 300.0,
        **settings: Any,
    ) -> None:
        if importlib.util.find_spec("torch") is None:
            raise InvalidInput("torch must be installed for a PyTorch model; run: pip install 'memspan[torch]'")
        if not 0 < time_limit < math.inf:
            raise InvalidInput(f"time_limit must be seconds, more than 0, but got {time_limit}; use time_limit=300")
        object.__setattr__(self, "user", UserCode("factory", factory))
        object.__setattr__(self, "settings", frozen_settings(factory, settings))
        object.__setattr__(self, "inputs", check_choice("inputs", inputs, INPUTS))
        object.__setattr__(self, "reset", reset)
        object.__setattr__(self, "device", device)
        object.__setattr__(self, "time_limit", time_limit)

    @property
    def home(self) -> Home:
        """A process for PyTorch."""
        return Home("memspan.adapters.torch_model:TorchModel", (("JAX_PLATFORMS", "cpu"),))

    @property
    def options(self) -> Mapping[str, Any]:
        """How the module is to be called."""
        return {"inputs": self.inputs, "reset": self.reset}
