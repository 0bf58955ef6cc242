"""The demand of data: bits per symbol and accuracy against window on sequences that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Shaped

from memspan.core.errors import InvalidInput, check_range
from memspan.core.estimate import Estimate
from memspan.demand.bootstrap import Resampled, resample
from memspan.demand.markov import predictions
from memspan.demand.samples import REPORT, SELECTION, UNITS_NEEDED, Samples, hold_out
from memspan.demand.verdict import JUDGED_SEEN, Verdict, judge, judged_window, too_few

__all__ = ["Estimated", "Row", "check_limits", "estimate", "estimate_pairs"]


@dataclass(frozen=True)
class Row:
    """What one window predicts on the report part.

    Attributes:
        window: symbols seen; 0 sees none.
        bits: bits per symbol, the loss.
        accuracy: share of positions at which the most probable symbol came.
        known: share of the contexts that were counted at least ten times.
    """

    window: int
    bits: Estimate
    accuracy: Estimate
    known: float


@dataclass(frozen=True)
class Estimated:
    """How well the next symbol can be predicted from the last k, and how many are needed.

    Attributes:
        rows: one for each window from 0; none where there was too little data.
        verdict: decided on the selection part, which no row has seen.
        excess: by how much the loss at the verdict's window exceeds that at its best window, on the report
            part, in bits per symbol; None where the verdict names no window.
        n_positions: positions predicted, in all parts.
        n_units: sequences or blocks.
        is_cut: True where sequences were fewer than 60 and were cut into blocks.
        n_symbols: size of the alphabet.
    """

    rows: tuple[Row, ...]
    verdict: Verdict
    excess: Estimate | None
    n_positions: int
    n_units: int
    is_cut: bool
    n_symbols: int


def estimate(
    sequences: Sequence[Int[np.ndarray, " _"]],
    n_symbols: int,
    *,
    rng: np.random.Generator,
    max_window: int = 32,
    tolerance: float = 0.01,
) -> Estimated:
    """Estimate how much memory it takes to predict each next symbol of some sequences.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> tutorial = [np.array([3, 0, 1, 2, 3]), np.array([4, 0, 1, 2, 4])] * 100
        >>> found = estimate(tutorial, 5, rng=rng)
        >>> found.verdict.outcome.value, found.verdict.window
        ('found', 4)

    Args:
        sequences: symbols as places in an alphabet, 0 to n_symbols - 1; those of fewer than two symbols have
            nothing to predict and do not count.
        n_symbols: size of the alphabet, 1 or more.
        rng: decides the split and the intervals.
        max_window: longest window to try, 1 to 1,000; shortened where the data are too few for it.
        tolerance: by how many bits per symbol a window may be worse than the best and still suffice, above 0.

    Returns:
        The curve and the verdict.

    Raises:
        InvalidInput: a symbol lies outside the alphabet, an argument out of its range, or there is nothing
            to predict.
    """
    rows = [np.asarray(sequence) for sequence in sequences if len(sequence) > 1]
    return estimate_pairs(
        [row[:-1] for row in rows],
        [row[1:] for row in rows],
        None,
        n_symbols,
        n_symbols,
        rng=rng,
        max_window=max_window,
        tolerance=tolerance,
    )


def estimate_pairs(
    inputs: Sequence[Int[np.ndarray, " _"]],
    targets: Sequence[Int[np.ndarray, " _"]],
    mask: Sequence[Bool[np.ndarray, " _"]] | None,
    n_inputs: int,
    n_targets: int,
    *,
    rng: np.random.Generator,
    max_window: int = 32,
    tolerance: float = 0.01,
) -> Estimated:
    """Estimate as `estimate` does where the target is not the next symbol, or not every step is scored.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> bits = list(rng.integers(2, size=(400, 50)))
        >>> two_back = [np.concatenate([[0, 0], row[:-2]]) for row in bits]
        >>> estimate_pairs(bits, two_back, None, 2, 2, rng=rng).verdict.window
        3

    Args:
        inputs: symbols of each sequence, 0 to n_inputs - 1.
        targets: what is right after each input, 0 to n_targets - 1.
        mask: True where a position is scored; None scores all.
        n_inputs: size of the alphabet of the inputs.
        n_targets: size of the alphabet of the targets.
        rng: as in `estimate`.
        max_window: as in `estimate`.
        tolerance: as in `estimate`.

    Returns:
        The curve and the verdict.

    Raises:
        InvalidInput: as in `estimate`.
    """
    check_limits(max_window, tolerance)
    _check_symbols("inputs", inputs, n_inputs)
    _check_symbols("targets", targets, n_targets)
    samples = hold_out(inputs, targets, mask, max_window, rng)
    if samples.n_units < UNITS_NEEDED or samples.longest < 1:
        verdict = too_few(samples.n_units, tolerance)
        return Estimated((), verdict, None, len(samples.end), samples.n_units, samples.is_cut, n_targets)
    return _estimated(samples, n_inputs, n_targets, tolerance, rng)


def check_limits(max_window: int, tolerance: float) -> None:
    """Refuse limits that no estimate can have; for those who read much data before they ask.

    Args:
        max_window: as in `estimate`.
        tolerance: as in `estimate`.

    Raises:
        InvalidInput: one is out of range.
    """
    check_range("max_window", max_window, 1, 1000)
    if not 0 < tolerance < float("inf"):
        raise InvalidInput(f"tolerance must be above 0 bits per symbol, but got {tolerance!r}; try 0.01")


def _estimated(
    samples: Samples, n_inputs: int, n_targets: int, tolerance: float, rng: np.random.Generator
) -> Estimated:
    tally, missed = _Tally(samples), list[float]()
    for prediction in predictions(samples, n_inputs, n_targets):
        bits, rare = -np.log2(prediction.probability), prediction.seen < JUDGED_SEEN
        tally.add(bits, prediction.right, ~rare, bits * rare)
        missed.append(prediction.missed)
    loss, _, _, at_stake = tally.resampled(SELECTION, rng)
    judged = judged_window(at_stake.means, np.array(missed), tolerance)
    verdict = judge(loss, judged, tolerance, is_whole=samples.is_whole)
    loss, accuracy, known, _ = tally.resampled(REPORT, rng)
    rows = tuple(
        Row(window, loss.at(window), accuracy.at(window), float(known.means[window]))
        for window in range(len(loss.means))
    )
    excess = None if verdict.window is None else loss.difference(verdict.window, verdict.best)
    return Estimated(rows, verdict, excess, len(samples.end), samples.n_units, samples.is_cut, n_targets)


class _Tally:
    """Sums of three measures over each held-out unit, one column a window."""

    def __init__(self, samples: Samples) -> None:
        held = samples.part >= SELECTION
        self._unit, part = samples.unit[held], np.zeros(samples.n_units, np.int8)
        part[samples.unit] = samples.part
        self._part, self._name = part, "blocks" if samples.is_cut else "sequences"
        self._sizes = np.bincount(self._unit, minlength=samples.n_units).astype(float)
        self._sums: list[Shaped[np.ndarray, "_ unit"]] = []

    def add(self, *measures: Shaped[np.ndarray, " sample"]) -> None:
        """Add one window's measures, each with one value a held-out sample."""
        sizes = len(self._sizes)
        sums = [np.bincount(self._unit, weights=measure, minlength=sizes) for measure in measures]
        self._sums.append(np.stack(sums))

    def resampled(self, part: int, rng: np.random.Generator) -> list[Resampled]:
        """Return the measures of one part, all from the same draws of units."""
        chosen = self._part == part
        columns = np.stack(self._sums, axis=2)[:, chosen]
        measures, units, windows = columns.shape
        flat = columns.transpose(1, 0, 2).reshape(units, measures * windows)
        drawn = resample(flat, self._sizes[chosen], self._name, rng)
        return [
            Resampled(means, draws, units, self._name)
            for means, draws in zip(
                np.split(drawn.means, measures), np.split(drawn.draws, measures, axis=1), strict=True
            )
        ]


def _check_symbols(name: str, rows: Sequence[Int[np.ndarray, " _"]], size: int) -> None:
    check_range("alphabet size", size, 1)
    for row in rows:
        if len(row) and (row.dtype.kind not in "iu" or row.min() < 0 or row.max() >= size):
            raise InvalidInput(
                f"{name} must be whole numbers from 0 to {size - 1}, places in an alphabet of {size}, but got "
                f"{row[:5]!r}; number the symbols with Alphabet.of(sequences).ids"
            )
