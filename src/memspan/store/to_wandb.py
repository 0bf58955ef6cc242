"""Runs to Weights & Biases: one run each, with settings as its configuration and curves by epoch."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable

from memspan.core.errors import InvalidInput
from memspan.store.exporters import ExportedRun, library

__all__ = ["send"]

PROJECT = "memspan"


def send(runs: Iterable[ExportedRun], target: str | None) -> str:
    """Send runs to Weights & Biases. One that is sent again takes its own place, for its name is its spec and seed.

    With WANDB_MODE=offline they are written to ./wandb, from where `wandb sync` sends them.

    Args:
        runs: what to send.
        target: the project, or entity/project; memspan by default.

    Returns:
        What was done, in words.

    Raises:
        InvalidInput: the library is not installed, or nobody is logged in.
    """
    wandb = library("wandb", "wandb")
    entity, _, project = (target or PROJECT).rpartition("/")
    quiet = wandb.Settings(console="off", silent=True)
    sent = 0
    for one in runs:
        try:
            run = wandb.init(
                project=project,
                entity=entity or None,
                id=one.key,
                name=f"{one.spec[:8]} seed {one.run.seed}",
                group=one.spec,
                config={**one.settings, **one.words},
                resume=None if os.environ.get("WANDB_MODE") == "offline" else "allow",
                settings=quiet,
            )
        except wandb.errors.Error as error:
            raise InvalidInput(
                f"--to wandb must reach its server, but {' '.join(str(error).split())}; run wandb login, or set "
                "WANDB_MODE=offline"
            ) from error
        by_epoch: defaultdict[int, dict[str, float]] = defaultdict(dict)
        for name, curve in one.curves.items():
            for epoch, value in curve:
                by_epoch[epoch][f"curve.{name}"] = value
        for epoch, values in sorted(by_epoch.items()):
            run.log(values, step=epoch)
        run.summary.update(one.numbers)
        run.finish(exit_code=int(one.run.status == "failed"))
        sent += 1
    wandb.teardown()  # all of it is written or sent when this returns
    where = "written to ./wandb" if os.environ.get("WANDB_MODE") == "offline" else "sent"
    return f"{sent:,} runs {where}, project {target or PROJECT}"
