"""A Keras 3 model, made and called: the operations of an adapted model, in whichever backend."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import keras
import numpy as np
from jaxtyping import Float, Shaped

from memspan.adapters.abstract import AbstractAdapted, Task
from memspan.adapters.keras_compiled import CompiledKeras, check_pure
from memspan.adapters.keras_conformance import check_keeps_state
from memspan.adapters.keras_gradient import differentiated, evaluated
from memspan.adapters.keras_loop import KerasReadOut
from memspan.adapters.keras_parts import LastActivation, StatefulLayers
from memspan.adapters.keras_rules import Follower
from memspan.adapters.made import made
from memspan.adapters.own_loop import OwnLoop, carries_nothing
from memspan.core.batch import Batch
from memspan.core.errors import InvalidInput, RunFailed
from memspan.core.foreign import Taught
from memspan.core.spec import Spec
from memspan.engine.network import INIT
from memspan.engine.program import compile_program
from memspan.engine.train import run
from memspan.models import Dense
from memspan.rules import BPTT

__all__ = ["KerasModel"]

ops: Any = keras.ops
Returned = TypeVar("Returned")


def _on_its_device(method: Callable[..., Returned]) -> Callable[..., Returned]:
    """Have an operation make all its arrays where the model is, and not on the backend's first device."""

    @functools.wraps(method)
    def there(self: Any, *arguments: Any, **named: Any) -> Returned:
        with keras.device(self.task.device):
            return method(self, *arguments, **named)

    return there


class KerasModel(AbstractAdapted):
    """A model of the user's with a read-out where it needs one.

    Args:
        task: what it is for.
        drawn: what Keras is seeded with; None derives it from the task's seed, as a compiled population does.
    """

    def __init__(self, task: Task, drawn: int | None = None) -> None:
        self.task, self._fresh, self._explicit = task, True, []
        _check_device(task.device)
        keras.utils.clear_session()
        self._drawn = int(np.random.default_rng([task.seed, INIT]).integers(2**31)) if drawn is None else drawn
        keras.utils.set_random_seed(self._drawn)
        self._make()

    @_on_its_device
    def _make(self) -> None:
        """Call the factory, and find out what it made."""
        task = self.task
        offered = {"n_inputs": task.n_inputs, "n_outputs": task.n_outputs, "batch": task.rows, "seed": self._drawn}
        model = made(task.user, task.settings, offered)
        if not isinstance(model, keras.Model):
            raise RunFailed(
                f"{task.user.name} ({task.user.place}) must return a keras.Model, but returned {model!r:.80}"
            )
        self.model, self.read_out = model, None
        self.batch, self.window = _fixed(model)
        self._wants = [tuple(each.shape) for each in (getattr(model, "inputs", None) or [])[1:]]  # of the state
        self.last = LastActivation(model, task.loss)
        width = self._width()
        self.kept = StatefulLayers(model)
        if width != task.n_outputs:
            self.read_out = self._reading_out(width)
        self._check()
        self._readers = {
            mode: evaluated(functools.partial(self.passed, training=mode), self._everything()) for mode in (False, True)
        }
        self._follower = Follower(self, task)

    @property
    def form(self) -> str:
        """How it carries its state."""
        return "kept" if self.kept else "explicit" if self._wants else "none"

    def whole(self) -> Any:
        """Return the model with its read-out, called as the model itself is; nothing of it is compiled yet."""
        self.model.make_predict_function(force=True)  # without the last activation, when state was looked for
        return self.model if self.read_out is None else KerasReadOut(self.model, self.read_out)

    def trained(self) -> list[Any]:
        """Return the variables that are trained, the read-out's last."""
        return [*self.model.trainable_variables, *(self.read_out.trainable_variables if self.read_out else [])]

    def untrained(self) -> list[Any]:
        """Return the variables that a pass may change: of drop-out, of normalisation."""
        return list(self.model.non_trainable_variables)

    @_on_its_device
    def weights(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return all trained weights by name."""
        named = enumerate(self.trained())  # paths alone need not differ
        return {f"{number} {each.path}": np.array(ops.convert_to_numpy(each.value)) for number, each in named}

    @_on_its_device
    def load(self, weights: Mapping[str, Float[np.ndarray, "..."]]) -> None:
        """Put weights in the place of its own."""
        for variable, array in zip(self.trained(), weights.values(), strict=True):
            variable.assign(np.array(array))

    @_on_its_device
    def beside(self) -> dict[str, Float[np.ndarray, "..."]]:
        """Return frozen weights and running means."""
        states = {id(each) for each in self.kept.variables}
        named = enumerate(self.model.non_trainable_weights)  # without what random numbers are drawn from
        return {
            f"{number} {each.path}": np.array(ops.convert_to_numpy(each.value))
            for number, each in named
            if id(each) not in states
        }

    @_on_its_device
    def reset(self) -> None:
        """Forget what was read."""
        self._explicit, self._fresh = [], True
        self.kept.reset()

    @_on_its_device
    def reset_of_its_own(self) -> str:
        """Have its layers forget by their own method."""
        self._fresh = True
        return self.kept.reset_themselves() if self.kept else ""

    @_on_its_device
    def state(self) -> list[Shaped[np.ndarray, "..."]]:
        """Return the state as arrays."""
        if self._fresh:
            return []
        return self.kept.values() if self.kept else [np.array(each) for each in self._explicit]

    @_on_its_device
    def restore(self, state: list[Shaped[np.ndarray, "..."]]) -> None:
        """Put a state in the place of its own."""
        self.reset()
        if state and self.kept:
            self.kept.put(state)
        self._explicit, self._fresh = [] if self.kept else list(state), not state

    def explicit(self, rows: int) -> list[Any]:
        """Return the state that goes in as an argument: zeros after a reset."""
        if self._wants and not self._explicit:
            return [np.zeros((rows, *shape[1:]), np.float32) for shape in self._wants]
        return self._explicit

    def went_on(self, state: list[Any]) -> None:
        """Keep the state that came out."""
        self._fresh = False
        self._explicit = [np.array(ops.convert_to_numpy(each)) for each in state]

    def encoded(self, inputs: Shaped[np.ndarray, "batch time ..."]) -> Shaped[np.ndarray, "batch time ..."]:
        """Return inputs as the model reads them."""
        if not self.task.symbols:
            return np.asarray(inputs, np.float32)
        symbols = np.asarray(inputs, np.int32)
        if self.task.options["inputs"] == "symbols":
            return symbols
        return np.eye(self.task.n_inputs, dtype=np.float32)[symbols]

    def passed(self, inputs: Any, state: list[Any], training: bool = False) -> tuple[Any, list[Any]]:
        """Read on from a state, in as many calls as the input's shape makes of the steps: outputs and state."""
        steps = int(inputs.shape[1])
        window = self.window or steps
        if steps % window or (steps > window and self.form == "none"):
            raise RunFailed(
                f"{self._place()} reads {window} steps at a time, but there "
                f"are {steps}; let its input have any number of them, as in keras.Input((None, {self.task.n_inputs}))"
            )
        inputs, state = ops.convert_to_tensor(inputs), [ops.convert_to_tensor(each) for each in state]
        said: list[Any] = []
        for first in range(0, steps, window):
            part = inputs[:, first : first + window]
            outputs = self.model([part, *state] if self._wants else part, training=training)
            if self._wants:
                outputs, *state = outputs
            outputs = outputs if len(outputs.shape) == 3 else outputs[:, None]
            said.append(outputs if self.read_out is None else self.read_out(outputs))
        return (said[0] if len(said) == 1 else ops.concatenate(said, axis=1)), list(state)

    @_on_its_device
    def read(
        self, inputs: Shaped[np.ndarray, "batch time ..."], training: bool = False
    ) -> Float[np.ndarray, "batch time output"]:
        """Read on from the state, with the weights as they are."""
        rows, encoded = self.batch or len(inputs), self.encoded(inputs)
        if len(inputs) > rows and not self._fresh:
            raise RunFailed(
                f"{self.task.user.name} ({self.task.user.place}) keeps the state of {rows} sequences side by side, but "
                f"{len(inputs)} were to go on; reset it, or give it another batch size"
            )
        said: list[Any] = []
        for first in range(0, len(inputs), rows):
            part = encoded[first : first + rows]
            full = np.concatenate([part, np.repeat(part[-1:], rows - len(part), axis=0)])
            if first:
                self.reset()
            outputs, state = self._readers[training](full, self.explicit(rows))
            self.went_on(state)
            said.append(ops.convert_to_numpy(outputs)[: len(part)])
        return np.concatenate(said)

    @_on_its_device
    def learn(self, lesson: Batch) -> Taught:
        """Learn from a lesson as the rule says."""
        taught = self._follower.learn(lesson)
        self._fresh = False
        return taught

    @_on_its_device
    def prepare(self, spec: Spec) -> None:
        """Compile the training of many seeds; see `population`.

        Raises:
            RunFailed: the model is more than a function of its weights.
        """
        check_pure(self, self._place())
        others = KerasModel(self.task, self._drawn + 1).beside() if self.beside() else {}
        if not all(np.array_equal(*pair) for pair in zip(self.beside().values(), others.values(), strict=True)):
            raise RunFailed(
                f"{self._place()} draws weights that are not trained, which seeds compiled together would share; pass "
                "compiled=False to train its seeds one by one"
            )
        for stage in self._ours(spec).stages:
            compile_program(stage)

    @_on_its_device
    def population(self, spec: Spec, seeds: list[int]) -> tuple[Shaped[np.ndarray, "seed ..."], ...]:
        """Train seeds side by side in one compiled program; return the rows of `engine.curriculum.Learned`."""
        runs = run(self._ours(spec), seeds)
        return runs.loss, runs.accuracy, runs.solved_at, runs.updates_at, runs.stage_at, runs.weights

    def _ours(self, spec: Spec) -> Spec:
        task = self.task
        name = repr((task.user, sorted(task.settings.items()), task.options, task.n_inputs, task.loss))
        ours = CompiledKeras(name, task.n_outputs, lambda drawn: KerasModel(task, drawn), self)
        return dataclasses.replace(spec, model=ours)

    @_on_its_device
    def sensitivity(self, inputs: Shaped[np.ndarray, "batch time ..."], step: int) -> Float[np.ndarray, " time"]:
        """Return how strongly the outputs at a step depend on each input."""
        self.reset()
        read = self.encoded(inputs)
        if read.dtype.kind != "f":
            raise InvalidInput("inputs must be one-hot or real numbers for a gradient; use inputs='one-hot'")
        probe, state = keras.Variable(read), self.explicit(len(read))
        cost = differentiated(lambda: (self._outputs_at(probe, state, step), None), [probe], self._everything())
        (gradient,) = cost().gradients
        self.reset()
        return np.sqrt(np.square(gradient).sum(axis=(0, 2)))

    def gradient(
        self, inputs: Shaped[np.ndarray, "batch time ..."], weights: Float[np.ndarray, "batch output"]
    ) -> Float[np.ndarray, "batch time feature"]:
        """Return the gradient of the weighted sum of the last outputs with respect to each input vector."""
        if self.kept and self.window is not None and self.window < inputs.shape[1]:
            raise InvalidInput(
                "probe credit must be given a model whose state a gradient can pass, but stateful layers that read "
                f"{self.window} step{'s' if self.window > 1 else ''} at a time keep theirs in variables; leave it out"
            )
        self.reset()
        read = self.encoded(inputs)
        if read.dtype.kind != "f":
            raise InvalidInput("probe credit must be given inputs='one-hot', but got inputs='symbols'; leave it out")
        probe, state = keras.Variable(read), self.explicit(len(read))

        def said() -> tuple[Any, None]:
            outputs = self.passed(ops.convert_to_tensor(probe), state)[0]
            return ops.sum(outputs[:, -1] * ops.convert_to_tensor(weights)), None

        (gradient,) = differentiated(said, [probe], self._everything())().gradients
        self.reset()
        return np.array(gradient)

    def _outputs_at(self, probe: Any, state: list[Any], step: int) -> Any:
        return ops.sum(self.passed(ops.convert_to_tensor(probe), state)[0][:, step])

    def _everything(self) -> list[Any]:
        return [*self.model.variables, *(self.read_out.variables if self.read_out else [])]

    def _width(self) -> int:
        """Read a window of steps: how wide the outputs are."""
        task, rows, steps = self.task, self.batch or self.task.rows, self.window or 2
        kind = (rows, steps) if task.symbols else (rows, steps, task.n_inputs)
        inputs = self.encoded(np.zeros(kind, np.float32))
        said = self.model([inputs, *self.explicit(rows)] if self._wants else inputs)
        parts = list(said) if isinstance(said, list | tuple) else [said]
        if len(parts) != 1 + len(self._wants):
            raise RunFailed(
                f"{self._place()} must give outputs alone, or take [inputs, *state] and give [outputs, *state], but it "
                f"takes {1 + len(self._wants)} and gives {len(parts)} things"
            )
        shape = tuple(parts[0].shape)
        if shape[:2] != (rows, steps) and not (len(shape) == 2 and steps == 1 and shape[0] == rows):
            raise RunFailed(
                f"{self._place()} must give an output at every step, ({rows}, {steps}, ...) for {rows} sequences of "
                f"{steps} steps, but gave {shape}; use return_sequences=True, or an input of one step"
            )
        if not np.isfinite(ops.convert_to_numpy(parts[0])).all():
            raise RunFailed(f"{self._place()} must give finite numbers, but gave NaN or infinity before any training")
        return int(shape[-1])

    def _reading_out(self, width: int) -> Any:
        """Return a read-out, drawn as that of our own models."""
        layer = keras.layers.Dense(self.task.n_outputs, name="read_out")
        layer.build((None, None, width))
        params = Dense(self.task.n_outputs).init(np.random.default_rng(self._drawn), width)
        layer.set_weights([np.asarray(params.kernel), np.asarray(params.bias)])
        return layer

    def _check(self) -> None:
        """Refuse what the model cannot do, and what its backend would do wrong."""
        task = self.task
        if self.batch not in (None, task.rows):
            raise RunFailed(
                f"{self._place()} has an input for {self.batch} sequences side by side, but the protocol shows "
                f"{task.rows}; let the factory take batch, and use it in keras.Input(batch_shape=(batch, ...))"
            )
        if self.form == "explicit" and isinstance(task.rule, OwnLoop) and task.reset != "sequence":
            raise RunFailed(carries_nothing(self._place(), task.reset))
        if self.form == "none" and (task.reset != "sequence" or not isinstance(task.rule, BPTT | OwnLoop)):
            raise RunFailed(
                f"{self._place()} keeps no state, so it can be trained on whole sequences only; use BPTT and "
                "reset='sequence', stateful=True, or give the state as inputs and outputs"
            )
        if self.kept:
            self.reset()
            check_keeps_state(self, self._place())
        self.reset()

    def _place(self) -> str:
        return f"the model of {self.task.user.name} ({self.task.user.place})"


def _check_device(name: str) -> None:
    """Refuse a device that is not there."""
    try:
        with keras.device(name):
            ops.convert_to_tensor(0.0)
    except Exception as error:  # each backend has its own
        sentence = " ".join(str(error).split())[:120]
        raise RunFailed(f"device must be one that Keras finds here, but got '{name}' ({sentence}); use cpu") from None


def _fixed(model: Any) -> tuple[int | None, int | None]:
    """Return how many sequences, and how many steps, a model's input is made for; None is any number."""
    inputs = getattr(model, "inputs", None)
    shape = tuple(inputs[0].shape) if inputs else (None, None)
    return shape[0], shape[1] if len(shape) > 1 else None
