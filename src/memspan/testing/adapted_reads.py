"""Checks of how a user's model reads: its state, its resets, nothing from beside, from later or from padding."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import RunFailed
from memspan.testing.subject import DoesNotApply, Subject
from memspan.testing.violation import Violation, require

__all__ = [
    "apart",
    "carries_its_state",
    "forgets_at_a_reset",
    "ignores_padding",
    "is_still_in_evaluation",
    "reads_alike_in_both_forms",
    "reads_each_sequence_alone",
    "reads_only_the_past",
]

CLOSE = 1e-5  # how far two readings may differ, as a share of the largest output
WITHOUT_STATE = "it reads whole sequences and keeps no state"


def is_still_in_evaluation(subject: Subject) -> None:
    """With weights as they are, it says the same to the same: no drop-out, no noise."""
    again, other = (_after(subject, first) for first in (subject.x, subject.y))
    if apart(again, other):
        return  # something outlives a reset, which is a check of its own
    same = np.repeat(subject.x[:1], subject.rows, axis=0)
    rows = subject.fresh().read(same)
    require(
        not apart(rows, np.repeat(rows[:1], subject.rows, axis=0)),
        "it says different things to equal sequences side by side; drop-out or noise is on in evaluation: ask for it "
        "only where the module is in training mode",
    )
    require(
        not apart(subject.said, again),
        "it says something else the second time, whatever it read the first time; it draws random numbers or counts "
        "its calls: let it do neither in evaluation",
    )


def forgets_at_a_reset(subject: Subject) -> None:
    """What was read before a reset changes nothing after it."""
    again, other = (_after(subject, first) for first in (subject.x, subject.y))
    advice = {
        "kept": "have the method that is named as reset forget all that the model keeps",
        "explicit": "keep nothing beside the state that is returned",
        "none": "keep nothing, or name the method that forgets it as reset",
    }[subject.form]
    require(
        not apart(again, other),
        f"what it read before a reset changes what it says after it; {advice} (running averages are kept things too)",
    )
    if subject.form == "kept":
        subject.fresh().read(subject.y)
        own = subject.ask("reset_of_its_own")
        require(
            not own or not apart(subject.read(subject.x), again),
            f"memspan's reset clears its state, but its own {own} does not; have that set all of layer.states to zeros",
        )


def carries_its_state(subject: Subject) -> None:
    """What was read in the batch before changes what is said, where nothing was reset."""
    if subject.form == "none":
        raise DoesNotApply(WITHOUT_STATE)
    half, said = subject.half, list[Any]()
    for first in (subject.x, subject.y):
        subject.fresh().read(first[:, :half])
        said.append(subject.read(subject.z[:, :half]))
    advice = {
        "kept": "its parts keep nothing: store the new state in the module, or return it",
        "explicit": "start from the state that is given as the second argument",
    }[subject.form]
    require(not np.array_equal(*said), f"its state is lost from one batch to the next; {advice}")


def reads_each_sequence_alone(subject: Subject) -> None:
    """Other sequences in the batch change nothing, neither in evaluation nor in training."""
    if subject.rows == 1:
        raise DoesNotApply("it is made for one sequence at a time")
    mixed = np.concatenate([subject.x[:1], subject.y[1:]])
    advice = "keep the axis of the batch apart from all others"
    require(
        not apart(subject.said[:1], subject.fresh().read(mixed)[:1]),
        f"what it says to a sequence depends on those beside it; {advice}",
    )
    if subject.trains:
        alone, beside = (subject.fresh().read(inputs, True)[:1] for inputs in (subject.x, mixed))
        require(
            not apart(alone, beside),
            "in training, what it says to a sequence depends on those beside it, as batch normalisation makes it; use "
            "layer normalisation",
        )


def reads_only_the_past(subject: Subject) -> None:
    """The output at a step does not depend on inputs after it."""
    for end in (1, subject.half):
        mixed = np.concatenate([subject.x[:, :end], subject.y[:, end:]], axis=1)
        said = subject.fresh().read(mixed)[:, :end]
        require(
            not apart(subject.said[:, :end], said),
            f"its output at step {end} depends on inputs after it; use no bidirectional layer, mask attention to the "
            "past, and normalise over no axis of time",
        )


def ignores_padding(subject: Subject) -> None:
    """A longer sequence, padded with zeros at its end, is answered as the shorter one."""
    if not subject.trains:
        raise DoesNotApply("it is asked for whole sequences, and may answer at their end")
    ways = (("half as many steps", subject.x[:, : subject.half]), ("padding at the end", subject.padded(subject.x)))
    for name, inputs in ways:
        try:
            said = subject.fresh().read(inputs)
        except RunFailed as failure:
            raise Violation(f"it reads no sequence with {name}; read any number of steps ({failure})") from None
        both = min(said.shape[1], subject.steps)
        require(
            not apart(subject.said[:, :both], said[:, :both]),
            f"with {name} it says other things before; let nothing depend on how long a sequence is",
        )


def reads_alike_in_both_forms(subject: Subject) -> None:
    """Read in two parts, or step by step, a sequence is what it is when read at once."""
    if subject.form == "none":
        raise DoesNotApply(WITHOUT_STATE)
    for name, size in (("in two parts", subject.half), ("step by step", 1)):
        subject.fresh()
        parts = [subject.read(subject.x[:, first : first + size]) for first in range(0, subject.steps, size)]
        require(
            not apart(subject.said, np.concatenate(parts, axis=1)),
            f"{name}, it says other things than at once; its state must hold all that it needs to go on",
        )


def apart(one: Float[np.ndarray, "..."], other: Float[np.ndarray, "..."]) -> bool:
    """Return whether outputs differ by more than rounding.

    Example:
        >>> apart(np.ones(2), np.array([1, 1 + 1e-7])), apart(np.ones(2), np.array([1, 1.001]))
        (False, True)
    """
    scale = max(1.0, float(np.abs(one).max(initial=0.0)))
    return not bool(np.abs(one - other).max(initial=0.0) <= CLOSE * scale)  # NaN is apart from all


def _after(subject: Subject, first: Any) -> Any:
    """Read something, reset, and return what is said to `x` then."""
    subject.fresh().read(first)
    return subject.reset().read(subject.x)
