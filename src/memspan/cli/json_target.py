"""Where an answer in JSON goes: to standard output, or to a file that is replaced as a whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput

__all__ = ["JsonTarget", "goes_to_standard_output", "spelt_out"]

OPTION = "--json"
TAKES_A_FILE = ("hold", "resume", "span", "tune")  # commands in which a file, or "-", may follow the option


def spelt_out(words: Sequence[str]) -> list[str]:
    """Return the words with standard output named where --json stands alone, for a parser that wants a value.

    Example:
        >>> spelt_out(["span", "mine.toml", "--json"])
        ['span', 'mine.toml', '--json', '-']
        >>> spelt_out(["demo", "--json"])
        ['demo', '--json']
    """
    if not words or words[0] not in TAKES_A_FILE:
        return list(words)
    spelt: list[str] = []
    for place, word in enumerate(words):
        spelt.append(word)
        following = words[place + 1] if place + 1 < len(words) else "--"
        if word == OPTION and following.startswith("-") and following != "-":
            spelt.append("-")
    return spelt


def goes_to_standard_output(words: Sequence[str]) -> bool:
    """Return whether an answer in JSON was asked for on standard output, where errors are objects too.

    Example:
        >>> [goes_to_standard_output(["span", "mine.toml", *more]) for more in (["--json"], ["--json", "mine.json"])]
        [True, False]
    """
    spelt = spelt_out(words)
    if OPTION not in spelt:
        return f"{OPTION}=-" in spelt
    return spelt[0] not in TAKES_A_FILE or spelt[spelt.index(OPTION) + 1] == "-"


@dataclass(frozen=True)
class JsonTarget:
    """Where an answer goes.

    Attributes:
        path: the file; None for standard output.
    """

    path: Path | None

    @classmethod
    def of(cls, text: str) -> JsonTarget:
        """Return the target of an option's text; asked for before the work, so that no answer is lost.

        Example:
            >>> JsonTarget.of("answer.txt")
            Traceback (most recent call last):
            memspan.core.errors.InvalidInput: --json must be - or a file named *.json, but got 'answer.txt'; ...

        Raises:
            InvalidInput: no answer can be written there.
        """
        if text == "-":
            return cls(None)
        path = Path(text).resolve()
        if path.suffix.lower() != ".json":
            raise InvalidInput(f"{OPTION} must be - or a file named *.json, but got '{text}'; rename it")
        if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
            raise InvalidInput(
                f"{OPTION} must be a file in a folder that exists and that you may write to, but got '{text}'; choose "
                "another"
            )
        return cls(path)

    def write(self, answer: dict[str, Any], last: bool) -> None:
        """Write an answer: to a file each time, so that it is there whatever happens; else only the last one.

        Args:
            answer: plain data.
            last: whether nothing will be added to it.
        """
        text = json.dumps(answer, allow_nan=False) + "\n"
        if self.path is None:
            if last:
                sys.stdout.write(text)
            return
        unfinished = self.path.with_name(f".{self.path.name}.{os.getpid()}")
        try:
            unfinished.write_text(text, encoding="utf-8")
            os.replace(unfinished, self.path)
        finally:
            unfinished.unlink(missing_ok=True)
