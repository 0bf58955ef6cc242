"""A curriculum: easier problems on the way to one, which the same weights must be able to learn."""

from __future__ import annotations

from memspan.core.errors import InvalidInput
from memspan.core.parts import check_part
from memspan.core.problem import Problem
from memspan.core.protocol import Protocol

__all__ = ["check_curriculum"]


def check_curriculum(curriculum: object, problem: Problem, protocol: Protocol) -> None:
    """Refuse easier problems that do not fit the problem they lead to.

    Example:
        >>> from memspan.problems import Conflict
        >>> check_curriculum((Conflict(lag=3).shorter(1),), Conflict(lag=3), Protocol())
        >>> check_curriculum((Conflict(lag=1),), Conflict(lag=3), Protocol())
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: curriculum must keep n_inputs=5 of 'conflict (tutorial), lag 3', for the
        weights are carried on, but got n_inputs=3 of 'conflict (tutorial), lag 1'; a conflict is shortened by its
        method shorter

    Args:
        curriculum: what was given for the easier problems.
        problem: what they lead to.
        protocol: how many sequences are seen at once.

    Raises:
        InvalidInput: it is no tuple of problems, or one differs in inputs, outputs, loss or rows of a batch.
    """
    if not isinstance(curriculum, tuple):
        raise InvalidInput(
            f"curriculum must be a tuple of easier problems, but got {curriculum!r}; write (problem,) for one"
        )
    for easier in curriculum:
        check_part("curriculum", easier, Problem, "memspan.problems.Conflict()")
        for name in ("n_inputs", "n_outputs", "loss"):
            mine, theirs = getattr(problem, name), getattr(easier, name)
            if mine != theirs:
                raise InvalidInput(
                    f"curriculum must keep {name}={mine!r} of {problem.variant!r}, for the weights are carried on, but "
                    f"got {name}={theirs!r} of {easier.variant!r}; a conflict is shortened by its method shorter"
                )
        mine, theirs = (protocol.rows(each.n_sequences) for each in (problem, easier))
        if mine != theirs:
            raise InvalidInput(
                f"curriculum must keep the {mine} rows of a batch, for the state is carried on, but got {theirs} of "
                f"{easier.variant!r}; give all stages the same n_sequences, or use batch='one'"
            )
