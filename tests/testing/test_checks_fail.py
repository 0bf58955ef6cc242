"""Each check of the contract fails on a problem that breaks it, with a sentence, and lets the sound one pass."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput
from memspan.problems import Conflict, from_toml
from memspan.testing import Violation, check_problem, problem_checks

SOUND = Conflict()


@dataclasses.dataclass(frozen=True)
class Echo:
    """Say the number that was read one step ago.

    Example:
        >>> Echo().batch(jax.random.key(0)).inputs.shape
        (8, 3, 1)
    """

    variant = "echo"
    reference = "this test"
    loss = "squared_error"
    score_name = "mean squared error"
    n_inputs = n_outputs = 1
    n_sequences, n_steps = 8, 3
    is_fixed = False
    is_disjoint = True
    chance, floor, best = 1 / 6, 1 / 12, 0.0

    def batch(self, key):
        inputs = jax.random.uniform(key, (8, 3, 1))
        return Batch(inputs, jnp.roll(inputs, 1, axis=1), jnp.tile(jnp.arange(3) > 0, (8, 1)))

    def evaluation(self, key):
        return self.batch(jax.random.fold_in(key, 1))

    def oracle(self, batch):
        return jnp.roll(batch.inputs, 1, axis=1)

    def correct(self, outputs, batch):
        return jnp.abs(outputs - batch.targets)[..., 0] < 0.1

    def score(self, outputs, batch):
        return jnp.mean((outputs - batch.targets) ** 2, where=batch.mask[..., None])

    def solved(self, outputs, batch):
        return jnp.all(self.correct(outputs, batch) | ~batch.mask)


def broken(**members):
    """A conflict problem with some members replaced."""
    return type("Broken", (Conflict,), members)


class Unfrozen:
    """Everything of a conflict but its nature: it is not a dataclass."""

    def __getattr__(self, name):
        return getattr(SOUND, name)


def targets_as_answers(self, batch):
    return jax.nn.one_hot(batch.targets, self.n_outputs)


def later_inputs_as_answers(self, batch):
    later = jnp.concatenate([batch.inputs[:, 1:], batch.inputs[:, :1]], axis=1)
    return jax.nn.one_hot(later, self.n_outputs)


def score_of_all_steps(self, outputs, batch):
    return jnp.mean(outputs)


def wide(self, key=None):
    batch = SOUND.batch()
    return batch._replace(inputs=jnp.concatenate([batch.inputs] * 2))


def no_end(self, key=None):
    batch = SOUND.batch()
    return batch._replace(mask=batch.mask.at[1].set(False))


def drifting(self, key=None):
    """More with every call: not a function of the key."""
    self.calls.append(key)
    return SOUND.batch()._replace(targets=SOUND.batch().targets * (len(self.calls) % 2))


def far(self, key=None):
    return SOUND.batch()._replace(targets=SOUND.batch().targets + 1)


def keyless(self, key=None):
    return SOUND.batch()


def outside_only(self, key=None):
    """Different values where it is traced."""
    traced = isinstance(jnp.zeros(()) + 0, jax.core.Tracer)
    return SOUND.batch()._replace(targets=SOUND.batch().targets * (0 if traced else 1))


CASES = [
    ("has_every_member", object(), "lacks batch, best"),
    ("is_described", broken(variant=" ")(), "variant is empty"),
    ("is_described", broken(loss="hinge")(), "loss is 'hinge', but must be one of"),
    ("is_described", type("Broken", (Echo,), {"n_inputs": 0})(), "n_inputs is 0"),
    ("is_described", broken(floor=float("nan"))(), "floor is nan, not a finite number"),
    ("is_a_value", Unfrozen(), "is not a frozen dataclass"),
    ("is_a_value", broken(__eq__=lambda self, other: self is other, __hash__=object.__hash__)(), "not equal to it"),
    ("has_an_example_that_runs", broken(__doc__="No example.")(), "has no 'Example:'"),
    (
        "has_an_example_that_runs",
        broken(__doc__="Example:\n    >>> 1 + 1\n    3\n", __module__=__name__)(),
        "1 \\+ 1 gives 2, but shows 3",
    ),
    (
        "has_an_example_that_runs",
        broken(__doc__="Example:\n    >>> 1 / 0\n    3\n", __module__=__name__)(),
        "raises ZeroDivisionError",
    ),
    ("moves_with_its_difficulty", broken(difficulty={"lag": "n_sequences"})(), "more lag leaves n_sequences at 2"),
    ("ceilings_agree", broken(floor=0.5)(), "ceiling\\(1\\) is 0.875, but floor is 0.5"),
    ("ceilings_agree", broken(demand=3)(), "ceiling\\(demand\\) is 0.875, but best is 1.0"),
    ("ceilings_agree", broken(demand=5)(), "demand - 1 = 4 already reaches best"),
    ("draws_by_key", broken(batch=drifting, calls=[])(), "training draws differ for the same key"),
    ("draws_by_key", broken(is_fixed=False, batch=keyless)(), "the same for two keys, but is_fixed is False"),
    (
        "draws_by_key",
        broken(
            batch=lambda self, key=None: Conflict(middle="fresh").batch(jax.random.key(0) if key is None else key)
        )(),
        "depend on the key, but is_fixed is True",
    ),
    ("draws_side_by_side", broken(batch=outside_only)(), "something else inside jax.jit"),
    ("draws_in_shape", type("Broken", (Echo,), {"n_steps": 7})(), "\\(8, 3\\), but promises \\(8, 7\\)"),
    ("draws_in_shape", broken(batch=wide)(), "inputs have shape \\(4, 4\\), but symbols must have \\(2, 4\\)"),
    ("draws_in_shape", broken(batch=far)(), "targets are symbols from 1 to 5, but must be 0 to 4"),
    (
        "draws_in_shape",
        broken(batch=lambda self, key=None: SOUND.batch()._replace(mask=jnp.ones((2, 4))))(),
        "mask has dtype float32",
    ),
    (
        "draws_in_shape",
        broken(batch=lambda self, key=None: SOUND.batch()._replace(inputs=jnp.full((2, 4, 5), jnp.nan)))(),
        "inputs hold numbers that are not finite",
    ),
    ("draws_in_shape", broken(loss="squared_error")(), "targets are symbols, but loss is 'squared_error'"),
    ("scores_something_in_every_sequence", broken(batch=no_end)(), "without a scored position"),
    ("draws_apart_for_evaluation", broken(is_disjoint=True)(), "2 evaluation sequences also occur in training"),
    ("orders_its_floors", broken(chance=0.95)(), "not in order"),
    ("oracle_scores_best", broken(best=0.9)(), "the oracle scores 1, but best is 0.9"),
    ("oracle_sees_only_the_past", broken(oracle=targets_as_answers)(), "reads the targets"),
    ("oracle_sees_only_the_past", broken(oracle=later_inputs_as_answers)(middle="fresh"), "reads later inputs"),
    ("random_guess_scores_chance", broken(chance=0.5)(), "a random guesser scores 0\\.[12].*, but chance is 0.5"),
    ("stays_at_the_floor_without_memory", broken(floor=0.8)(), "a table scores 0.875, but floor is 0.8"),
    ("can_be_solved", broken(solved=lambda self, outputs, batch: jnp.array(False))(), "never holds for the oracle"),
    ("can_be_solved", broken(solved=lambda self, outputs, batch: jnp.array(True))(), "holds for a random guesser"),
    ("ignores_what_the_mask_hides", broken(score=score_of_all_steps)(scored="end"), "mask hides change scores"),
]


def test_every_check_has_a_broken_problem():
    assert {name for name, _, _ in CASES} == set(problem_checks())


@pytest.mark.parametrize(("name", "problem", "sentence"), CASES)
def test_fails(name, problem, sentence):
    with pytest.raises(Violation, match=sentence) as caught:
        check_problem(problem, [name])
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).endswith(f"[{name}]")


def test_all_violations_are_told_one_line_each():
    worse = broken(variant=" ", chance=0.5)()
    with pytest.raises(Violation) as caught:
        check_problem(worse, ["is_described", "draws_in_shape", "random_guess_scores_chance"])
    assert [line.split("[")[1] for line in str(caught.value).splitlines()] == [
        "is_described]",
        "random_guess_scores_chance]",
    ]


def test_what_lacks_members_is_asked_no_further():
    with pytest.raises(Violation) as caught:
        check_problem(object())
    assert len(str(caught.value).splitlines()) == 1


def test_a_figure_that_is_a_little_wrong_is_found_in_a_drawn_problem():
    """The interval of 16 draws is narrow enough to tell 1/5 from 1/4, and to tell 1/2 from 0.6."""
    drawn = broken(chance=0.25)(middle="fresh")
    with pytest.raises(Violation, match="a random guesser"):
        check_problem(drawn, ["random_guess_scores_chance"])
    with pytest.raises(Violation, match="the oracle"):
        check_problem(broken(best=0.6)(middle="fresh"), ["oracle_scores_best"])
    with pytest.raises(Violation, match="without memory"):
        check_problem(broken(floor=0.2)(middle="fresh"), ["stays_at_the_floor_without_memory"])


def test_unknown_check():
    with pytest.raises(InvalidInput, match="did you mean 'is_a_value'"):
        check_problem(SOUND, ["is_value"])


def test_importing_needs_no_pytest():
    code = "import sys, memspan.testing; sys.exit('pytest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_users_small_class_keeps_the_contract():
    check_problem(Echo())


def test_a_listed_problem_passes_through_the_same_door(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('name = "mine"\nscored = "end"\nsequences = [[1, 2, 3], [4, 2, 5, 5], [1, 2, 4]]\n')
    problem = from_toml(file)
    check_problem(problem)
    assert problem.best == pytest.approx(2 / 3)
    assert np.asarray(problem.batch().mask).sum() == 3
