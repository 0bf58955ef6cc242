"""`memspan show --watch`: a study that another process runs, as it grows."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memspan.store import Store
    from memspan.studies.noted import NotedStudy

__all__ = ["Seen", "follow", "watch"]

EVERY = 0.5  # seconds between two looks
IDLE = 20  # looks without a writer after which a study that is not done counts as stopped

Show = Callable[["Store", "NotedStudy"], tuple[dict[str, Any], list[str]]]


@dataclass(frozen=True, eq=False)
class Seen:
    """A study at one moment.

    Attributes:
        answer: it as plain data.
        lines: it in words.
        done: whether all its runs are there.
        running: whether a process writes its store.
        rate: runs a second since the watching began; 0 where none was added.
    """

    answer: dict[str, Any]
    lines: list[str]
    done: bool
    running: bool
    rate: float

    @property
    def note(self) -> str:
        """What is going on, in one line."""
        from memspan.studies.in_words import about

        missing = self.answer["of"] - self.answer["runs"]
        if self.done:
            return "done"
        if not self.running:
            return "not done, and no process writes it now; memspan resume goes on"
        if not self.rate:
            return f"running; {missing:,} runs to go"
        return f"running; {missing:,} runs to go, {self.rate:.3g} a second, {about(missing / self.rate)} left"


def follow(store: Store, study: NotedStudy, show: Show, every: float = EVERY) -> Iterator[Seen]:
    """Yield a study whenever it has changed, until it is done, or nobody writes it any more.

    Args:
        store: where it is; the process that writes it is not disturbed.
        study: which one.
        show: says what there is of it.
        every: seconds between two looks.
    """
    began, first, before, idle = time.monotonic(), None, "", 0
    while True:
        answer, lines = show(store, study)
        running, done = _written(store.path), answer["runs"] == answer["of"]
        first = answer["runs"] if first is None else first
        rate = (answer["runs"] - first) / max(time.monotonic() - began, every)
        idle = 0 if running else idle + 1
        stopped = idle >= IDLE
        now = json.dumps([answer["runs"], answer["cells"], stopped], default=str)
        if now != before or done:
            yield Seen(answer, lines, done, not stopped, rate)
        if done or stopped:
            return
        before = now
        time.sleep(every)


def watch(store: Store, study: NotedStudy, show: Show, as_json: bool) -> int:
    """Show a study as it grows: in place on a terminal, else what has changed line by line, or one object a change.

    Args:
        store: where it is.
        study: which one.
        show: says what there is of it.
        as_json: whether to print JSON Lines.

    Returns:
        The exit code: 0 where it was watched to its end, or until Ctrl-C; 1 where it stopped before.
    """
    from memspan.cli.console import out
    from memspan.cli.exits import Exit

    last: Seen | None = None
    try:
        if out().is_terminal and not as_json:
            last = _in_place(follow(store, study, show))
        else:
            for one in _line_by_line(follow(store, study, show), as_json):
                last = one
                sys.stdout.flush()
    except KeyboardInterrupt:
        return Exit.DONE  # looking away is no failure, and the study goes on
    return Exit.DONE if last is not None and last.done else Exit.FAILED


def _in_place(seen: Iterator[Seen]) -> Seen | None:
    from rich.live import Live
    from rich.text import Text

    from memspan.cli.console import out

    last: Seen | None = None
    with Live(console=out(), auto_refresh=False, vertical_overflow="visible") as live:
        for one in seen:
            words = Text("\n".join([*one.lines, "", one.note]), no_wrap=True, overflow="ellipsis")
            live.update(words, refresh=True)
            last = one
    return last


def _line_by_line(seen: Iterator[Seen], as_json: bool) -> Iterator[Seen]:
    """Print what has changed: for a log or another program, which cannot be written over."""
    before: dict[tuple[str, int], int] = {}
    for one in seen:
        if as_json:
            answer = {**one.answer, "done": one.done, "running": one.running, "runs_a_second": one.rate}
            sys.stdout.write(json.dumps({"version": 1, "command": "show", **answer}, allow_nan=False) + "\n")
            yield one
            continue
        for cell in one.answer["cells"]:
            key = cell["recipe"], cell["lag"]
            if cell["runs"] != before.get(key, 0):
                sys.stdout.write(_line(cell) + "\n")
            before[key] = cell["runs"]
        sys.stdout.write(f"{one.answer['runs']:,} of {one.answer['of']:,} runs, {one.note}\n")
        yield one


def _line(cell: dict[str, Any]) -> str:
    from memspan.studies.in_words import percent

    low, high = (percent(cell["success"][end]) for end in ("low", "high"))
    solved = f"{cell['solved']:,}/{cell['runs']:,} [{low}, {high}] %"
    return f"{cell['recipe']}, lag {cell['lag']:,}: {cell['runs']:,} of {cell['of']:,} runs, {solved} solve it"


def _written(path: Path) -> bool:
    """Return whether some process writes a store, without taking its lock from it."""
    from memspan.store.lock import is_held

    return is_held(path)
