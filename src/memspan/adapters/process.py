"""A process of its own for a user's model, seen from here: questions with a time limit, and a certain end."""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple

from memspan.adapters.abstract import Task
from memspan.adapters.blame import blamed_in_dump
from memspan.adapters.frames import receive, send
from memspan.core.errors import InvalidInput, RunFailed

__all__ = ["Home", "WorkerProcess", "borrow", "close_idle", "give_back", "lease"]

STARTING = 300.0  # seconds in which a process must have imported what it needs
GRACE = 1.0  # seconds in which it must have written down where it hangs
START = "import sys; from memspan.adapters.worker import main; main(sys.argv[1])"


class Home(NamedTuple):
    """Which process a model needs.

    Attributes:
        maker: "module:name" of what makes an `AbstractAdapted` of a task there.
        environment: variables that must be set before it starts, such as a framework's backend.
    """

    maker: str
    environment: tuple[tuple[str, str], ...] = ()


class WorkerProcess:
    """One process and the model made last in it. One thread at a time may ask.

    Args:
        home: what it is for.
    """

    def __init__(self, home: Home) -> None:
        self.home, self._user, self._limit = home, "the model", STARTING
        self.key: Any = None  # whose code may have run in it
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", START, home.maker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(home),
            start_new_session=True,
        )
        self._answers: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            self._trace = Path(self._answer("starting", STARTING))
        except InvalidInput:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def make(self, task: Task, limit: float) -> dict[str, tuple[int, ...]]:
        """Make a model; return the shape of each of its weights.

        Args:
            task: what it is for.
            limit: seconds that this, and every later question, may take.

        Raises:
            RunFailed: the user's code failed, as it would for every seed.
            InvalidInput: the task asks for what the adapter cannot do.
        """
        self._user, self._file, self._limit = task.user.name, task.user.path, limit
        try:
            return self.ask("make", task)
        except RunFailed as failure:
            raise RunFailed(str(failure), for_all=True) from None

    def prepare(self, spec: Any) -> None:
        """Have a model compiled for a spec, within the time of a question.

        Raises:
            RunFailed: the user's code failed, as it would for every seed.
        """
        try:
            self.ask("operate", "prepare", spec)
        except RunFailed as failure:
            raise RunFailed(str(failure), for_all=True) from None

    def allow(self, limit: float) -> None:
        """Let every later question take so many seconds."""
        self._limit = limit

    def ask(self, name: str, *arguments: Any) -> Any:
        """Call a method of the `Tutor` in the process.

        Raises:
            RunFailed: the user's code failed, or took too long; the process has then ended.
            InvalidInput: what was asked for cannot be done.
        """
        pipe: Any = self._process.stdin
        with contextlib.suppress(BrokenPipeError):
            send(pipe, (self._limit, [os.getcwd(), *(each for each in sys.path if each)], name, arguments))
        return self._answer({"make": "making the model", "learn": "an epoch of training"}.get(name, name), self._limit)

    def close(self) -> None:
        """End the process and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # pyright: ignore[reportOptionalMemberAccess]
        if hasattr(self, "_trace"):
            self._trace.unlink(missing_ok=True)

    def _listen(self) -> None:
        pipe: Any = self._process.stdout
        with contextlib.suppress(EOFError, OSError, ValueError):
            while True:
                self._answers.put(receive(pipe))
        self._answers.put(("gone", ""))

    def _answer(self, doing: str, limit: float) -> Any:
        try:
            kind, value = self._answers.get(timeout=limit + GRACE)
        except queue.Empty:
            kind, value = "late", ""
        if kind == "ok":
            return value
        if kind in ("failed", "refused"):
            raise (RunFailed if kind == "failed" else InvalidInput)(value)
        where = self._where()
        self._process.kill()
        code = self._process.wait()
        self.close()
        if kind == "late":
            raise RunFailed(
                f"{self._user} was stopped{where}, for {doing} took more than the {limit:g} s of time_limit"
            )
        raise RunFailed(f"the process of {self._user} ended by itself{where}, with code {code}, during {doing}")

    def _where(self) -> str:
        """Return the line of the user's file at which the process was last seen, in words."""
        if not hasattr(self, "_file") or not self._trace.is_file():
            return ""
        place = blamed_in_dump(self._trace.read_text(errors="replace"), self._file)
        return f" at {place}" if place else ""


_idle: list[tuple[int, Any, WorkerProcess]] = []  # of which process, for which code, and the worker
_lock = threading.Lock()
_seats = threading.BoundedSemaphore(os.cpu_count() or 1)  # a search asks from many more threads than there are cores


@contextlib.contextmanager
def lease(home: Home, task: Task) -> Generator[WorkerProcess, None, None]:
    """Borrow a process in which the same code may have run before; there are no more of them at work than cores.

    Args:
        home: which process.
        task: whose code will run in it.
    """
    with _seats:
        worker = borrow(home, task)
        try:
            yield worker
        except (RunFailed, InvalidInput):
            give_back(worker)
            raise
        except BaseException:
            worker.close()  # a question may be open
            raise
        give_back(worker)


def borrow(home: Home, task: Task) -> WorkerProcess:
    """Return a process in which the same code may have run before; nobody else uses it until it is given back."""
    key = (home, task.user.path, task.user.sha256, os.getcwd())
    worker = _taken(key) or WorkerProcess(home)
    worker.key = key
    return worker


def give_back(worker: WorkerProcess) -> None:
    """Let others use a process, if it has not ended."""
    if worker.alive:
        with _lock:
            _idle.append((os.getpid(), worker.key, worker))


def _taken(key: Any) -> WorkerProcess | None:
    """Return an idle process for this code; those for other code are ended, for they hold memory."""
    with _lock:
        mine = [entry for entry in _idle if entry[0] == os.getpid()]
        _idle.clear()
        fit = [entry for entry in mine if entry[1] == key and entry[2].alive]
        _idle.extend(fit[1:])
    for entry in mine:
        if entry not in fit:
            entry[2].close()
    return fit[0][2] if fit else None


@atexit.register
def close_idle() -> None:
    """End all processes that wait for work."""
    with _lock:
        mine = [worker for process, _, worker in _idle if process == os.getpid()]
        _idle.clear()
    for worker in mine:
        worker.close()


def _environment(home: Home) -> dict[str, str]:
    """Return the variables of the process: one thread, whatever can be deterministic is, and our own sources."""
    ours = str(Path(__file__).resolve().parents[2])
    paths = [ours, *filter(None, [os.environ.get("PYTHONPATH", "")])]
    fixed = {
        "OMP_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
        "PYTHONPATH": os.pathsep.join(paths),
    }
    return {**os.environ, **fixed, **dict(home.environment)}
