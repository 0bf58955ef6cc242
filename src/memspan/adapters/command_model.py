"""A command that answers in JSON Lines, started and asked: the operations of an adapted model."""

from __future__ import annotations

import json
import queue
import shlex
import subprocess
import threading
from typing import Any

import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import Task
from memspan.adapters.answers import encoded, outputs_of
from memspan.adapters.reading import AbstractReader
from memspan.core.errors import RunFailed

__all__ = ["CommandModel"]

SHOWN = 80  # characters of an answer that is none


class CommandModel(AbstractReader):
    """A program with a pipe on either side. What it writes to standard error goes to ours.

    Args:
        task: what it is for.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        try:
            self._program = subprocess.Popen(
                shlex.split(task.user.name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
            )
        except OSError as error:
            raise RunFailed(f"{task.user.name} could not be started: {error.strerror}") from None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._asked = 0

    def __del__(self) -> None:
        if hasattr(self, "_program"):
            self._program.kill()
            self._program.wait()

    def answer(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Float[np.ndarray, "batch time output"]:
        """Ask it sequence by sequence, or step by step."""
        by_step = self.task.options["by"] == "step"
        rows = [self._steps(each) if by_step else self._sequence(each) for each in encoded(inputs, self.task)]
        return np.concatenate(rows)

    def _sequence(self, inputs: Shaped[np.ndarray, "time ..."]) -> Float[np.ndarray, "1 time output"]:
        said = self._ask({"inputs": inputs.tolist()}, "outputs")
        return self._read([said], len(inputs))

    def _steps(self, inputs: Shaped[np.ndarray, "time ..."]) -> Float[np.ndarray, "1 time output"]:
        self._write({"reset": True})
        return np.concatenate([self._read([[self._ask({"input": x}, "output")]], 1) for x in inputs.tolist()], axis=1)

    def _read(self, said: Any, steps: int) -> Float[np.ndarray, "1 time output"]:
        try:
            return outputs_of(said, self.task, 1, steps)
        except RunFailed as failure:
            raise RunFailed(f"{failure} (line {self._asked} of its answers)") from None

    def _ask(self, question: dict[str, Any], key: str) -> Any:
        """Write a line, and return what the next line that is read holds."""
        self._write(question)
        self._asked += 1
        limit = self.task.options["limit"]
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            raise RunFailed(
                f"{self.task.user.name} was asked for line {self._asked} of its answers and took more than the "
                f"{limit:g} s of time_limit; it must write a line and flush it"
            ) from None
        if not line:
            code = self._program.wait()
            raise RunFailed(f"{self.task.user.name} ended, with code {code}, before line {self._asked} of its answers")
        try:
            return json.loads(line)[key]
        except (ValueError, KeyError, TypeError, IndexError):
            raise RunFailed(
                f'{self.task.user.name} must answer with lines such as {{"{key}": ...}}, but line {self._asked} was '
                f"{line.strip()[:SHOWN]!r}"
            ) from None

    def _write(self, question: dict[str, Any]) -> None:
        pipe: Any = self._program.stdin
        try:
            pipe.write(json.dumps(question) + "\n")
            pipe.flush()
        except OSError:  # it has ended, which the reader will notice
            return

    def _listen(self) -> None:
        pipe: Any = self._program.stdout
        for line in pipe:
            self._lines.put(line)
        self._lines.put("")
