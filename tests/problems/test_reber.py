"""The embedded Reber grammar against a regular expression, and its strings as problem and as stream."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.errors import InvalidInput
from memspan.problems import ContinualReber, EmbeddedReber
from memspan.problems.reber import END, LEGAL, NEXT, START, SYMBOLS, length_probabilities, mean_length

FROM_3 = "T*V(?:PXT*V)*(?:VE|PSE)"
INNER = f"B(?:TS*X(?:SE|X{FROM_3})|P{FROM_3})"
EMBEDDED = f"B(?:T{INNER}T|P{INNER}P)E"


def strings_of(n_symbols):
    """All strings of a length, by walking the table."""
    found = [("", START)]
    for _ in range(n_symbols):
        found = [
            (text + SYMBOLS[s], NEXT[node, s])
            for text, node in found
            if node != END
            for s in np.flatnonzero(LEGAL[node])
        ]
    return [text for text, node in found if node == END]


def test_the_table_is_the_regular_expression():
    walked = [text for n in range(9, 14) for text in strings_of(n)]
    assert all(re.fullmatch(EMBEDDED, text) for text in walked)
    assert sorted(strings_of(9)) == ["BPBPVVEPE", "BPBTXSEPE", "BTBPVVETE", "BTBTXSETE"]
    inner = {text[2:-2] for text in walked if len(text) <= 11}
    candidates = ("".join(text) for n in (5, 6, 7) for text in itertools.product(SYMBOLS, repeat=n))
    assert inner == {text for text in candidates if re.fullmatch(INNER, text)}


def test_lengths_exactly():
    probabilities = length_probabilities(400)
    assert probabilities[9:13] == [Fraction(1, 4), Fraction(3, 16), Fraction(1, 8), Fraction(7, 64)]
    assert sum(probabilities[:9]) == 0
    mean = sum(n * p for n, p in enumerate(probabilities))
    assert float(mean) == pytest.approx(12, abs=1e-9)
    assert mean_length() == pytest.approx(12, abs=1e-12)
    spread = float(sum((n - 12) ** 2 * p for n, p in enumerate(probabilities))) ** 0.5
    assert spread == pytest.approx(3.37, abs=0.005)
    assert float(sum(probabilities)) == pytest.approx(1, abs=1e-9)


def test_the_sets():
    problem = EmbeddedReber(pair=1)
    training, test = problem.strings("training"), problem.strings("test")
    assert len(training) == len(test) == 256
    assert all(re.fullmatch(EMBEDDED, text) for text in training + test)
    assert not set(training) & set(test)
    assert training != EmbeddedReber(pair=0).strings("training")
    assert 11.4 < np.mean([len(text) for text in training]) < 12.6
    assert np.mean([len(text) for text in test]) > 14
    batch = problem.evaluation()
    assert batch.mask.sum(axis=1).tolist() == [len(text) - 1 for text in training + test]
    read = np.concatenate([batch.inputs[:, :1], batch.targets], axis=1)
    assert "".join(SYMBOLS[s] for s in read[300, : len(test[44])]) == test[44]


@pytest.mark.extended
def test_both_possible_symbols_must_come_first():
    problem = EmbeddedReber()
    batch = problem.batch()
    oracle = problem.oracle(batch)
    assert bool(problem.solved(oracle, batch))
    assert float(problem.score(oracle, batch)) == 1.0
    # After the first B, T and P may follow: T alone at the top is not enough.
    only_t = oracle.at[:, 0, SYMBOLS.index("P")].set(-99.0)
    assert not problem.correct(only_t, batch)[:, 0].any()
    assert problem.correct(only_t, batch)[batch.mask].sum() == batch.mask.sum() - 256
    ranked = oracle.at[:, 0, SYMBOLS.index("P")].add(-1.0)
    assert bool(problem.solved(ranked, batch))


def test_the_floor_of_the_sets_is_that_of_all_orders():
    problem = EmbeddedReber()
    often = Counter()
    for text in problem.strings("training") + problem.strings("test"):
        node = START
        for symbol in text[:-1]:
            node = NEXT[node, SYMBOLS.index(symbol)]
            often[symbol, tuple(np.flatnonzero(LEGAL[node]))] += 1
    right = 0
    for symbol in SYMBOLS:
        sets = {legal: n for (s, legal), n in often.items() if s == symbol}
        right += max(
            sum(n for legal, n in sets.items() if set(order[: len(legal)]) == set(legal))
            for order in itertools.permutations(range(7), 2)
        )
    assert problem.floor == pytest.approx(right / often.total(), abs=1e-12)


def test_streams_are_strings_in_a_row():
    problem = ContinualReber(n_steps=400, n_sequences=3)
    batch = problem.batch(jax.random.key(0))
    for row, targets in zip(np.asarray(batch.inputs), np.asarray(batch.targets), strict=True):
        text = "".join(SYMBOLS[s] for s in row)
        whole = re.match(f"(?:{EMBEDDED})*", text).end()
        assert whole > 300
        assert (targets[np.arange(399), row[1:]] == 1).all()
        assert set(targets.sum(axis=1)) == {1.0, 2.0}
    first = np.asarray(batch.inputs)[0, : 12 * 20]
    assert len({tuple(row) for row in np.asarray(batch.inputs)}) == 3
    assert first[0] == SYMBOLS.index("B")


def test_the_floor_of_streams_is_that_of_the_best_table():
    problem = ContinualReber(n_steps=300, n_evaluation=400)
    batch = problem.evaluation(jax.random.key(1))
    sets = np.asarray(batch.targets) @ (1 << np.arange(7))
    often = Counter(zip(np.asarray(batch.inputs).ravel().tolist(), sets.ravel().tolist(), strict=True))
    best = sum(max(n for (s, _), n in often.items() if s == symbol) for symbol in range(7)) / often.total()
    assert problem.floor == pytest.approx(best, abs=0.005)


def test_streams_are_judged_to_the_first_error():
    problem = ContinualReber(n_steps=50, n_evaluation=2)
    batch = problem.evaluation(jax.random.key(0))
    oracle = problem.oracle(batch)
    assert bool(problem.solved(oracle, batch))
    assert float(problem.steps_until_error(oracle, batch)) == 50
    wrong = oracle.at[0, 10].set(0.0)
    assert not problem.solved(wrong, batch)
    assert float(problem.steps_until_error(wrong, batch)) == (10 + 50) / 2
    # The constant one half is no solution, though its squared error is below 0.49.
    assert float(problem.steps_until_error(jnp.zeros_like(oracle), batch)) == 0


def test_refusals():
    with pytest.raises(InvalidInput, match="pair"):
        EmbeddedReber(-1)
    with pytest.raises(InvalidInput, match="n_steps"):
        ContinualReber(0)
