"""Runs to MLflow: one MLflow run each, with settings as parameters and curves as metrics by epoch."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from memspan.store.exporters import ExportedRun, library

__all__ = ["send"]

EXPERIMENT = "memspan"
KEY = "memspan.run"  # the tag that tells which run it is, so that none is sent twice
METRICS, PARAMETERS = 1000, 100  # at most in one request
LONGEST = 6000  # letters of a parameter


def send(runs: Iterable[ExportedRun], target: str | None) -> str:
    """Send runs to MLflow; those that are there already are left alone.

    Args:
        runs: what to send.
        target: the tracking URI, such as sqlite:///mlflow.db or http://host:5000; MLflow's own default otherwise.

    Returns:
        What was done, in words.

    Raises:
        InvalidInput: MLflow is not installed.
    """
    mlflow = library("mlflow", "mlflow")
    entities = library("mlflow.entities", "mlflow")
    client = mlflow.MlflowClient(tracking_uri=target)
    there = client.get_experiment_by_name(EXPERIMENT)
    experiment = there.experiment_id if there else client.create_experiment(EXPERIMENT)
    known = set(_known(client, experiment))
    sent, left = 0, 0
    for one in runs:
        if one.key in known:
            left += 1
            continue
        _send_one(client, entities, experiment, one)
        sent += 1
    return f"sent {sent:,} runs to MLflow's experiment {EXPERIMENT}" + (f"; {left:,} were there" if left else "")


def _send_one(client: Any, entities: Any, experiment: str, one: ExportedRun) -> None:
    now = int(1000 * time.time())
    seconds = int(1000 * one.run.seconds)
    name = f"{one.spec[:8]} seed {one.run.seed}"
    tags = {f"memspan.{word}": value for word, value in one.words.items()}
    run = client.create_run(experiment, start_time=now - seconds, run_name=name, tags=tags).info.run_id
    params = [entities.Param(name, str(value)[:LONGEST]) for name, value in one.settings.items()]
    points = [(name, value, 0) for name, value in one.numbers.items()]
    points += [(f"curve.{name}", value, epoch) for name, curve in one.curves.items() for epoch, value in curve]
    metrics = [entities.Metric(name, value, now, step) for name, value, step in points]
    for first in range(0, len(params), PARAMETERS):
        client.log_batch(run, params=params[first : first + PARAMETERS])
    for first in range(0, len(metrics), METRICS):
        client.log_batch(run, metrics=metrics[first : first + METRICS])
    client.set_tag(run, KEY, one.key)  # last, so that what was broken off is sent anew
    client.set_terminated(run, "FAILED" if one.run.status == "failed" else "FINISHED", now)


def _known(client: Any, experiment: str) -> Iterator[str]:
    """Yield the keys of the runs that were sent as a whole."""
    token = None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        yield from (run.data.tags[KEY] for run in page if KEY in run.data.tags)
        token = page.token
        if not token:
            return
