"""Checks of what a problem claims to know: the scores of its oracle, of a guesser and without memory."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from memspan.core.batch import Batch
from memspan.core.problem import Problem
from memspan.testing.draws import Draws, draw, one
from memspan.testing.simple_predictors import guess, memoryless
from memspan.testing.violation import require

__all__ = [
    "can_be_solved",
    "ignores_what_the_mask_hides",
    "oracle_scores_best",
    "oracle_sees_only_the_past",
    "orders_its_floors",
    "random_guess_scores_chance",
    "stays_at_the_floor_without_memory",
]

N_SIGMA = 6.0  # a right figure of 16 draws lies farther off once in some 40,000 checks
N_GUESSES = 256  # answers to a fixed problem; a drawn one is answered once a draw
RARE = 10.0  # what was never seen in n sequences happens less often than 10 / n, surely enough
ROUNDING = 1e-5


def orders_its_floors(problem: Problem) -> None:
    """Chance, floor and best follow each other in the direction that is better."""
    sign = _sign(problem)
    ordered = sign * problem.chance <= sign * problem.floor + ROUNDING
    ordered &= sign * problem.floor <= sign * problem.best + ROUNDING
    said = f"chance {problem.chance}, floor {problem.floor} and best {problem.best}"
    require(ordered, f"{said} are not in order: memory must not be worse than none, nor none worse than chance")


def oracle_scores_best(problem: Problem) -> None:
    """The oracle's score is `best`, within the interval of what was drawn."""
    draws = draw(problem)
    scores = draws.scores(problem, lambda batch, key: problem.oracle(batch))
    _expect(problem, draws, scores, problem.best, "the oracle", "best")


def oracle_sees_only_the_past(problem: Problem) -> None:
    """The oracle is a predictor: neither targets nor later inputs change what it says."""
    draws = draw(problem)
    batch, half = one(draws.evaluation, 0), draws.evaluation.mask.shape[-1] // 2
    other = np.roll(batch.inputs, 1, axis=0) if problem.is_fixed else one(draws.evaluation, -1).inputs
    mixed = np.concatenate([batch.inputs[:, :half], other[:, half:]], axis=1)
    oracle = jax.jit(problem.oracle)
    said = oracle(batch)
    blind = oracle(batch._replace(targets=np.zeros_like(batch.targets)))
    require(jnp.array_equal(said, blind), "the oracle reads the targets; it must answer from the inputs")
    early = oracle(batch._replace(inputs=mixed))
    seen = np.asarray(batch.mask)[:, :half]
    same = np.asarray(said)[:, :half][seen] == np.asarray(early)[:, :half][seen]
    require(same.all(), "the oracle reads later inputs; its answer must follow from what came before")


def random_guess_scores_chance(problem: Problem) -> None:
    """Outputs that ignore everything score `chance`, within the interval of what was drawn."""
    draws = draw(problem)
    turns = N_GUESSES if problem.is_fixed else 1
    scores = draws.scores(problem, lambda batch, key: guess(problem, batch, key), turns)
    sampled = scores.std() > 0
    _expect(problem, draws, scores, problem.chance, "a random guesser", "chance", sampled)


def stays_at_the_floor_without_memory(problem: Problem) -> None:
    """The best table from the current input to the answer, filled from other draws, does not beat `floor`."""
    draws, sign = draw(problem), _sign(problem)
    half = len(draws.evaluation.mask) // 2
    known, asked = _joined(draws.evaluation, slice(half, None)), draws.evaluation
    held = slice(0, half or None)
    rows = _joined(asked, held)
    said = memoryless(problem, known, rows)
    shaped = said.reshape(-1, asked.mask.shape[1], *said.shape[1:])
    judge = jax.jit(lambda outputs, batch: jax.lax.map(lambda pair: problem.score(*pair), (outputs, batch)))
    scores = np.asarray(judge(shaped, Batch(*(values[held] for values in asked))), np.float64)
    reached, interval = scores.mean(), _interval(problem, draws, scores)
    require(
        sign * reached <= sign * problem.floor + interval,
        f"without memory a table scores {reached:.6g}, but floor is {problem.floor:.6g} (± {interval:.2g})",
    )


def can_be_solved(problem: Problem) -> None:
    """The criterion of success holds for the oracle in some draw, and for no random guesser."""
    draws = draw(problem)
    keys = jax.random.split(jax.random.key(2), len(draws.evaluation.mask))

    def judge(batch: Batch, key: Any) -> tuple[Any, Any]:
        guessed = guess(problem, batch, key)
        return problem.solved(problem.oracle(batch), batch), problem.solved(guessed, batch)

    oracle, guesser = jax.jit(lambda *all_draws: jax.lax.map(lambda draw: judge(*draw), all_draws))(
        Batch(*(jnp.asarray(values) for values in draws.evaluation)), keys
    )
    require(oracle.any(), "solved never holds for the oracle; the criterion cannot be reached")
    require(problem.best == problem.chance or not guesser.all(), "solved holds for a random guesser in every draw")


def ignores_what_the_mask_hides(problem: Problem) -> None:
    """What is said where nothing is scored changes neither score nor success: the mask covers all that counts."""
    draws = draw(problem)
    batch = Batch(*(jnp.asarray(values) for values in one(draws.evaluation, 0)))
    said = problem.oracle(batch)
    noise = jax.random.normal(jax.random.key(3), said.shape)
    spoilt = jnp.where(batch.mask[..., None], said, noise)
    for name in ("score", "solved"):
        judge = jax.jit(getattr(problem, name))
        before, after = judge(said, batch), judge(spoilt, batch)
        require(before == after, f"{name} depends on outputs that the mask hides ({before}, then {after})")


def _sign(problem: Problem) -> float:
    """Return 1 where a higher score is better, and -1 where a lower one is."""
    worse = problem.floor if problem.floor != problem.best else problem.chance
    return 1.0 if problem.best >= worse else -1.0


def _interval(problem: Problem, draws: Draws, scores: Float[np.ndarray, " sample"]) -> float:
    """Return how far the mean of the scores may lie from their expectation."""
    rounding = ROUNDING * max(1.0, abs(problem.best))
    if problem.is_fixed and len(scores) == 1:
        return rounding
    spread = float(scores.std(ddof=1)) / len(scores) ** 0.5
    return rounding + (N_SIGMA * spread if spread > 0 else RARE / draws.n_rows)


def _expect(
    problem: Problem,
    draws: Draws,
    scores: Float[np.ndarray, " sample"],
    expected: float,
    who: str,
    claim: str,
    sampled: bool = True,
) -> None:
    mean = float(scores.mean())
    interval = _interval(problem, draws, scores) if sampled else RARE / max(draws.n_rows, len(scores))
    require(
        abs(mean - expected) <= interval,
        f"{who} scores {mean:.6g}, but {claim} is {expected:.6g} (± {interval:.2g})",
    )


def _joined(batches: Batch, which: slice) -> Batch:
    """Put the rows of several draws below each other."""
    return Batch(*(values[which].reshape(-1, *values.shape[2:]) for values in batches))
