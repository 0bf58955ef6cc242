"""Credit: how large a gradient reaches each input from the step that is scored, against how far the rule follows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.estimate import Estimate
from memspan.probes.intervals import mean
from memspan.probes.reader import Reader, differentiable
from memspan.probes.trials import Trials

__all__ = ["Credit", "credit"]


@dataclass(frozen=True)
class Credit:
    """The size of the gradient at each input.

    Attributes:
        back: steps back from the step that is scored, 0 being its own input; the last one is the cue.
        norms: Euclidean norm of the gradient of the right answer's margin with respect to that input vector.
        horizon: inputs that the rule's credit reaches, the scored step's own included; None where it reaches all.
        rule: what the rule is called; "" where none was named.
        beyond: share of the summed norms that lies beyond the horizon.
    """

    back: tuple[int, ...]
    norms: tuple[Estimate, ...]
    horizon: int | None
    rule: str
    beyond: Estimate

    @property
    def reaches_cue(self) -> bool:
        """Whether the rule's credit goes back as far as the cue."""
        return self.horizon is None or self.back[-1] < self.horizon

    @property
    def at_cue(self) -> float:
        """The gradient at the cue, as a multiple of that at the last input; infinite where that has none."""
        last, cue = self.norms[0].point, self.norms[-1].point
        return cue / last if last > 0 else (np.inf if cue > 0 else 0.0)

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data; `at_cue` is null where it is infinite."""
        return {
            "rule": self.rule,
            "horizon": self.horizon,
            "reaches_cue": self.reaches_cue,
            "at_cue": self.at_cue if np.isfinite(self.at_cue) else None,
            "beyond": self.beyond.to_json(),
            "steps": [{"back": b, "norm": n.to_json()} for b, n in zip(self.back, self.norms, strict=True)],
        }


def credit(reader: Reader, trials: Trials, horizon: int | None = None, rule: str = "") -> Credit:
    """Follow the gradient of the last step's margin back to every input.

    The margin is the right answer's output less the largest of the other answers' outputs. Between two answers the
    loss's own gradient is this one times one number, the same at every step, which vanishes as the loss does: the
    margin shows the way back also in a model that makes no more errors.

    Example:
        >>> import memspan as ms
        >>> from memspan.probes import reader_of, trials_of
        >>> problem = ms.problems.Conflict(lag=4)
        >>> window = ms.train(problem, ms.models.MLP(units=8, window=3), ms.rules.BPTT(), seeds=1, epochs=1)[0]
        >>> [norm.point > 0 for norm in credit(reader_of(window), trials_of(problem)).norms]
        [True, True, True, False, False]

    Args:
        reader: a model with gradients.
        trials: sequences of the problem.
        horizon: how far the learning rule follows a gradient, in steps; None where it reaches everything.
        rule: its name.

    Returns:
        Norms with intervals over the trials.

    Raises:
        InvalidInput: the model has no gradients.
    """
    gradients = differentiable(reader, "credit").credit(trials.inputs, trials.right, trials.answers)
    norms = np.sqrt((np.asarray(gradients, float) ** 2).sum(axis=2))[:, ::-1]
    sums = norms.sum(axis=1)
    far = norms[:, horizon:].sum(axis=1) if horizon is not None else np.zeros(len(norms))
    beyond = np.divide(far, sums, out=np.zeros_like(far), where=sums > 0)
    back = tuple(range(norms.shape[1]))
    return Credit(back, tuple(_norm(row, trials) for row in norms.T), horizon, rule, mean(beyond, trials.complete))


def _norm(values: Float[np.ndarray, " trial"], trials: Trials) -> Estimate:
    """Return the mean; no norm is negative, whatever the interval says."""
    found = mean(values, trials.complete)
    return Estimate(found.point, max(found.low, 0.0), found.high, found.n, found.method)
