"""Each check of a rule's contract fails on a rule that breaks it, with a sentence, and lets the sound one pass."""

from __future__ import annotations

import dataclasses
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.errors import InvalidInput
from memspan.models import MLP
from memspan.rules import BPTT, Online
from memspan.testing import Violation, check_rule, rule_checks

SOUND = BPTT()


def broken(learn):
    """A rule with another way to learn: (learner, memory, lesson) -> (memory, loss)."""
    return type("Broken", (BPTT,), {"learn": lambda self, *given: learn(*given)})()


def after(change):
    """A rule that learns soundly and then changes memory or loss."""
    return broken(lambda learner, memory, lesson: change(memory, *SOUND.learn(learner, memory, lesson)))


def before(change):
    """A rule that learns soundly from a changed lesson."""
    return broken(lambda learner, memory, lesson: SOUND.learn(learner, memory, change(lesson)))


def updating(change):
    """A rule that hands something else to the optimizer: (learner, memory, gradient, scored) -> memory."""

    def learn(learner, memory, lesson):
        other = learner._replace(update=lambda *given: change(learner, *given))
        return SOUND.learn(other, memory, lesson)

    return broken(learn)


@dataclasses.dataclass
class Loose:
    """Not frozen."""

    learn = BPTT.learn


@dataclasses.dataclass(frozen=True)
class Listed(BPTT):
    """Frozen, but one of its fields can change."""

    horizons: object = dataclasses.field(default_factory=list)


def everything(lesson):
    return lesson._replace(mask=jnp.ones_like(lesson.mask))


def last_gradient_doubled(learner, memory, gradient, scored):
    return learner.update(memory, jnp.where(jnp.arange(gradient.size) == gradient.size - 1, 2, 1) * gradient, scored)


def with_the_sum_of_inputs(learner, memory, lesson):
    """The loss and its gradient also hold a little of what was read, scored or not."""
    spoilt = learner._replace(
        sequence=lambda params, *read: (lambda state, outputs: (state, outputs + 0.1 * jnp.sum(read[1]) * params[0]))(
            *learner.sequence(params, *read)
        )
    )
    return SOUND.learn(spoilt, memory, lesson)


def summed_over_the_batch(learner, memory, lesson):
    """The gradient of the sum over the batch, where the loss is its mean."""
    many = jnp.max(jnp.sum(lesson.mask, axis=1))
    louder = learner._replace(update=lambda memory, gradient, scored: learner.update(memory, many * gradient, scored))
    return SOUND.learn(louder, memory, lesson)


def uphill(learner, memory, gradient, scored):
    return learner.update(memory, -gradient, scored)


def not_finite(memory, learnt, loss):
    return learnt, loss / jnp.where(loss > 0, 0.0, 1.0)


CALLS = itertools.count()


def drifting(memory, learnt, loss):
    """Another loss at every call, from a count on the host."""
    count = jax.pure_callback(
        lambda _: np.float32(next(CALLS)), jax.ShapeDtypeStruct((), "float32"), loss, vmap_method="sequential"
    )
    return learnt, loss + count


CASES = [
    ("is_a_rule", object(), "it lacks learn"),
    ("is_a_value", Loose(), "Loose is not a frozen dataclass"),
    ("is_a_value", Listed(), "cannot be hashed and written down"),
    ("keeps_the_memory_in_shape", after(lambda old, new, loss: (new, loss[None])), "the loss is float32\\[1\\]"),
    (
        "keeps_the_memory_in_shape",
        after(lambda old, new, loss: (new._replace(state=new.state[0]), loss)),
        "state of the memory is",
    ),
    (
        "keeps_the_memory_in_shape",
        after(lambda old, new, loss: (new._replace(updates=new.updates * 1.0), loss)),
        "updates of the memory is float32\\[\\], but was int32\\[\\]",
    ),
    (
        "keeps_the_memory_in_shape",
        broken(lambda learner, memory, lesson: learner.nothing),
        "learn raises AttributeError: .* no attribute 'nothing'",
    ),
    (
        "counts_its_updates",
        after(lambda old, new, loss: (new._replace(updates=old.updates), loss)),
        "it counts 0 updates in 6 scored steps",
    ),
    (
        "counts_its_updates",
        after(lambda old, new, loss: (new._replace(updates=old.updates + 7), loss)),
        "it counts 7 updates",
    ),
    (
        "counts_its_updates",
        after(lambda old, new, loss: (new._replace(params=old.params), loss)),
        "1 updates, but the weights are what they were",
    ),
    (
        "changes_nothing_where_nothing_is_scored",
        updating(lambda learner, memory, gradient, scored: learner.update(memory, gradient, True)),
        "params of the memory changes in a lesson where nothing is scored",
    ),
    (
        "changes_nothing_where_nothing_is_scored",
        after(lambda old, new, loss: (new._replace(updates=old.updates + 1), loss)),
        "updates of the memory changes",
    ),
    (
        "changes_nothing_where_nothing_is_scored",
        after(lambda old, new, loss: (new, loss + 1)),
        "it reports a loss of 1 where nothing is scored",
    ),
    ("reports_the_loss_met", after(lambda old, new, loss: (new, 2 * loss)), "the loss is off by"),
    (
        "carries_the_state",
        after(lambda old, new, loss: (new._replace(state=old.state), loss)),
        "what the network says after the lesson is off by",
    ),
    ("ignores_what_is_not_scored", before(everything), "with other targets of unscored positions the gradient"),
    (
        "ignores_what_is_not_scored",
        broken(with_the_sum_of_inputs),
        "with other inputs after the last scored step the gradient",
    ),
    ("averages_the_batch", broken(summed_over_the_batch), "of two equal sequences the gradient is off by"),
    (
        "is_exact_within_one_step",
        updating(last_gradient_doubled),
        "where the first step alone is scored the gradient is off by",
    ),
    (
        "is_exact_within_one_step",
        updating(lambda learner, memory, gradient, scored: learner.update(memory, gradient / 0.0, scored)),
        "gradients that are not finite",
    ),
    ("descends", updating(uphill), "in 40 steps downhill the loss goes from 0\\..* it must fall"),
    ("trains_in_the_engine", after(not_finite), "reports losses that are not finite"),
    ("trains_in_the_engine", after(drifting), "it gives different bits"),
]


def test_every_check_has_a_broken_rule():
    assert {name for name, _, _ in CASES} == set(rule_checks())


@pytest.mark.parametrize(("name", "rule", "sentence"), CASES)
def test_fails(name, rule, sentence):
    with pytest.raises(Violation, match=sentence) as caught:
        check_rule(rule, [name])
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).endswith(f"[{name}]")


def test_a_users_rule_and_model_keep_the_contract():
    @dataclasses.dataclass(frozen=True)
    class Local(Online):
        """A rule from outside, on a model that is not the default."""

    check_rule(Local(), model=MLP(units=2))


@pytest.mark.parametrize("rule", [object(), Loose(), after(lambda old, new, loss: (new, loss[None]))])
def test_what_others_build_on_ends_the_list(rule):
    with pytest.raises(Violation) as caught:
        check_rule(rule)
    assert len(str(caught.value).splitlines()) == 1


def test_what_has_no_hash_is_told_so():
    with pytest.raises(Violation, match="it cannot be hashed: unhashable type: 'list'"):
        check_rule(Listed(), ["descends"])


def test_unknown_check():
    with pytest.raises(InvalidInput, match="did you mean 'descends'"):
        check_rule(SOUND, ["descend"])
