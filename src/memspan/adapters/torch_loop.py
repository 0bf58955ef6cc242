"""The user's own training loop for a PyTorch module, fed epoch by epoch."""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import torch

from memspan.adapters.torch_loss import mean_loss
from memspan.adapters.user_code import UserCode
from memspan.core.errors import RunFailed
from memspan.core.foreign import Taught

__all__ = ["Loop", "LoopBatch"]


@dataclass
class LoopBatch:
    """What the user's loop is given.

    Attributes:
        inputs: what the module reads.
        targets: what it should say: symbols, or real numbers.
        mask: which positions are scored.
        name: of the problem's loss.
        met: the losses that were computed.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    mask: torch.Tensor
    name: str
    met: list[float] = field(default_factory=list[float])

    def loss(self, outputs: Any) -> torch.Tensor:
        """Return the problem's mean loss over the scored positions, of outputs or of a pair of outputs and state."""
        said = outputs[0] if isinstance(outputs, tuple | list) else outputs
        loss = mean_loss(self.name, said, self.targets, self.mask)
        self.met.append(float(loss.detach()))
        return loss


Batches: TypeAlias = "queue.SimpleQueue[LoopBatch | None]"
Ready: TypeAlias = "queue.SimpleQueue[BaseException | None]"


class Loop:
    """Runs the user's function in a thread that waits between two batches, and is let go when this is dropped.

    Args:
        user: the function.
        model: what it is given to train.
    """

    def __init__(self, user: UserCode, model: Any) -> None:
        self._user, self._function, self._model = user, user.load(), model
        self._batches: Batches = queue.SimpleQueue()
        self._ready: Ready = queue.SimpleQueue()
        self._started = False

    def learn(self, batch: LoopBatch) -> Taught:
        """Hand over a batch; return when the loop asks for the next one.

        Raises:
            RunFailed: it ended before.
        """
        if not self._started:
            self._start()
            self._wait()  # until it asks for the first
        self._batches.put(batch)
        self._wait()
        if not batch.met:
            raise RunFailed(f"{self._user.name} ({self._user.place}) must call batch.loss(outputs) for each batch")
        return Taught(batch.met[-1], 1)

    def _start(self) -> None:
        arguments = (self._user, self._function, self._model, self._batches, self._ready)
        threading.Thread(target=_run, args=arguments, daemon=True).start()  # which must not hold what it waits for
        weakref.finalize(self, self._batches.put, None)
        self._started = True

    def _wait(self) -> None:
        error = self._ready.get()
        if error is not None:
            raise error


def _run(user: UserCode, function: Callable[..., Any], model: Any, batches: Batches, ready: Ready) -> None:
    """Run the user's function to its end, and say how that came."""
    try:
        function(model, _each(batches, ready))
        raise RunFailed(f"{user.name} ({user.place}) must go on as long as there are batches, but it returned")
    except BaseException as error:
        ready.put(error)


def _each(batches: Batches, ready: Ready) -> Iterator[LoopBatch]:
    """Ask for one batch after the other, until there are no more."""
    while True:
        ready.put(None)
        batch = batches.get()
        if batch is None:
            return
        yield batch
