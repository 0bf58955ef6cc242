"""Floors and other figures of the modern problems: exact by counting, or against what was published."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.batch import Batch
from memspan.problems import (
    CopyMemory,
    CycleNavigation,
    Dyck,
    MemoryCapacity,
    ModernAdding,
    ModularArithmetic,
    NBack,
    Parity,
)
from memspan.problems.memory_capacity import squared_correlations
from memspan.problems.random_bits import distinct, distinct_weighted, fractions, symbols

DRAWS = 20_000


def bits(*shape, seed=0):
    return jnp.asarray(np.random.default_rng(seed).integers(0, 2**32, shape, np.uint32))


def agrees(counts, expected, draws=DRAWS):
    """Whether every count lies within six standard errors of what is expected, and nothing else came."""
    assert set(counts) <= set(expected)
    assert math.isclose(sum(expected.values()), 1)
    for outcome, probability in expected.items():
        spread = math.sqrt(draws * probability * (1 - probability))
        assert abs(counts[outcome] - draws * probability) <= 6 * spread, outcome


def commonest(values):
    values = list(values)
    return Fraction(max(Counter(values).values()), len(values))


@pytest.mark.parametrize("length", [1, 2, 5, 8])
@pytest.mark.parametrize("places", [2, 3, 5])
def test_cycle_floor_is_the_likeliest_end(length, places):
    ends = (sum(moves) % places for moves in itertools.product((-1, 0, 1), repeat=length))
    assert CycleNavigation(length, places).floor == pytest.approx(float(commonest(ends)), abs=1e-12)


@pytest.mark.parametrize(("numbers", "modulus"), [(1, 5), (2, 5), (3, 3), (4, 2), (3, 4)])
def test_arithmetic_floor_is_the_commonest_value(numbers, modulus):
    words = [map(str, range(modulus)) if i % 2 == 0 else "+-*" for i in range(2 * numbers - 1)]
    values = (eval("".join(expression)) % modulus for expression in itertools.product(*map(list, words)))
    floor = ModularArithmetic(numbers, modulus).floor
    assert floor == pytest.approx(float(commonest(values)), abs=1e-12)


def balanced(length, depth, height=0):
    """All shapes that start at a height and close everything."""
    if length == 0:
        return [""] if height == 0 else []
    opened = ["(" + rest for rest in balanced(length - 1, depth, height + 1)] if height < depth else []
    closed = [")" + rest for rest in balanced(length - 1, depth, height - 1)] if height > 0 else []
    return opened + closed


@pytest.mark.parametrize(("length", "depth"), [(4, 2), (8, 2), (8, 3), (10, 5), (12, 64)])
def test_dyck_floor_is_that_of_all_shapes(length, depth):
    shapes = balanced(length, depth)
    at_once = Fraction(sum(shape.count("()") for shape in shapes), len(shapes) * (length // 2))
    for n_types in (2, 5):
        expected = at_once + (1 - at_once) / n_types
        assert Dyck(n_types, depth, length).floor == pytest.approx(float(expected), abs=1e-12)


def test_dyck_shapes_are_uniform():
    shapes = balanced(8, 3)
    drawn = Dyck(n_types=2, depth=3, length=8, n_sequences=DRAWS).batch(jax.random.key(0)).inputs
    counts = Counter("".join("(())"[symbol] for symbol in row) for row in drawn.tolist())
    agrees(counts, dict.fromkeys(shapes, 1 / len(shapes)))
    agrees(Counter(np.asarray(drawn[:, 0]).tolist()), {0: 0.5, 1: 0.5})


def test_copy_memory_floor_is_the_published_baseline():
    published = {100: 0.1733, 200: 0.0945, 300: 0.0650, 500: 0.0400, 1000: 0.0204, 2000: 0.0103}
    for lag, loss in published.items():
        assert CopyMemory.arjovsky(lag).floor == CopyMemory.tcn(lag).floor == 10 * math.log(8) / (lag + 20)
        assert CopyMemory.tcn(lag).floor == pytest.approx(loss, abs=5e-5)


def moment(power):
    return Fraction(1, power + 1)  # of a value uniform from 0 to 1


@pytest.mark.parametrize("length", [2, 3, 4, 9])
def test_adding_floor_averages_what_the_last_step_leaves_open(length):
    value, half = moment(2) - moment(1) ** 2, length // 2
    pairs = list(itertools.combinations(range(length), 2))
    one_each = [(i, j) for i, j in pairs if i < half <= j]
    for problem, places in ((ModernAdding.tcn(length), pairs), (ModernAdding.arjovsky(length), one_each)):
        unseen = [sum(place != length - 1 for place in pair) * value for pair in places]
        assert problem.floor == pytest.approx(float(sum(unseen) / len(unseen)), abs=1e-12)


def test_unrelated_outputs_have_a_squared_correlation_of_one_in_n_less_one():
    """Over all orders of the targets, each as likely as the next: the mean is exact, whatever the outputs are."""
    outputs = np.array([0.3, -1.0, 2.0, 0.1, 0.7])
    orders = np.array(list(itertools.permutations([0.2, 0.9, -0.4, 0.5, 0.0])))
    said = jnp.asarray(np.tile(outputs[:, None], (1, len(orders))), jnp.float32)[None]
    squared = squared_correlations(said, jnp.asarray(orders.T, jnp.float32)[None], jnp.ones((1, 5), bool))
    reference = [np.corrcoef(outputs, order)[0, 1] ** 2 for order in orders]
    assert np.allclose(squared, reference, atol=1e-6)
    assert float(squared.mean()) == pytest.approx(1 / 4, abs=1e-6)


def test_memory_capacity_counts_lags_and_nothing_else():
    problem = MemoryCapacity(n_lags=20, length=32, n_evaluation=4)
    batch = problem.evaluation(jax.random.key(0))
    generator = np.random.default_rng(0)
    half = batch.targets.at[:, :, 10:].set(0.0)
    assert float(problem.score(3 * batch.targets - 1, batch)) == pytest.approx(20, abs=1e-4)
    by_chance = 1 / (4 * 12 - 1)
    assert float(problem.score(half, batch)) == pytest.approx(10 - 10 * by_chance / (1 - by_chance), abs=1e-4)
    noise = generator.normal(size=(400, *batch.targets.shape)).astype(np.float32)
    scores = np.asarray(jax.jit(jax.vmap(lambda outputs: problem.score(outputs, batch)))(noise), float)
    assert abs(scores.mean()) < 6 * scores.std() / 20
    assert 20 * by_chance > 12 * scores.std() / 20  # what the floor takes away could not be overlooked


def test_n_back_matches_as_often_as_asked():
    problem = NBack(lag=2, n_symbols=3, length=4, match=0.3, n_sequences=DRAWS)
    inputs = problem.batch(jax.random.key(0)).inputs.tolist()
    chain = {(a, b): (0.3 if a == b else 0.35) / 3 for a in range(3) for b in range(3)}
    agrees(Counter((row[0], row[2]) for row in inputs), chain)
    agrees(Counter((row[1], row[3]) for row in inputs), chain)
    agrees(Counter((row[2], row[3]) for row in inputs), dict.fromkeys(chain, 1 / 9))
    assert problem.floor == 0.7


def test_choices_without_replacement_are_uniform():
    drawn = np.asarray(distinct(bits(DRAWS, 5), 2)).tolist()
    agrees(Counter(map(tuple, drawn)), dict.fromkeys(itertools.permutations(range(5), 2), 1 / 20))


def test_weighted_choices_are_drawn_one_after_the_other():
    weights = np.array([1.0, 2.0, 4.0, 0.5])
    drawn = np.asarray(distinct_weighted(bits(DRAWS, 4), jnp.log(jnp.asarray(weights)), 2)).tolist()
    total = weights.sum()
    expected = {
        (i, j): weights[i] / total * weights[j] / (total - weights[i]) for i, j in itertools.permutations(range(4), 2)
    }
    agrees(Counter(map(tuple, drawn)), expected)


def test_symbols_and_fractions_cover_their_range():
    assert fractions(jnp.array([0, 2**32 - 1], jnp.uint32)).tolist() == [0.0, 1 - 2.0**-24]
    agrees(Counter(symbols(bits(DRAWS), 6).tolist()), dict.fromkeys(range(6), 1 / 6))


def test_always_one_scores_a_sixth_exactly():
    square_of_sum = 2 * moment(2) + 2 * moment(1) ** 2
    assert square_of_sum - 2 * 2 * moment(1) + 1 == Fraction(1, 6)
    assert Fraction(ModernAdding.always_one).limit_denominator(100) == Fraction(1, 6)


@pytest.mark.parametrize("source", ["arjovsky", "tcn"])
def test_adding_marks_every_allowed_pair_equally(source):
    pairs = [(i, j) for i, j in itertools.combinations(range(5), 2) if source == "tcn" or i < 2 <= j]
    problem = ModernAdding(5, source, n_sequences=DRAWS)
    batch = problem.batch(jax.random.key(0))
    marked = np.nonzero(np.asarray(batch.inputs[..., 1]))[1].reshape(DRAWS, 2)
    agrees(Counter(map(tuple, marked.tolist())), dict.fromkeys(pairs, 1 / len(pairs)))
    loss = float(problem.score(jnp.ones((DRAWS, 5, 1)), batch))
    fourth_moment = 1 / 15  # of the sum about its mean
    assert abs(loss - 1 / 6) < 6 * math.sqrt((fourth_moment - 1 / 36) / DRAWS)


def asked_last(targets, steps, wide=False):
    """A batch of which only the last targets matter."""
    mask = np.tile(np.arange(steps) == steps - 1, (len(targets), 1))
    everywhere = np.asarray(targets)[:, None] * mask
    return Batch(np.zeros_like(everywhere), everywhere[..., None] if wide else everywhere, jnp.asarray(mask))


def test_adding_is_right_within_four_hundredths():
    problem = ModernAdding.tcn(length=3)
    batch = asked_last(np.linspace(0, 2, 200), 3, wide=True)
    off = np.full(200, 0.039)
    for wrong, solved in ((0, True), (2, True), (3, False)):
        off[:wrong] = 0.041
        assert problem.solved(jnp.asarray(batch.targets + off[:, None, None]), batch) == solved


def test_solved_is_the_stated_share():
    problem = Parity(length=3)
    batch = asked_last(np.arange(20) % 2, 4)
    right = np.eye(2)[batch.targets]
    for wrong, solved in ((0, True), (2, True), (3, False)):
        right[:wrong] = np.eye(2)[1 - batch.targets[:wrong]]
        assert problem.solved(jnp.asarray(right), batch) == solved


@pytest.mark.parametrize("problem", [CopyMemory.arjovsky(7), CopyMemory.tcn(7)])
def test_copy_memory_scores_a_clock_at_the_floor_and_no_opinion_at_chance(problem):
    items = np.random.default_rng(0).integers(1, 9, (3, 10))
    targets = np.concatenate([np.zeros((3, 17), int), items], axis=1)
    batch = Batch(np.zeros_like(targets), targets, np.ones((3, 27), bool))
    possible = np.arange(problem.n_outputs)
    likely = np.where(np.arange(27)[:, None] < 17, possible == 0, (possible >= 1) & (possible <= 8))
    outputs = jnp.asarray(np.where(likely, 0.0, -50.0) * np.ones((3, 1, 1)))
    assert float(problem.score(outputs, batch)) == pytest.approx(problem.floor, rel=1e-6)
    assert not problem.solved(outputs, batch)
    assert float(problem.score(0 * outputs, batch)) == pytest.approx(problem.chance, rel=1e-6)
