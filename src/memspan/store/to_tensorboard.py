"""Runs to TensorBoard: a folder of events each, with curves by epoch and settings as hyper-parameters."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.store.exporters import ExportedRun, library

__all__ = ["send"]

FOLDER = "tensorboard"
UNFINISHED = ".unfinished"


def send(runs: Iterable[ExportedRun], target: str | None) -> str:
    """Write runs for TensorBoard; those whose folder is there already are left alone.

    Args:
        runs: what to write.
        target: the folder that `tensorboard --logdir` is to read; ./tensorboard by default.

    Returns:
        What was done, in words.

    Raises:
        InvalidInput: TensorBoard is not installed, or the folder cannot be made.
    """
    library("tensorboard", "tensorboard")
    folder = Path(target or FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInput(
            f"the target must be a folder that can be made, but got '{folder}': {error.strerror}; name another"
        ) from error
    sent, left = 0, 0
    for one in runs:
        place = folder / one.key
        if place.exists():
            left += 1
            continue
        _write(place.with_name(one.key + UNFINISHED), one)
        place.with_name(one.key + UNFINISHED).replace(place)
        sent += 1
    told = f"wrote {sent:,} runs to {folder}" + (f"; {left:,} were there" if left else "")
    return f"{told}; look at them with tensorboard --logdir {folder}"


def _write(place: Path, one: ExportedRun) -> None:
    writer_of: Any = library("tensorboard.summary.writer.event_file_writer", "tensorboard")
    proto: Any = library("tensorboard.compat.proto.event_pb2", "tensorboard")
    summary: Any = library("tensorboard.compat.proto.summary_pb2", "tensorboard")
    hparams: Any = library("tensorboard.plugins.hparams.summary_v2", "tensorboard")
    for old in place.glob("*"):  # of a process that was stopped
        old.unlink()
    writer, now = writer_of.EventFileWriter(str(place)), time.time()

    def scalar(name: str, value: float, step: int) -> None:
        value_of = summary.Summary(value=[summary.Summary.Value(tag=name, simple_value=value)])
        writer.add_event(proto.Event(wall_time=now, step=step, summary=value_of))

    settings = {name: "" if value is None else value for name, value in one.settings.items()}
    told = hparams.hparams_pb({**settings, **one.words}, trial_id=one.key)
    writer.add_event(proto.Event(wall_time=now, step=0, summary=told))
    for name, value in one.numbers.items():
        scalar(name.replace(".", "/"), value, 0)
    for name, curve in one.curves.items():
        for epoch, value in curve:
            scalar(f"curve/{name}", value, epoch)
    writer.close()
