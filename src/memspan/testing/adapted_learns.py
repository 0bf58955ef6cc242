"""Checks of a user's model as something that is made, taught and kept: seed, gradient, weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.testing.adapted_reads import apart
from memspan.testing.subject import DoesNotApply, Subject
from memspan.testing.violation import Violation, require

__all__ = [
    "has_credit_for_the_cue",
    "is_decided_by_its_seed",
    "is_made_and_answers",
    "lets_go_of_the_past",
    "saves_and_loads",
]

READ_OUT = "read_out"  # in the names of weights that are ours


def is_made_and_answers(subject: Subject) -> None:
    """It gives a vector of finite numbers at every step."""
    wanted = (subject.rows, subject.steps, subject.problem.n_outputs)
    require(subject.said.shape == wanted, f"it must give outputs of shape {wanted}, but gave {subject.said.shape}")
    require(np.isfinite(subject.said).all(), "it says NaN or infinity before any training; draw smaller weights")


def is_decided_by_its_seed(subject: Subject) -> None:
    """The same seed gives the same weights, outputs and learning; another seed gives others."""
    first, second = (_made(subject, 0) for _ in range(2))
    for name, one, other in zip(("first weights", "outputs", "learned weights"), first, second, strict=True):
        require(
            not apart(one, other),
            f"one seed gives other {name} when it is made again; draw from the framework's generator, which is seeded "
            "before your factory is called, and from no other",
        )
    mine = _vector(subject.fresh(0), without_ours=True)
    if subject.trains and len(mine):
        require(
            not np.array_equal(mine, _vector(subject.fresh(1), without_ours=True)),
            "seeds 0 and 1 give the same first weights, so that all runs would be one; set no seed of your own",
        )


def lets_go_of_the_past(subject: Subject) -> None:
    """It learns from one batch after the other with the state carried on, and without the graph of the last."""
    if not subject.trains:
        raise DoesNotApply("it is not trained")
    if subject.form == "none":
        raise DoesNotApply("it reads whole sequences and keeps no state")
    subject.fresh().learn(2)


def has_credit_for_the_cue(subject: Subject) -> None:
    """The gradient of the last output reaches the first input."""
    if not subject.trains:
        raise DoesNotApply("it is not trained")
    try:
        norms = subject.fresh().ask("sensitivity", subject.x, subject.steps - 1)
    except InvalidInput as refusal:
        raise DoesNotApply(str(refusal)) from None
    back = np.asarray(norms, np.float64)[::-1]
    require(np.isfinite(back).all(), "the gradient of its last output is no finite number; scale or clip its weights")
    subject.norms = tuple(back.tolist())
    reached = np.flatnonzero(back)
    if not back[-1]:
        far = f"{int(reached[-1])} steps back and no further" if len(reached) else "none of its inputs"
        raise Violation(
            f"the gradient of its last output reaches {far}, but the cue lies {len(back) - 1} steps back; detach no "
            "state inside a sequence, and round or choose nothing on the way"
        )


def saves_and_loads(subject: Subject) -> None:
    """Its weights, put into a fresh model of any seed, say what they said; so does its state."""
    if not subject.fresh().ask("weights"):
        raise DoesNotApply("it shows no weights")
    subject.learn(1)
    weights = subject.ask("weights")
    said = subject.reset().read(subject.x)
    for seed, sentence in (
        (0, "what it learns is not all in its trained weights (running averages of a normalisation are not)"),
        (1, "something of it is drawn from the seed and is none of its trained weights"),
    ):
        subject.fresh(seed).ask("load", weights)
        require(
            not apart(said, subject.reset().read(subject.x)),
            f"loaded into a fresh model of seed {seed}, its weights say other things; {sentence}: make it a parameter",
        )
    if subject.form == "none":
        return
    subject.reset().read(subject.x[:, : subject.half])
    state = subject.ask("state")
    expected = subject.read(subject.z[:, : subject.half])
    subject.reset().ask("restore", state)
    require(
        not apart(expected, subject.read(subject.z[:, : subject.half])),
        "put back, its state says other things; keep all of it in tensors of the module, or return it",
    )


def _made(subject: Subject, seed: int) -> tuple[Any, ...]:
    """Return what a seed gives: weights, outputs, and weights after a lesson."""
    weights = _vector(subject.fresh(seed))
    said = subject.read(subject.x)
    if not subject.trains:
        return weights, said, weights
    try:
        subject.reset().learn(1)
    except Violation:  # of a check of its own
        return weights, said, weights
    return weights, said, _vector(subject)


def _vector(subject: Subject, without_ours: bool = False) -> Float[np.ndarray, " weight"]:
    named = subject.ask("weights").items()
    arrays = [np.ravel(each) for name, each in named if not (without_ours and READ_OUT in name)]
    return np.concatenate([np.zeros(0, np.float32), *arrays])
