"""The sequences of a conflict in a row, as one sequence: what a reader of the tutorial tried."""

from __future__ import annotations

from memspan.problems.conflict import Conflict
from memspan.problems.listed import Listed

__all__ = ["concatenated"]


def concatenated(problem: Conflict) -> Listed:
    """Return the problem whose one sequence is all sequences of a conflict in a row.

    Where one of them ends the next begins, and that is to be foreseen too, so it is another problem: of the
    tutorial's two sequences it makes nine pairs.

    Example:
        >>> joined = concatenated(Conflict())
        >>> joined.sequences(), joined.n_steps, joined.demand
        ([[3, 0, 1, 2, 3, 4, 0, 1, 2, 4]], 9, 4)

    Args:
        problem: a conflict whose sequences last.

    Returns:
        The problem of one sequence.

    Raises:
        InvalidInput: the conflict has a fresh middle.
    """
    row = [symbol for sequence in problem.sequences() for symbol in sequence]
    return Listed([row], name=f"concatenated {problem.variant}", reference=problem.reference)
