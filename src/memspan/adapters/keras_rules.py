"""Learning rules for a Keras model: how far the gradient is followed, and an update of ours with it."""

from __future__ import annotations

from typing import Any

import jax
import keras
import numpy as np
from jaxtyping import Float

from memspan.adapters.abstract import Task
from memspan.adapters.keras_gradient import Differentiated, differentiated
from memspan.adapters.keras_loop import KerasBatch, updates_of
from memspan.adapters.keras_loss import mean_loss
from memspan.adapters.loop import Loop
from memspan.adapters.own_loop import OwnLoop
from memspan.core.batch import Batch
from memspan.core.errors import RunFailed
from memspan.core.foreign import Taught
from memspan.rules import BPTT, Online, TruncatedBPTT

__all__ = ["Follower"]

ops: Any = keras.ops


class Follower:
    """Teaches a Keras model as a rule of ours teaches a model of ours: the same loss, the same updates.

    The optimizer is the spec's own, on one vector of all weights, so that it is the same to the last setting.

    Args:
        model: the adapted model.
        task: names rule, loss and optimizer.
    """

    def __init__(self, model: Any, task: Task) -> None:
        self._model, self._task, self._updates = model, task, 0
        self._passes: dict[int, Any] = {}  # by where a window is cut, which is part of the compiled function
        if isinstance(task.rule, OwnLoop):
            self._whole = model.whole()
            self._loop = Loop(task.rule.user, self._whole, lambda: keras.device(task.device))
            return
        if task.optimizer is None:
            return  # it only reads
        transform = task.optimizer.build()
        self._memory = transform.init(self._vector())
        self._change = jax.jit(transform.update)
        _check_rule(task, model.form, model.window)

    def learn(self, lesson: Batch) -> Taught:
        """Learn from a lesson, `[batch, time, ...]`."""
        model, rule = self._model, self._task.rule
        inputs, targets = model.encoded(lesson.inputs), np.asarray(lesson.targets)
        if targets.dtype.kind != "f":
            targets = np.eye(self._task.n_outputs, dtype=np.float32)[targets]
        mask = np.asarray(lesson.mask, np.float32)
        if isinstance(rule, OwnLoop):
            return self._shown(lesson, inputs, targets, mask)
        steps, self._updates = inputs.shape[1], 0
        whole = 1 if isinstance(rule, Online) else steps
        k1, k2 = (whole, whole) if isinstance(rule, BPTT | Online) else (rule.k1, rule.k2)
        k1, begin, met = min(k1, steps), 0, 0.0
        for number, first in enumerate(range(0, steps, k1)):
            end = min(first + k1, steps)
            following = max(0, (number + 2) * k1 - k2)  # where the next window begins
            cut = following - begin if begin < following < end else 0
            state = model.explicit(len(inputs))
            scored = targets[:, first:end], mask[:, first:end]
            passed = self._pass(cut)(inputs[:, begin:end], state, *scored)
            self._update(passed, bool(scored[1].any()))
            met += passed.loss * float(scored[1].sum())
            at_cut, last = passed.also
            if end == steps or following >= end:
                model.went_on(last)
            elif cut:
                model.went_on(at_cut)
            begin = following
        return Taught(met / max(float(mask.sum()), 1.0), self._updates)

    def _shown(self, lesson: Batch, inputs: Any, targets: Any, mask: Any) -> Taught:
        """Have the user's loop learn from a lesson; the loss is that before it, which no loop can leave out."""
        model, state = self._model, self._model.state()
        loss = mean_loss(self._task.loss, model.read(lesson.inputs), targets, mask)
        model.restore(state)
        given = model.explicit(len(inputs))
        with model.last.as_written():
            batch = KerasBatch([inputs, *given] if given else inputs, targets, mask, self._task.loss, bool(model.last))
            updates = updates_of(self._whole, lambda: self._loop.show(batch))
        return Taught(float(ops.convert_to_numpy(loss)), updates)

    def _pass(self, cut: int) -> Any:
        """Return the function (inputs, state, targets, mask) -> loss, gradients, (state at the cut, last state)."""

        def cost(inputs: Any, state: Any, targets: Any, mask: Any) -> Any:
            between, said = state, []
            if cut:
                outputs, between = self._model.passed(inputs[:, :cut], state, training=True)
                said.append(outputs)
            outputs, last = self._model.passed(inputs[:, cut:], between, training=True)
            outputs = ops.concatenate([*said, outputs], axis=1)[:, -targets.shape[1] :]
            return mean_loss(self._task.loss, outputs, targets, mask), (between, last)

        if cut not in self._passes:
            self._passes[cut] = differentiated(cost, self._model.trained(), self._model.untrained())
        return self._passes[cut]

    def _update(self, passed: Differentiated, scored: bool) -> None:
        """Change the weights, unless nothing was scored."""
        if not scored:
            return
        gradient = np.concatenate([each.ravel() for each in passed.gradients]).astype(np.float32)
        before = self._vector()
        change, self._memory = self._change(gradient, self._memory, before)
        after, start = before + np.asarray(change), 0
        for variable in self._model.trained():
            size = int(np.prod(variable.shape))
            variable.assign(after[start : start + size].reshape(variable.shape))
            start += size
        self._updates += 1

    def _vector(self) -> Float[np.ndarray, " weight"]:
        """Return all weights as one vector."""
        parts = [ops.convert_to_numpy(each.value).ravel() for each in self._model.trained()]
        return np.concatenate(parts).astype(np.float32)


def _check_rule(task: Task, form: str, window: int | None) -> None:
    """Refuse rules whose credit would have to pass between two calls of layers that keep their state."""
    rule, place = task.rule, f"{task.user.name} ({task.user.place})"
    if form == "kept" and isinstance(rule, TruncatedBPTT) and rule.k1 != rule.k2:
        raise RunFailed(
            f"rule must have k1 = k2 for {place}, whose layers hand the state, and no gradient, to the next window, "
            f"but got {rule}; use BPTT, Online or TruncatedBPTT(k, k)"
        )
    if form == "kept" and isinstance(rule, BPTT) and window == 1:
        raise RunFailed(
            f"rule must be Online for {place}, which reads one step at a time and hands no gradient to the next, but "
            "got BPTT; let its input have any number of steps, or use Online"
        )
