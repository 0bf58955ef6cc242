"""The user's own training loop, fed batch by batch, in whichever framework."""

from __future__ import annotations

import contextlib
import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from memspan.adapters.user_code import UserCode
from memspan.core.errors import RunFailed

__all__ = ["Loop"]

Batches: TypeAlias = "queue.SimpleQueue[Any]"
Ready: TypeAlias = "queue.SimpleQueue[BaseException | bool]"  # what was raised, or whether a batch is asked for
Inside: TypeAlias = Callable[[], AbstractContextManager[Any]]


class Loop:
    """Runs the user's function in a thread that waits between two batches, and is let go when this is dropped.

    Args:
        user: the function.
        model: what it is given to train.
        inside: makes the context that it runs in: what a framework keeps for each thread, such as the device.
    """

    def __init__(self, user: UserCode, model: Any, inside: Inside = contextlib.nullcontext) -> None:
        self._user, self._function, self._model, self._inside = user, user.load(), model, inside
        self._batches: Batches = queue.SimpleQueue()
        self._ready: Ready = queue.SimpleQueue()
        self._started = False

    def show(self, batch: Any) -> None:
        """Hand over a batch; return when the loop asks for the next one.

        Raises:
            RunFailed: it ended before. Whatever else the user's code raises is raised here.
        """
        if not self._started:
            self._start()
            self._wait()  # until it asks for the first
        self._batches.put(batch)
        self._wait()

    def _start(self) -> None:
        arguments = (self._function, self._model, self._inside, self._batches, self._ready)
        threading.Thread(target=_run, args=arguments, daemon=True).start()  # which must not hold what it waits for
        weakref.finalize(self, self._batches.put, None)
        self._started = True

    def _wait(self) -> None:
        said = self._ready.get()
        if isinstance(said, BaseException):
            raise said
        if not said:
            place = f"{self._user.name} ({self._user.place})"
            raise RunFailed(f"{place} must go on as long as there are batches, but it returned")


def _run(function: Callable[..., Any], model: Any, inside: Inside, batches: Batches, ready: Ready) -> None:
    """Run the user's function to its end, and say how that came; in no words, for another thread may be parsing."""
    try:
        with inside():
            function(model, _each(batches, ready))
        ready.put(False)
    except BaseException as error:
        ready.put(error)


def _each(batches: Batches, ready: Ready) -> Iterator[Any]:
    """Ask for one batch after the other, until there are no more."""
    while True:
        ready.put(True)
        batch = batches.get()
        if batch is None:
            return
        yield batch
