"""The process that a user's model lives in: it does what it is told over its standard input, until that is closed."""

from __future__ import annotations

import faulthandler
import importlib
import os
import queue
import signal
import sys
import tempfile
import threading
from typing import IO, Any

from memspan.adapters.blame import blamed
from memspan.adapters.frames import receive, send
from memspan.adapters.tutor import Tutor
from memspan.core.errors import InvalidInput, RunFailed

__all__ = ["main"]


def main(maker: str) -> None:
    """Answer one message after the other. What the user's code prints goes to standard error.

    Args:
        maker: "module:name" of what makes an `AbstractAdapted` of a task.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    questions: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, questions), daemon=True).start()
    with tempfile.NamedTemporaryFile("w", prefix="memspan-", suffix=".trace") as trace:
        faulthandler.enable(trace)
        module, _, name = maker.partition(":")
        try:
            make = getattr(importlib.import_module(module), name)  # before any clock runs: frameworks take seconds
        except ImportError as error:
            send(answers, ("refused", f"a model's framework must be installed wherever it is run, but: {error}"))
            return
        send(answers, ("ok", trace.name))
        _serve(questions, answers, trace, make)


def _listen(pipe: IO[bytes], questions: queue.SimpleQueue[Any]) -> None:
    """Hand over messages; when the parent has gone, end at once, whatever the user's code is doing."""
    while True:
        try:
            questions.put(receive(pipe))
        except EOFError:
            _end()
        except Exception as error:  # a part of the task that cannot be imported here
            questions.put(error)


def _end() -> None:
    """End this process and those that the user's code started."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(1)


def _serve(questions: queue.SimpleQueue[Any], answers: IO[bytes], trace: Any, make: Any) -> None:
    """Answer questions (limit in seconds, path for modules, method of the tutor, arguments)."""
    tutor: Any = None
    user: Any = None
    while True:
        question = questions.get()
        try:
            if isinstance(question, Exception):
                raise InvalidInput(f"rule and optimizer must be found by a process of its own, but: {question}")
            limit, paths, name, arguments = question
            sys.path[:] = [*paths, *(each for each in sys.path if each not in paths)]
            faulthandler.dump_traceback_later(limit, file=trace)
            if name == "make":
                tutor, user = None, arguments[0].user
                tutor = Tutor(make, *arguments)
            answer = ("ok", tutor.shapes() if name == "make" else getattr(tutor, name)(*arguments))
        except RunFailed as failure:
            answer = ("failed", str(failure))
        except InvalidInput as refusal:
            answer = ("refused", str(refusal))
        except (Exception, SystemExit) as error:
            answer = ("failed", f"{user.name} failed at {blamed(error, user.path, user.place)}")
        finally:
            faulthandler.cancel_dump_traceback_later()
        send(answers, answer)
