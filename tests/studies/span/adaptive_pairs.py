"""Two recipes of adaptive studies compared: how often what is said of their difference is true.

In the tests some hundreds; `python -m tests.studies.span.adaptive_pairs 10000` as many as you like.
"""

from __future__ import annotations

import functools
import math
import sys

import numpy as np
from scipy.special import ndtr

from memspan.stats.fixed_width import is_narrow
from memspan.store import Environment, StoredRun
from memspan.studies.adaptive import Adaptive
from memspan.studies.comparisons import compare
from memspan.studies.outcomes import Outcomes

EPOCHS = 20  # the budget, at whose end it is seen whether a run has solved it
STUDIES = {"half": (Adaptive(0.5, 0.2), 200), "nine tenths": (Adaptive(0.9, 0.1), 400)}
# Rates of the two sides, and how alike the two runs of a seed are (a Gaussian copula).
PAIRS = [
    *[(rate, rate, alike) for rate in (0.5, 0.7, 0.8, 0.9, 0.95) for alike in (0.0, 0.6)],
    *[(0.9, 0.8, 0.0), (0.9, 0.8, 0.6), (0.7, 0.3, 0.3), (0.98, 0.5, 0.0), (0.98, 0.02, 0.0)],
]
HERE = Environment({}, "cpu", "")


@functools.cache
def record(seed, epoch):
    """A run that solves it after an epoch, or does not within the budget."""
    solved = epoch <= EPOCHS
    return StoredRun(seed, "finished", solved, EPOCHS, epoch if solved else None, HERE)


@functools.cache
def narrow(solved, runs, width):
    return is_narrow(solved, runs, width)


def side(rng, luck, alike, rate, adaptive, most):
    """Runs of one recipe, as many as an adaptive study makes; they learn at a constant rate."""
    own = rng.standard_normal(most)
    share = ndtr(np.sqrt(alike) * luck + np.sqrt(1 - alike) * own)
    epochs = np.minimum(np.ceil(np.log(share) / math.log(1 - rate) * EPOCHS), EPOCHS + 1).astype(int)
    solved = np.cumsum(epochs <= EPOCHS)
    runs = next(n for n in adaptive.looks(most) if n == most or narrow(int(solved[n - 1]), n, adaptive.width))
    return Outcomes(tuple(record(seed, int(epoch)) for seed, epoch in enumerate(epochs[:runs])))


def compared(rng, adaptive, most, pair, studies, honest=True):
    """How often the difference lies in its interval, and how often success and updates seem to differ.

    Not `honest` compares as if the numbers of runs had been fixed.
    """
    one, other, alike = pair
    looks = adaptive.looks(most) if honest else ()
    covered, differ = [], []
    for _ in range(studies):
        luck = rng.standard_normal(most)
        rows = {name: {1: side(rng, luck, alike, rate, adaptive, most)} for name, rate in (("a", one), ("b", other))}
        found = compare(rows, looks=looks).pairs[0]
        covered.append(found.difference.low <= one - other <= found.difference.high)
        each = (found.success, found.updates)
        alone = [told.counts if honest else told.p_value for told in each]
        differ.append([p_value <= 0.05 for p_value in alone])
    return float(np.mean(covered)), *map(float, np.mean(differ, axis=0))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    for name, study in STUDIES.items():
        for pair in PAIRS:
            for honest in (True, False):
                covered, success, updates = compared(rng, *study, pair, int(sys.argv[1]), honest)
                how = "for all looks" if honest else "as if fixed"
                sys.stdout.write(
                    f"{name}, rates {pair[0]} and {pair[1]}, seeds alike {pair[2]}, {how}: the difference in "
                    f"{covered:.1%}; differ in success in {success:.1%}, in updates in {updates:.1%}\n"
                )
                sys.stdout.flush()
