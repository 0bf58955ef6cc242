"""Processes whose demand and entropy rate are known."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

REBER = {
    0: (("B", 1),),
    1: (("T", 2), ("P", 3)),
    2: (("S", 2), ("X", 4)),
    3: (("T", 3), ("V", 5)),
    4: (("X", 3), ("S", 6)),
    5: (("P", 4), ("V", 6)),
    6: (("E", 7),),
}
LETTERS = "BTPSXVE"


def coin(rng, n):
    return rng.integers(2, size=n)


def golden_mean(rng, n):
    """No two zeros in a row: after a 1 either symbol is as likely, after a 0 comes a 1."""
    pieces = [[1] if heads else [0, 1] for heads in rng.integers(2, size=n)]
    return np.concatenate(pieces)[:n]


def even_process(rng, n):
    """Ones come in pairs between zeros, however many pairs there are."""
    pieces = [[0] if heads else [1, 1] for heads in rng.integers(2, size=n)]
    return np.concatenate(pieces)[:n]


def even_process_excess(window):
    """Bits above the entropy rate: only after nothing but ones is it unknown whether a pair is complete."""
    complete, begun = 2 / 3, 1 / 3  # the states, and the chance of nothing but ones from each
    for _ in range(window):
        complete, begun = begun, complete / 2
    zero = complete / (complete + begun) / 2
    entropy = -zero * np.log2(zero) - (1 - zero) * np.log2(1 - zero)
    return (complete + begun) * entropy - complete


def chain(rng, n, order=3, symbols=3):
    """A random chain of a given order, and its entropy rate in bits per symbol."""
    shares = rng.dirichlet(np.ones(symbols), size=symbols**order)
    ends = shares.cumsum(axis=1)
    state, drawn, visits = 0, np.empty(n, np.int64), np.zeros(symbols**order)
    for step, chance in enumerate(rng.random(n)):
        visits[state] += 1
        drawn[step] = min(symbols - 1, int(np.searchsorted(ends[state], chance)))
        state = (state * symbols + drawn[step]) % symbols**order
    entropy = -(shares * np.log2(shares)).sum(axis=1)
    return drawn, float(visits @ entropy / n)


def embedded_reber(rng):
    branch, state, inner = "TP"[rng.integers(2)], 0, ""
    while state != 7:
        letter, state = REBER[state][rng.integers(len(REBER[state]))]
        inner += letter
    return np.array([LETTERS.index(letter) for letter in f"B{branch}{inner}{branch}E"])


def embedded_reber_losses(longest):
    """Bits per symbol of the best predictor of every window: each context is followed with its probability."""
    visits = defaultdict(lambda: defaultdict(float))  # by the longest context; "^" is the start
    visits["^B"].update(T=0.5, P=0.5)
    alive = {(branch, 0, f"^B{branch}"): 0.5 for branch in "TP"}
    while alive:
        after = defaultdict(float)
        for (branch, place, seen), chance in alive.items():
            choices = _next(branch, place)
            for letter, then in choices:
                visits[seen][letter] += chance / len(choices)
                if then != "end":
                    after[branch, then, (seen + letter)[-longest:]] += chance / len(choices)
        alive = {key: chance for key, chance in after.items() if chance > 1e-7}
    return [_loss(_shorter(visits, window)) for window in range(longest + 1)]


def _shorter(visits, window):
    counts = defaultdict(lambda: defaultdict(float))
    for context, followers in visits.items():
        for letter, chance in followers.items():
            counts[context[-window:] if window else ""][letter] += chance
    return counts


def _next(branch, place):
    if place == "close":
        return ((branch, "last"),)
    if place == "last":
        return (("E", "end"),)
    return tuple((letter, "close" if then == 7 else then) for letter, then in REBER[place])


def _loss(counts):
    total = sum(sum(after.values()) for after in counts.values())
    bits = 0.0
    for after in counts.values():
        shares = np.array(list(after.values()))
        bits -= (shares * np.log2(shares / shares.sum())).sum()
    return bits / total
