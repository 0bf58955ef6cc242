"""Runs made of given outcomes, without training: what is counted can be read off."""

from __future__ import annotations

import numpy as np

from memspan.engine.network import Network
from memspan.engine.runs import Runs
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.studies.kept import stored
from memspan.studies.span import MeasuredCell, Recipe, Span, Study

EPOCHS = 4


def cell_of(planned, solved, lost=0, diverged=0):
    """A measured cell of which this many runs solve it (in epoch 2), lose it again, or diverge; the rest never do."""
    n = len(planned.seeds)
    solved_at = np.zeros((n, EPOCHS), bool)
    solved_at[: solved + lost, 1:] = True
    solved_at[solved : solved + lost, -1] = False
    loss = np.full((n, EPOCHS), 0.5, np.float32)
    loss[n - diverged :, -1] = np.nan
    network = Network.of(planned.spec.problem, planned.spec.model)
    runs = Runs(
        spec=planned.spec,
        seeds=tuple(planned.seeds),
        loss=loss,
        accuracy=np.ones((n, EPOCHS), np.float32),
        solved_at=solved_at,
        updates_at=np.tile(np.arange(1, EPOCHS + 1, dtype=np.int32) * 10, (n, 1)),
        stage_at=np.zeros((n, EPOCHS), np.int32),
        weights=np.zeros((n, 3), np.float32),
        network=network,
    )
    return MeasuredCell(planned, tuple(stored(runs, 1.5)))


def study_of_counts(counts, seeds=20):
    """A study whose recipes are tried at the lags that their counts name."""
    lags = sorted({lag for row in counts.values() for lag in row})
    recipes = [Recipe(name, LSTM(2), lags=tuple(row)) for name, row in counts.items()]
    return Study(Conflict().with_lag, recipes, lags, seeds)


def span_of_counts(counts, seeds=20):
    """A measured span: by recipe and lag, how many of the runs solve it; None where that is not measured yet."""
    study = study_of_counts(counts, seeds)
    planned = [cell for cell in study.cells() if counts[cell.recipe][cell.lag] is not None]
    return Span(study, tuple(cell_of(cell, counts[cell.recipe][cell.lag]) for cell in planned))
