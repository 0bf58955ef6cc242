"""A time limit for a function of the user's in this process: what cannot be killed is interrupted, and left."""

from __future__ import annotations

import ctypes
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any, TypeVar

from memspan.adapters.blame import blamed, innermost
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput, RunFailed

__all__ = ["TooLong", "guarded", "within"]

T = TypeVar("T")


class TooLong(BaseException):
    """Interrupts a function that took too long, wherever it is."""


def guarded(user: UserCode, work: Callable[[], T]) -> T:
    """Return what a function returns; an error of the user's code in it is one sentence.

    Raises:
        RunFailed: it raised something.
    """
    try:
        return work()
    except (InvalidInput, RunFailed):
        raise
    except Exception as error:
        raise RunFailed(f"{user.name} failed at {blamed(error, user.path, user.place)}", for_all=True) from error


def within(seconds: float, user: UserCode, work: Callable[[], T]) -> T:
    """Return what a function returns, if it does so in time.

    Args:
        seconds: how long it may take.
        user: whose code it runs, for what is said of it.
        work: the function.

    Raises:
        RunFailed: it raised something, or took longer.
    """
    result: list[Any] = []
    thread = threading.Thread(target=lambda: _run(work, result), daemon=True)
    thread.start()
    thread.join(seconds)
    if result:
        value, error = result
        return guarded(user, lambda: _given(value, error))
    frame = sys._current_frames().get(thread.ident or 0)  # pyright: ignore
    stack = traceback.extract_stack(frame) if frame else []
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TooLong))
    place = innermost([(each.filename, each.lineno or 0) for each in stack[::-1]], user.path) or user.place
    raise RunFailed(
        f"{user.name} was stopped at {place}, for making the model took more than the {seconds:g} s of time_limit",
        for_all=True,
    )


def _run(work: Callable[[], Any], result: list[Any]) -> None:
    try:
        result.extend([work(), None])
    except BaseException as error:
        result.extend([None, error])


def _given(value: Any, error: BaseException | None) -> Any:
    if error is not None:
        raise error
    return value
