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


def groups():
    """Made-up runs of two to four groups: without and with ties, given up at one budget, at any time, or never."""
    rng = np.random.default_rng(20240502)
    yield [(rng.exponential(scale, n), np.ones(n, dtype=bool)) for scale, n in ((100, 15), (160, 12))]
    for scales, sizes, budget in (
        ((100, 180), (30, 25), 250.0),
        ((90, 90, 200), (20, 35, 15), 150.0),
        ((60, 100, 160, 400), (8, 20, 12, 10), 300.0),
    ):
        times = [np.ceil(rng.exponential(scale, n) / 20) * 20 for scale, n in zip(scales, sizes, strict=True)]
        yield [(np.minimum(each, budget), each <= budget) for each in times]
    drawn = [(np.ceil(rng.exponential(s, 40)), np.ceil(rng.exponential(150, 40))) for s in (80, 120, 100)]
    yield [(np.minimum(times, given_up), times <= given_up) for times, given_up in drawn]
    # One group never succeeds within the budget.
    yield [(np.array([5.0, 9.0, 9.0, 14.0]), np.ones(4, dtype=bool)), (np.full(6, 50.0), np.zeros(6, dtype=bool))]


def log_ranks():
    from lifelines.statistics import multivariate_logrank_test

    for sides in groups():
        names = np.repeat(np.arange(len(sides)), [len(times) for times, _ in sides])
        times, observed = (np.concatenate(column) for column in zip(*sides, strict=True))
        test = multivariate_logrank_test(times, names, observed)
        yield {
            "groups": [[times.tolist(), observed.tolist()] for times, observed in sides],
            "statistic": float(test.test_statistic),
            "degrees": int(test.degrees_of_freedom),
            "p_value": float(test.p_value),
        }


P_VALUES = [[0.03], [0.01, 0.04, 0.03], [0.5, 0.9, 0.2, 0.2], [0, 1, 1e-9, 0.02, 0.02, 0.4], [0.011] * 5]
TABLES = [([90, 41], [100, 100]), ([0, 10], [10, 10]), ([7, 3], [7, 8]), ([56, 48, 30], [70, 80, 60])]


def corrections():
    from statsmodels.stats.multitest import multipletests

    for given in P_VALUES:
        yield {"p_values": given, "holm": multipletests(given, method="holm")[1].tolist()}


def score_tests():
    from statsmodels.stats.proportion import proportions_chisquare

    for successes, n in TABLES:
        statistic, p_value, _ = proportions_chisquare(successes, n)
        yield {"successes": successes, "n": n, "statistic": float(statistic), "p_value": float(p_value)}


def together():
    """Intervals of differences that hold together: statsmodels' Newcombe at Bonferroni's level."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    sides = [(90, 100), (84, 100), (41, 80), (20, 20)]
    for confidence in CONFIDENCES:
        pairs = [(one, other) for i, one in enumerate(sides) for other in sides[i + 1 :]]
        ends = [
            confint_proportions_2indep(*one, *other, method="newcomb", alpha=(1 - confidence) / len(pairs))
            for one, other in pairs
        ]
        yield {"sides": sides, "confidence": confidence, "intervals": [[float(e) for e in pair] for pair in ends]}


FILES = {
    "proportions.json": ("statsmodels", proportions),
    "differences.json": ("statsmodels", differences),
    "survival.json": ("lifelines", curves),
    "log_rank.json": ("lifelines", log_ranks),
    "holm.json": ("statsmodels", corrections),
    "score_test.json": ("statsmodels", score_tests),
    "pairwise.json": ("statsmodels", together),
}


def write(name, library, rows):
    head = {"command": "python tests/stats/make_stats_golden.py", "source": f"{library} {version(library)}"}
    lines = ",\n".join(json.dumps(row) for row in rows)
    (GOLDEN / name).write_text(f'{json.dumps(head)[:-1]}, "rows": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    for name, (library, rows) in FILES.items():
        write(name, library, rows())
