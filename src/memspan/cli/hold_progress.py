"""What `memspan hold` says while it works: on standard error, a moving bar for a person, a few lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, TextColumn

from memspan.cli.console import err

if TYPE_CHECKING:
    from memspan.core.spec import Spec
    from memspan.engine.train import Progress as Done

__all__ = ["Say", "silent", "speaker", "training"]

Say = Callable[[str], None]
SILENCE = 10.0  # seconds between two lines where no bar can be shown


def silent(sentence: str) -> None:
    """Say nothing."""


def speaker(quiet: bool) -> Say:
    """Return what says a sentence on standard error, or nothing.

    Args:
        quiet: whether to say nothing.
    """
    if quiet:
        return silent
    console = err()
    return lambda sentence: console.print(sentence, markup=False, soft_wrap=True)


@contextmanager
def training(spec: Spec, seeds: Sequence[int], say: Say) -> Generator[Callable[[Done], None], None, None]:
    """Show how far training is.

    Args:
        spec: what is trained.
        seeds: from which seeds.
        say: what says a line.
    """
    say(
        f"training {len(seeds):,} run{'s' if len(seeds) != 1 else ''} of {spec.epochs:,} epochs: {spec.problem.variant}"
    )
    console, spoke = err(), time.monotonic()
    columns = TextColumn("training"), BarColumn(bar_width=20), TextColumn("loss {task.fields[loss]:.4f}")
    with Progress(*columns, console=console, transient=True, disable=say is silent or not console.is_terminal) as bars:
        task = bars.add_task("training", total=spec.epochs * len(seeds), loss=float("nan"))

        def progress(done: Done) -> None:
            nonlocal spoke
            bars.update(task, completed=done.epochs, loss=done.loss)
            if not console.is_terminal and time.monotonic() - spoke > SILENCE:
                spoke = time.monotonic()
                say(f"training: {100 * done.epochs // max(done.of, 1)} % done, loss {done.loss:.4f}")

        yield progress
