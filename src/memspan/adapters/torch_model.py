"""A PyTorch module, made and called: the operations of an adapted model."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import nn

from memspan.adapters.abstract import AbstractAdapted, Task
from memspan.adapters.made import made
from memspan.adapters.own_loop import OwnLoop, carries_nothing
from memspan.adapters.torch_rules import Follower
from memspan.adapters.torch_state import ModuleState, flat, like
from memspan.adapters.torch_steps import over_time
from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, RunFailed
from memspan.core.foreign import Taught
from memspan.engine.network import INIT
from memspan.models import Dense
from memspan.rules import BPTT

__all__ = ["TorchModel"]

OFFERED = ("n_inputs", "n_outputs", "seed")  # to a factory that asks for them


class TorchModel(AbstractAdapted):
    """A module of the user's with a read-out where it needs one.

    Args:
        task: what it is for.
    """

    def __init__(self, task: Task) -> None:
        torch.set_num_threads(1)
        torch.set_deterministic_debug_mode("error")
        self._task, self._device = task, _device(task.device)
        torch.manual_seed(task.seed)
        module = made(task.user, task.settings, {name: getattr(task, name) for name in OFFERED})
        if not isinstance(module, nn.Module):
            raise RunFailed(
                f"{task.user.name} ({task.user.place}) must return an nn.Module, but returned {module!r:.80}"
            )
        if getattr(module, "batch_first", True) is False:
            raise RunFailed(
                f"{task.user.name} ({task.user.place}) must read [batch, time, feature]; pass batch_first=True"
            )
        self.module, self.read_out, self._state = over_time(module).to(self._device), None, None
        self._kept = ModuleState(module, task.options["reset"], task.user) if task.options["reset"] else None
        self._form = "kept" if self._kept else "none"
        self._example: Any = None
        self._find_out()
        if self._form == "none" and (task.reset != "sequence" or not isinstance(task.rule, BPTT | OwnLoop)):
            raise RunFailed(
                f"{self._place()} returns no state and keeps none, so it can be trained on whole sequences only; use "
                "BPTT and reset='sequence', return (outputs, state), or name the method that resets it as reset"
            )
        if self.form == "explicit" and isinstance(task.rule, OwnLoop) and task.reset != "sequence":
            raise RunFailed(carries_nothing(self._place(), task.reset))
        self._follower = Follower(self, task)

    @property
    def form(self) -> str:
        """How it carries its state."""
        return self._form

    def trained(self) -> dict[str, nn.Parameter]:
        """Return the parameters that are trained, the read-out's last."""
        named = dict(self.module.named_parameters())
        if self.read_out is not None:
            named |= {f"read_out.{name}": each for name, each in self.read_out.named_parameters()}
        return {name: each for name, each in named.items() if each.requires_grad}

    def weights(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return all trained weights by name."""
        return {name: each.detach().cpu().numpy().copy() for name, each in self.trained().items()}

    def load(self, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """Put weights in the place of its own."""
        with torch.no_grad():
            for name, each in self.trained().items():
                each.copy_(torch.as_tensor(np.array(weights[name]), device=self._device))

    def beside(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return frozen weights, and buffers that are no state."""
        named: dict[str, torch.Tensor] = {**dict(self.module.named_parameters()), **dict(self.module.named_buffers())}
        left_out = {*self.trained(), *(self._kept.buffers if self._kept else ())}
        return {name: each.detach().cpu().numpy().copy() for name, each in named.items() if name not in left_out}

    def reset(self) -> None:
        """Forget what was read."""
        self._state = None
        if self._kept:
            self._kept.reset()

    def state(self) -> list[Shaped[np.ndarray, "..."]]:
        """Return the state as arrays."""
        return [each.detach().cpu().numpy().copy() for each in self.tensors()]

    def restore(self, state: list[Shaped[np.ndarray, "..."]]) -> None:
        """Put a state in the place of its own."""
        self.reset()
        tensors = [torch.as_tensor(np.array(each), device=self._device) for each in state]
        if tensors and self._kept:
            self._kept.restore(tensors)
        elif tensors:
            self._state = like(self._example, iter(tensors))

    def tensors(self) -> list[torch.Tensor]:
        """Return the tensors of the state, with whatever gradient hangs on them."""
        return self._kept.tensors() if self._kept else flat(self._state)

    def detach(self) -> None:
        """Keep the state and forget how it came about."""
        if self._kept:
            self._kept.detach()
        elif self._state is not None:
            self._state = like(self._state, iter([each.detach() for each in flat(self._state)]))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Read on from the state, with gradients; inputs are as `encoded` gives them."""
        if self._form == "explicit" and self._state is not None:
            said = self.module(inputs, self._state)
        else:
            said = self.module(inputs)
        if isinstance(said, tuple | list):
            said, self._state = said[0], said[1]
        return said if self.read_out is None else self.read_out(said)

    def whole(self) -> nn.Module:
        """Return the module with its read-out, called as the module itself is."""
        return self.module if self.read_out is None else _ReadOut(self.module, self.read_out)

    def encoded(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> torch.Tensor:
        """Return inputs as the module reads them."""
        if not self._task.symbols or np.ndim(inputs) == 3:
            return torch.as_tensor(np.asarray(inputs, np.float32), device=self._device)
        symbols = torch.as_tensor(np.asarray(inputs, np.int64), device=self._device)
        if self._task.options["inputs"] == "symbols":
            return symbols
        return nn.functional.one_hot(symbols, self._task.n_inputs).float()

    def read(
        self, inputs: Shaped[np.ndarray, "batch time ..."], training: bool = False
    ) -> Float[np.ndarray, "batch time output"]:
        """Read on from the state, with the weights as they are."""
        self.module.train(training)
        with torch.no_grad():
            return self.forward(self.encoded(inputs)).cpu().numpy()

    def learn(self, lesson: Batch) -> Taught:
        """Learn from a lesson as the rule says."""
        self.module.train()
        self.detach()
        return self._follower.learn(lesson)

    def sensitivity(self, inputs: Shaped[np.ndarray, "batch time ..."], step: int) -> Float[np.ndarray, " time"]:
        """Return how strongly the outputs at a step depend on each input."""
        self.module.eval()
        self.reset()
        read = self.encoded(inputs)
        if not read.is_floating_point():
            raise InvalidInput("inputs must be one-hot or real numbers for a gradient; use inputs='one-hot'")
        read = read.requires_grad_()
        said = self.forward(read)[:, step].sum()
        gradient = torch.autograd.grad(said, read, allow_unused=True)[0] if said.requires_grad else None
        self.reset()
        if gradient is None:
            return np.zeros(read.shape[1], np.float32)
        return gradient.square().sum(dim=(0, 2)).sqrt().cpu().numpy()

    @property
    def names_of_state(self) -> list[str]:
        """Return the names of the state of an LSTM or of another recurrent layer of PyTorch's own."""
        kinds = {type(part) for part in self.module.modules()}
        tensors = flat(self._example)
        if kinds & {nn.LSTM, nn.LSTMCell} and len(tensors) == 2 and tensors[0].shape == tensors[1].shape:
            return ["hidden", "cell"]
        return ["hidden"] if kinds & {nn.GRU, nn.GRUCell, nn.RNN, nn.RNNCell} and len(tensors) == 1 else []

    def gradient(
        self, inputs: Shaped[np.ndarray, "batch time ..."], weights: Float[np.ndarray, "batch output"]
    ) -> Float[np.ndarray, "batch time feature"]:
        """Return the gradient of the weighted sum of the last outputs with respect to each input vector."""
        self.module.eval()
        self.reset()
        read = self.encoded(inputs)
        if not read.is_floating_point():
            raise InvalidInput("probe credit must be given inputs='one-hot', but got inputs='symbols'; leave it out")
        read = read.requires_grad_()
        said = (self.forward(read)[:, -1] * torch.as_tensor(weights, device=self._device)).sum()
        (gradient,) = torch.autograd.grad(said, read)
        self.reset()
        return gradient.cpu().numpy()

    def derivative(
        self, state: list[Shaped[np.ndarray, "..."]], inputs: Shaped[np.ndarray, "batch ..."], axes: list[int]
    ) -> Float[np.ndarray, "batch unit unit"]:
        """Return the derivative of the next state with respect to the state, number by number."""
        self.module.eval()
        before = [torch.as_tensor(np.array(each), device=self._device).requires_grad_() for each in state]
        self.reset()
        if self._kept:
            self._kept.restore(before)
        else:
            self._state = like(self._example, iter(before))
        self.forward(self.encoded(inputs[:, None]))
        after = _side_by_side(self.tensors(), axes)
        rows: list[torch.Tensor] = []
        for unit in after.sum(dim=0):  # sequences do not see each other
            found = torch.autograd.grad(unit, before, retain_graph=True, allow_unused=True)
            grown: list[torch.Tensor | None] = list(found)  # None where a tensor has no part in it
            whole = [torch.zeros_like(old) if new is None else new for new, old in zip(grown, before, strict=True)]
            rows.append(_side_by_side(whole, axes))
        self.reset()
        return torch.stack(rows, dim=1).detach().cpu().numpy()

    def _find_out(self) -> None:
        """Read two steps: which form the module has, and whether it needs a read-out."""
        task = self._task
        steps = np.zeros((task.rows, 2) if task.symbols else (task.rows, 2, task.n_inputs), np.float32)
        self.module.eval()
        with torch.no_grad():
            read = lambda: self.module(self.encoded(steps))  # noqa: E731
            said = self._kept.find(read) if self._kept else read()
        if isinstance(said, tuple | list):
            if self._kept or len(said) != 2:
                raise RunFailed(
                    f"{self._place()} must return outputs, or a pair of outputs and state without reset, but returned "
                    f"{len(said)} things" + (f" and has reset='{task.options['reset']}'" if self._kept else "")
                )
            said, self._example = said
            self._form = "explicit"
        if not isinstance(said, torch.Tensor) or said.ndim != 3 or said.shape[:2] != (task.rows, 2):
            shape = tuple(said.shape) if isinstance(said, torch.Tensor) else type(said).__name__
            raise RunFailed(
                f"{self._place()} must return outputs of shape (batch, time, output), ({task.rows}, 2, ...) for "
                f"{task.rows} sequences of 2 steps, but returned {shape}"
            )
        if not torch.isfinite(said).all():
            raise RunFailed(
                f"{self._place()} must return finite numbers, but returned NaN or infinity before any training"
            )
        if said.shape[2] != task.n_outputs:
            self.read_out = self._drawn(said.shape[2])
        self.reset()

    def _drawn(self, width: int) -> nn.Linear:
        """Return a read-out with the weights that our own models' would have."""
        task = self._task
        layer = nn.Linear(width, task.n_outputs, device=self._device)
        params = Dense(task.n_outputs).init(np.random.default_rng([task.seed, INIT]), width)
        with torch.no_grad():
            layer.weight.copy_(torch.as_tensor(np.array(params.kernel.T), device=self._device))
            layer.bias.copy_(torch.as_tensor(np.array(params.bias), device=self._device))
        return layer

    def _place(self) -> str:
        """Return where the module's forward stands, in words."""
        kind = type(self.module)
        try:
            mine = inspect.getsourcefile(kind.forward) == str(self._task.user.path)
            line = inspect.getsourcelines(kind.forward)[1]
        except (OSError, TypeError):
            mine, line = False, 0
        if mine:
            return f"forward of {kind.__name__} ({self._task.user.path.name}, line {line})"
        return f"the module of {self._task.user.name} ({self._task.user.place})"


class _ReadOut(nn.Module):
    """A module whose outputs go through a layer."""

    def __init__(self, module: nn.Module, layer: nn.Module) -> None:
        super().__init__()
        self.module, self.layer = module, layer

    def forward(self, inputs: torch.Tensor, *state: Any) -> Any:
        """Read as the module does."""
        said = self.module(inputs, *state)
        return (self.layer(said[0]), said[1]) if isinstance(said, tuple | list) else self.layer(said)


def _side_by_side(tensors: list[torch.Tensor], axes: list[int]) -> torch.Tensor:
    """Return tensors as one vector a sequence."""
    return torch.cat([each.movedim(axis, 0).flatten(1) for each, axis in zip(tensors, axes, strict=True)], dim=1)


def _device(name: str) -> torch.device:
    """Return a device that is there."""
    try:
        torch.zeros(1, device=name)
        return torch.device(name)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        sentence = str(error).strip().splitlines()[0]
        raise RunFailed(f"device must be one that PyTorch finds here, but got '{name}' ({sentence}); use cpu") from None
