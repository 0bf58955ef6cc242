"""A predictor that is already trained: a function of the user's, or a command that answers in JSON Lines."""

from __future__ import annotations

import hashlib
import math
import platform
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memspan.adapters.hosted import AbstractHosted
from memspan.adapters.process import Home
from memspan.adapters.settings import frozen_settings
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput, check_choice

__all__ = ["Command", "CommandLine", "Predict"]

RETURNS = ("logits", "probabilities", "symbols")
INPUTS = ("symbols", "one-hot")
BY = ("sequence", "step")
LONG = 1e6  # seconds


@dataclass(frozen=True, init=False)
class Predict(AbstractHosted):
    """A function of yours from sequences to outputs. Nothing is trained: it is asked once a seed, and judged.

    It is called with inputs `[batch, time]` of symbols or `[batch, time, feature]`, as a NumPy array, and with your
    settings, and returns `[batch, time, output]`, or symbols `[batch, time]`. It runs in a process of its own. Every
    seed draws sequences of its own; on a problem whose sequences are always the same, ask with one seed.

    Args:
        function: "module:function"; the module may lie in the current folder.
        inputs: "symbols" as whole numbers, or as "one-hot" vectors.
        returns: "logits" (or real numbers, where the problem has such targets), "probabilities" or "symbols".
        time_limit: seconds that one call may take; no part of the identity.
        **settings: what the function is called with.

    Attributes:
        user: where the function stands, and the hash of its file.
        settings: names and values, sorted by name.
        inputs: as given.
        returns: as given.

    Raises:
        InvalidInput: there is no such function, or an argument is not what it should be.
    """

    user: UserCode
    settings: tuple[tuple[str, Any], ...]
    inputs: str
    returns: str

    def __init__(
        self,
        function: str,
        *,
        inputs: str = "symbols",
        returns: str = "logits",
        time_limit: float = 300.0,
        **settings: Any,
    ) -> None:
        object.__setattr__(self, "user", UserCode("function", function))
        object.__setattr__(self, "settings", frozen_settings(function, settings))
        object.__setattr__(self, "inputs", check_choice("inputs", inputs, INPUTS))
        object.__setattr__(self, "returns", check_choice("returns", returns, RETURNS))
        object.__setattr__(self, "device", "")
        object.__setattr__(self, "time_limit", _checked(time_limit))

    @property
    def home(self) -> Home:
        """A plain process."""
        return Home("memspan.adapters.predictor:Predictor")

    @property
    def options(self) -> Mapping[str, Any]:
        """How the function is called, and what it returns."""
        return {"inputs": self.inputs, "returns": self.returns}

    @property
    def trains(self) -> bool:
        """It does not."""
        return False

    def check(self, spec: Any) -> None:
        """Accept any rule, for none is followed."""


@dataclass(frozen=True, init=False)
class CommandLine:
    """A command and the hash of those of its words that are files.

    Example:
        >>> CommandLine("python -m json.tool").name
        'python -m json.tool'

    Args:
        name: the words, as in a shell; no shell reads them.

    Attributes:
        name: the words.
        sha256: of the files among them, one after the other.

    Raises:
        InvalidInput: they cannot be told apart.
    """

    name: str
    sha256: str

    def __init__(self, name: str) -> None:
        try:
            words = shlex.split(name)
        except ValueError as error:
            raise InvalidInput(
                f"command must be words as in a shell, but got {name!r} ({error}); close the quotes"
            ) from None
        if not words:
            raise InvalidInput("command must be at least one word, but got none; give a program")
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "sha256", _hash(_files(name)))
        object.__setattr__(self, "_checked", True)

    def __getstate__(self) -> dict[str, str]:
        """Leave out that its files were looked at: they may be others where this is sent to."""
        return {"name": self.name, "sha256": self.sha256}

    @property
    def path(self) -> Path:
        """The first file among the words; the program where there is none.

        Raises:
            InvalidInput: where this was sent to there are other files, or none.
        """
        files = _files(self.name)
        if "_checked" not in vars(self) and _hash(files) != self.sha256:
            raise InvalidInput(
                f"the files of '{self.name}' must be the same wherever it is asked, but in {Path.cwd()} on "
                f"{platform.node()} they are not; copy them there, or name them with their folders"
            )
        object.__setattr__(self, "_checked", True)
        return files[0] if files else Path(shlex.split(self.name)[0])

    @property
    def place(self) -> str:
        """The command itself."""
        return self.name


@dataclass(frozen=True, init=False)
class Command(AbstractHosted):
    """A program that reads and writes JSON Lines: a predictor in any language, or at the other end of a network.

    With `by="sequence"` it reads `{"inputs": [...]}` and writes `{"outputs": [...]}`, one list entry a step. With
    `by="step"` it reads `{"reset": true}`, which is not answered, and `{"input": ...}`, which it answers by
    `{"output": ...}`. An input is a symbol, or a list of numbers. Nothing is trained: it is asked once a seed, and
    judged.

    Args:
        command: its words, as in a shell; no shell reads them.
        by: "sequence" or "step".
        inputs: "symbols" as whole numbers, or as "one-hot" vectors.
        returns: "logits" (or real numbers, where the problem has such targets), "probabilities" or "symbols".
        time_limit: seconds that one line's answer may take; no part of the identity.

    Attributes:
        user: the command, and the hash of the files among its words.
        by: as given.
        inputs: as given.
        returns: as given.

    Raises:
        InvalidInput: an argument is not what it should be.
    """

    user: Any
    by: str
    inputs: str
    returns: str

    def __init__(
        self,
        command: str,
        *,
        by: str = "sequence",
        inputs: str = "symbols",
        returns: str = "logits",
        time_limit: float = 60.0,
    ) -> None:
        object.__setattr__(self, "user", CommandLine(command))
        object.__setattr__(self, "by", check_choice("by", by, BY))
        object.__setattr__(self, "inputs", check_choice("inputs", inputs, INPUTS))
        object.__setattr__(self, "returns", check_choice("returns", returns, RETURNS))
        object.__setattr__(self, "device", "")
        object.__setattr__(self, "answer_limit", _checked(time_limit))
        object.__setattr__(self, "time_limit", LONG)  # an evaluation is many lines
        object.__setattr__(self, "settings", ())

    @property
    def home(self) -> Home:
        """A plain process, which starts the command."""
        return Home("memspan.adapters.command_model:CommandModel")

    @property
    def options(self) -> Mapping[str, Any]:
        """How the program is talked to."""
        return {"by": self.by, "inputs": self.inputs, "returns": self.returns, "limit": getattr(self, "answer_limit")}  # noqa: B009

    @property
    def trains(self) -> bool:
        """It does not."""
        return False

    def check(self, spec: Any) -> None:
        """Accept any rule, for none is followed."""


def _files(command: str) -> list[Path]:
    """Return those words that are files."""
    return [Path(word) for word in shlex.split(command)[1:] if Path(word).is_file()]


def _hash(files: list[Path]) -> str:
    return hashlib.sha256(b"".join(map(Path.read_bytes, files))).hexdigest()


def _checked(time_limit: float) -> float:
    if not 0 < time_limit < math.inf:
        raise InvalidInput(f"time_limit must be seconds, more than 0, but got {time_limit}; use time_limit=60")
    return time_limit
