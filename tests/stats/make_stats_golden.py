"""Regenerate the golden values of this folder from statsmodels and lifelines.

    python -m pip install statsmodels lifelines
    python tests/stats/make_stats_golden.py

They are imported where they are used: the ordinary test run does not need them.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np

GOLDEN = Path(__file__).parent / "golden"

COUNTS = [(0, 1), (1, 1), (0, 7), (1, 7), (3, 7), (7, 7), (10, 20), (19, 20), (41, 100), (99, 100), (5, 1000)]
CONFIDENCES = [0.8, 0.95, 0.999]
SIDES = [
    ((90, 100), (41, 100)),
    ((0, 10), (10, 10)),
    ((0, 9), (0, 12)),
    ((7, 7), (3, 8)),
    ((56, 70), (48, 80)),
]


def proportions():
    from statsmodels.stats.proportion import proportion_confint

    for k, n in COUNTS:
        for confidence in CONFIDENCES:
            row = {"successes": k, "n": n, "confidence": confidence}
            for ours, theirs in (("wilson", "wilson"), ("clopper_pearson", "beta")):
                row[ours] = [float(end) for end in proportion_confint(k, n, 1 - confidence, method=theirs)]
            yield row


def differences():
    from statsmodels.stats.proportion import confint_proportions_2indep

    for (k, n), (other_k, other_n) in SIDES:
        for confidence in CONFIDENCES:
            low, high = confint_proportions_2indep(
                k, n, other_k, other_n, method="newcomb", compare="diff", alpha=1 - confidence
            )
            counts = [k, n, other_k, other_n]
            yield {"counts": counts, "confidence": confidence, "newcombe": [float(low), float(high)]}


def runs():
    """Made-up runs: without ties, with ties, given up at a budget, given up at any time.

    They stay clear of two cases in which we differ on purpose: a share of exactly a half, which lifelines
    may miss by a rounding, and a bound that is only met where the share is 0, for which lifelines gives an
    interval of no width.
    """
    rng = np.random.default_rng(20240501)
    yield rng.exponential(100, 12), np.ones(12, dtype=bool)
    yield np.ceil(rng.exponential(5, 40)) * 50, np.ones(40, dtype=bool)
    for n, budget in ((30, 250.0), (25, 110.0), (61, 150.0)):
        times = np.ceil(rng.exponential(160, n))
        yield np.minimum(times, budget), times <= budget
    # The run that was watched longest is given up.
    times, given_up = np.ceil(rng.exponential(100, 50)), np.ceil(rng.exponential(150, 50))
    ends = np.minimum(times, given_up)
    yield ends, (times <= given_up) & (ends < ends.max())


def curves():
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    for times, observed in runs():
        for confidence in CONFIDENCES:
            fit = KaplanMeierFitter(alpha=1 - confidence).fit(times, observed)
            band = fit.confidence_interval_
            median = [fit.median_survival_time_, *median_survival_times(band).to_numpy()[0]]
            yield {
                "times": times.tolist(),
                "observed": observed.tolist(),
                "confidence": confidence,
                "curve_times": fit.survival_function_.index.tolist(),
                "survival": fit.survival_function_.iloc[:, 0].tolist(),
                "band": band.to_numpy().tolist(),
                "at_risk": fit.event_table["at_risk"].tolist(),
                "events": fit.event_table["observed"].tolist(),
                "median": [None if np.isinf(value) else float(value) for value in median],
            }


def write(name, library, rows):
    head = {"command": "python tests/stats/make_stats_golden.py", "source": f"{library} {version(library)}"}
    lines = ",\n".join(json.dumps(row) for row in rows)
    (GOLDEN / name).write_text(f'{json.dumps(head)[:-1]}, "rows": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    write("proportions.json", "statsmodels", proportions())
    write("differences.json", "statsmodels", differences())
    write("survival.json", "lifelines", curves())
