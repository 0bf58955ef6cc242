"""Learning rules for a PyTorch module: how far the gradient is followed, and an update of ours with it."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import jax
import numpy as np
import torch

from memspan.adapters.abstract import Task
from memspan.adapters.loop import Loop
from memspan.adapters.own_loop import OwnLoop
from memspan.adapters.torch_loop import LoopBatch
from memspan.adapters.torch_loss import mean_loss
from memspan.core.batch import Batch
from memspan.core.errors import RunFailed
from memspan.core.foreign import Taught
from memspan.rules import BPTT, Online

__all__ = ["Follower"]


@runtime_checkable
class Readable(Protocol):
    """What a rule asks of a module."""

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Read on from the state, with gradients."""
        ...

    def encoded(self, inputs: Any) -> torch.Tensor:
        """Return inputs as the module reads them."""
        ...

    def detach(self) -> None:
        """Keep the state and forget how it came about."""
        ...

    def state(self) -> list[Any]:
        """Return the state as arrays."""
        ...

    def restore(self, state: list[Any]) -> None:
        """Put a state in the place of its own."""
        ...

    def whole(self) -> torch.nn.Module:
        """Return the module with its read-out."""
        ...

    def trained(self) -> dict[str, torch.nn.Parameter]:
        """Return the parameters that are trained."""
        ...


class Follower:
    """Teaches a module as a rule of ours teaches a model of ours: the same loss, the same updates.

    The optimizer is the spec's own, on one vector of all weights, so that it is the same to the last setting.

    Args:
        model: the module.
        task: names rule, loss and optimizer.
    """

    def __init__(self, model: Readable, task: Task) -> None:
        self._model, self._loss, self._rule, self._updates = model, task.loss, task.rule, 0
        self._loop = Loop(task.rule.user, model.whole()) if isinstance(task.rule, OwnLoop) else None
        if task.optimizer is not None and self._loop is None:
            transform = task.optimizer.build()
            self._memory = transform.init(self._vector())
            self._change = jax.jit(transform.update)

    def learn(self, lesson: Batch) -> Taught:
        """Learn from a lesson, `[batch, time, ...]`."""
        inputs = self._model.encoded(lesson.inputs)
        targets = np.asarray(lesson.targets)
        kind = np.float32 if targets.dtype.kind == "f" else np.int64
        targets = torch.as_tensor(targets.astype(kind), device=inputs.device)
        mask = torch.as_tensor(np.array(lesson.mask, bool), device=inputs.device)
        steps, self._updates = inputs.shape[1], 0
        if self._loop is not None:
            return Taught(self._shown(self._loop, LoopBatch(inputs, targets, mask, self._loss)), 1)
        if isinstance(self._rule, BPTT):
            return Taught(self._update(self._model.forward(inputs), targets, mask), self._updates)
        k1, k2 = (1, 1) if isinstance(self._rule, Online) else (min(self._rule.k1, steps), self._rule.k2)
        return Taught(self._truncated(inputs, targets, mask, k1, k2), self._updates)

    def _shown(self, loop: Loop, batch: LoopBatch) -> float:
        """Have the user's loop learn from a batch; return the loss that it computed."""
        loop.show(batch)
        if not batch.met:
            user = self._rule.user
            raise RunFailed(f"{user.name} ({user.place}) must call batch.loss(outputs) for each batch")
        return batch.met[-1]

    def _truncated(self, inputs: Any, targets: Any, mask: Any, k1: int, k2: int) -> float:
        """Update after every `k1` steps, from a window of `k2`; return the mean loss met."""
        begin, steps, met = 0, inputs.shape[1], 0.0
        for number, first in enumerate(range(0, steps, k1)):
            end = min(first + k1, steps)
            following = max(0, (number + 2) * k1 - k2)  # where the next window begins
            state = self._model.state() if following == begin else None
            said: list[torch.Tensor] = []
            if begin < following < end:
                said.append(self._model.forward(inputs[:, begin:following]))
                state = self._model.state()
            said.append(self._model.forward(inputs[:, max(begin, following) if said else begin : end]))
            outputs = torch.cat(said, dim=1)[:, first - begin :]
            met += self._update(outputs, targets[:, first:end], mask[:, first:end]) * float(mask[:, first:end].sum())
            if state is not None and end < steps:
                self._model.restore(state)
            self._model.detach()
            begin = following
        return met / max(float(mask.sum()), 1.0)

    def _update(self, outputs: torch.Tensor, targets: torch.Tensor, mask: torch.Tensor) -> float:
        """Change the weights by the gradient of the mean loss, unless nothing was scored; return that loss."""
        loss = mean_loss(self._loss, outputs, targets, mask)
        if bool(mask.any()):
            named = self._model.trained().values()
            gradients: Any = torch.autograd.grad(loss, list(named), allow_unused=True)
            flat = [
                torch.zeros_like(each) if gradient is None else gradient
                for each, gradient in zip(named, gradients, strict=True)
            ]
            vector = torch.cat([each.reshape(-1) for each in flat]).float().cpu().numpy()
            change, self._memory = self._change(vector, self._memory, self._vector())
            parts = np.split(np.array(change), np.cumsum([each.numel() for each in flat])[:-1])
            with torch.no_grad():
                for each, part in zip(named, parts, strict=True):
                    each += torch.as_tensor(part.reshape(each.shape), device=each.device)
            self._updates += 1
        return float(loss.detach())

    def _vector(self) -> np.ndarray:
        """Return all weights as one vector."""
        parts = [each.detach().reshape(-1) for each in self._model.trained().values()]
        return torch.cat(parts).float().cpu().numpy()
