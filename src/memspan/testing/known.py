"""Checks of what a problem claims to know: the scores of its oracle, of a guesser and without memory."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from memspan.core.batch import Batch
from memspan.core.problem import Problem
from memspan.testing.draws import Verdicts, draw, judge, oracle_outputs
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
    scores = judge(problem, oracle_outputs(problem)).scores
    _expect(problem, scores, problem.best, "the oracle", "best")


def oracle_sees_only_the_past(problem: Problem) -> None:
    """The oracle is a predictor: neither targets nor later inputs change what it says."""
    batch = draw(problem).evaluation
    half = batch.mask.shape[-1] // 2
    other = np.roll(batch.inputs, 1, axis=1 if problem.is_fixed else 0)
    mixed = np.concatenate([batch.inputs[:, :, :half], other[:, :, half:]], axis=2)
    said = np.asarray(oracle_outputs(problem))
    blind = np.asarray(oracle_outputs(problem, targets=np.zeros_like(batch.targets)))
    require((said == blind)[batch.mask].all(), "the oracle reads the targets; it must answer from the inputs")
    early = np.asarray(oracle_outputs(problem, inputs=mixed))
    same = (said == early)[:, :, :half][batch.mask[:, :, :half]]
    require(same.all(), "the oracle reads later inputs; its answer must follow from what came before")


def random_guess_scores_chance(problem: Problem) -> None:
    """Outputs that ignore everything score `chance`, within the interval of what was drawn."""
    outputs = guess(problem, draw(problem).evaluation, np.random.default_rng(1))
    _expect(problem, judge(problem, outputs).scores, problem.chance, "a random guesser", "chance")


def stays_at_the_floor_without_memory(problem: Problem) -> None:
    """The best table from the current input to the answer, filled from other draws, does not beat `floor`."""
    evaluation, sign = draw(problem).evaluation, _sign(problem)
    half = len(evaluation.mask) // 2
    known = Batch(*(values[half:] for values in evaluation))
    scores = judge(problem, memoryless(problem, known, evaluation)).scores[:half]
    reached, interval = float(scores.mean()), _interval(problem, scores)
    require(
        sign * reached <= sign * problem.floor + interval,
        f"without memory a table scores {reached:.6g}, but floor is {problem.floor:.6g} (± {interval:.2g})",
    )


def can_be_solved(problem: Problem) -> None:
    """The criterion of success holds for the oracle in some draw, and not for a guesser in all draws."""
    reached = judge(problem, oracle_outputs(problem)).solved.any()
    require(reached, "solved never holds for the oracle; the criterion cannot be reached")
    guessed = judge(problem, guess(problem, draw(problem).evaluation, np.random.default_rng(2))).solved.all()
    require(not guessed, "solved holds for a random guesser in every draw; the criterion asks for nothing")


def ignores_what_the_mask_hides(problem: Problem) -> None:
    """What is said where nothing is scored changes neither score nor success: the mask covers all that counts."""
    said = np.asarray(oracle_outputs(problem))
    noise = np.random.default_rng(3).standard_normal(said.shape, np.float32)
    spoilt = np.where(draw(problem).evaluation.mask[..., None], said, noise)
    for name, before, after in zip(Verdicts._fields, judge(problem, said), judge(problem, spoilt), strict=True):
        require(
            (before == after).all(), f"outputs that the mask hides change {name}; the mask must cover all that counts"
        )


def _sign(problem: Problem) -> float:
    """Return 1 where a higher score is better, and -1 where a lower one is."""
    worse = problem.floor if problem.floor != problem.best else problem.chance
    return 1.0 if problem.best >= worse else -1.0


def _interval(problem: Problem, scores: Float[np.ndarray, " draw"]) -> float:
    """Return how far the mean of the scores may lie from their expectation."""
    spread = float(scores.std(ddof=1)) / len(scores) ** 0.5
    exact = problem.is_fixed or spread > 0
    unseen = 0.0 if exact else RARE / draw(problem).evaluation.mask[..., 0].size
    return ROUNDING * max(1.0, abs(problem.best)) + N_SIGMA * spread + unseen


def _expect(problem: Problem, scores: Float[np.ndarray, " draw"], expected: float, who: str, claim: str) -> None:
    mean, interval = float(scores.mean()), _interval(problem, scores)
    require(
        abs(mean - expected) <= interval,
        f"{who} scores {mean:.6g}, but {claim} is {expected:.6g} (± {interval:.2g})",
    )
