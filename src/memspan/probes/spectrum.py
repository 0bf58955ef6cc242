"""Spectrum: how long the recurrence itself keeps things, from the derivative of a step with respect to the state."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from memspan.core.errors import InvalidInput
from memspan.core.estimate import Estimate
from memspan.probes.intervals import mean
from memspan.probes.reader import Reader, differentiable
from memspan.probes.trials import Trials
from memspan.probes.units import real_units, unit_name

__all__ = ["Spectrum", "Unit", "spectrum", "time_constant"]

MOST_NUMBERS = 1024
POINTS, ROWS = 16, 8


@dataclass(frozen=True)
class Unit:
    """How much of a number of the state is left of itself after a step: of a cell, its forget gate.

    Attributes:
        name: such as "cell 3".
        kept: the diagonal entry of the derivative, mean over steps and trials.
    """

    name: str
    kept: float

    @property
    def steps(self) -> float:
        """Its time constant."""
        return time_constant(abs(self.kept))


@dataclass(frozen=True)
class Spectrum:
    """The eigenvalues of a step's derivative along the delay.

    Attributes:
        largest: modulus of the largest eigenvalue, mean over the steps of a trial.
        moduli: moduli of all eigenvalues, in order and each a mean over steps and trials.
        units: what each number keeps of itself, the longest-lived first.
    """

    largest: Estimate
    moduli: tuple[float, ...]
    units: tuple[Unit, ...]

    @property
    def slowest(self) -> float:
        """Time constant of the slowest mode, in steps; infinite where it does not fade."""
        return time_constant(self.largest.point)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; an infinite time constant is null."""
        return {
            "largest": self.largest.to_json(),
            "slowest": _finite(self.slowest),
            "moduli": list(self.moduli),
            "units": [{"unit": u.name, "kept": u.kept, "time_constant": _finite(u.steps)} for u in self.units],
        }


def time_constant(modulus: float) -> float:
    """Return the steps after which a mode has fallen to 1/e: -1 / log(modulus).

    Example:
        >>> round(time_constant(0.99), 1), time_constant(1.0), time_constant(0.0)
        (99.5, inf, 0.0)
    """
    if modulus >= 1:
        return math.inf
    return -1 / math.log(modulus) if modulus > 0 else 0.0


def spectrum(reader: Reader, trials: Trials) -> Spectrum:
    """Take the derivative of the next state with respect to the state, at steps of the delay, and its eigenvalues.

    Of a linear recurrence these are the recurrence's own; of a gated one they change with the input, and the diagonal
    holds the forget gates. A slow mode can keep a cue; whether it does is what `stretch` measures.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=4)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=1)[0]
        >>> spectrum(reader_of(window), trials_of(problem)).slowest
        0.0

    Args:
        reader: a model with gradients, of up to 1,024 numbers.
        trials: sequences of the problem, of which 8 are taken, at up to 16 steps each.

    Returns:
        Moduli with their interval over the trials, and what each number keeps.

    Raises:
        InvalidInput: the model has no gradients, or too large a state.
    """
    model, real = differentiable(reader, "spectrum"), real_units(reader)
    if not 0 < len(real) <= MOST_NUMBERS:
        raise InvalidInput(
            f"probe spectrum must be given a state of 1 to {MOST_NUMBERS:,} real numbers, but got {len(real):,}; leave "
            "it out"
        )
    rows = trials[np.arange(min(ROWS, len(trials)))]
    states = np.asarray(model.read(model.start(len(rows)), rows.inputs).states)
    steps = np.unique(np.linspace(1, trials.delay, min(POINTS, trials.delay)).round().astype(int))
    derivatives = [np.asarray(model.jacobian(states[:, t - 1], rows.inputs[:, t]))[:, real][:, :, real] for t in steps]
    jacobians = np.stack(derivatives, axis=1).astype(float)
    moduli = np.sort(np.abs(np.linalg.eigvals(jacobians)), axis=2)[:, :, ::-1].mean(axis=1)
    kept = np.diagonal(jacobians, axis1=2, axis2=3).mean(axis=(0, 1))
    units = [Unit(unit_name(reader, unit), float(value)) for unit, value in zip(real.tolist(), kept, strict=True)]
    units.sort(key=lambda unit: -abs(unit.kept))
    complete = trials.complete and len(rows) == len(trials)
    return Spectrum(mean(moduli[:, 0], complete), tuple(moduli.mean(axis=0).tolist()), tuple(units))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
