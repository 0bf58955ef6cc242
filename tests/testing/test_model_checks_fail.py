"""Each check of a model's contract fails on a model that breaks it, with a sentence, and lets the sound one pass."""

from __future__ import annotations

import dataclasses
import itertools
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from memspan.core.errors import InvalidInput
from memspan.models import AbstractModel
from memspan.testing import Violation, check_model, model_checks


class Weights(NamedTuple):
    """What a leaky unit learns."""

    kernel: np.ndarray
    leak: np.ndarray


@dataclasses.dataclass(frozen=True)
class Leaky(AbstractModel):
    """A sound model: leaky averages of what a kernel makes of the input."""

    n_outputs: int = 2

    @property
    def initialisers(self):
        return {"kernel": "normal", "leak": "uniform"}

    def init(self, rng, n_inputs):
        kernel = rng.standard_normal((n_inputs, self.n_outputs)).astype("float32")
        return Weights(kernel, rng.uniform(0, 1, self.n_outputs).astype("float32"))

    def initial_state(self, n_inputs):
        return np.zeros(self.n_outputs, np.float32)

    def step(self, params, state, x):
        state = jnp.tanh(params.leak) * state + x @ params.kernel
        return state, state


SOUND = Leaky()


def broken(**members):
    """A leaky model with some members replaced."""
    return type("Broken", (Leaky,), {"__doc__": Leaky.__doc__, **members})()


def drawn(change):
    """A leaky model whose parameters are changed after they were drawn."""
    return broken(init=lambda self, rng, n_inputs: change(SOUND.init(rng, n_inputs), rng))


def stepped(after):
    """A leaky model whose step is followed by a change of its state and output."""
    return broken(step=lambda self, params, state, x: after(*Leaky.step(self, params, state, x)))


def read(after):
    """A leaky model whose sequence form is followed by a change of its state and outputs."""
    return broken(sequence=lambda self, params, state, x: after(*AbstractModel.sequence(self, params, state, x)))


@dataclasses.dataclass
class Loose(AbstractModel):
    """Not frozen."""

    n_outputs: int = 2
    init, initial_state, step = Leaky.init, Leaky.initial_state, Leaky.step


@dataclasses.dataclass(frozen=True)
class Listed(Leaky):
    """Frozen, but one of its fields can change."""

    sizes: object = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Closed(Leaky):
    """One of its fields is a function that cannot be written down."""

    squash: object = lambda x: x


GLOBAL = np.random.default_rng(0)
CALLS = itertools.count()


def from_a_global_generator(params, rng):
    return params._replace(kernel=GLOBAL.standard_normal(params.kernel.shape).astype("float32"))


def of_any_size(params, rng):
    return params._replace(leak=params.leak[: 1 + rng.integers(2)])


def reads_ahead(self, params, state, inputs):
    mean = inputs - jnp.mean(inputs, axis=0)
    return AbstractModel.sequence(self, params, state, mean)


def remembers_on_the_host(self, params, state, x):
    """Every step adds one to a count that no state holds."""
    state, output = Leaky.step(self, params, state, x)
    count = jax.pure_callback(
        lambda _: np.float32(next(CALLS)),
        jax.ShapeDtypeStruct((), "float32"),
        jax.lax.stop_gradient(x[0]),
        vmap_method="sequential",
    )
    return state + 0 * count, output + count


@jax.custom_batching.custom_vmap
def centred(outputs):
    return outputs


@centred.def_vmap
def _(size, batched, outputs):
    return outputs - outputs.mean(axis=0), True


def grows(self, params, state, x):
    state = 1.5 * state + x @ params.kernel
    return state, state


@jax.custom_vjp
def halved(kernel):
    return kernel


halved.defvjp(lambda kernel: (kernel, None), lambda _, given: (given / 2,))


def with_half_the_gradient(form):
    def reading(self, params, state, x):
        return getattr(SOUND, form)(params._replace(kernel=halved(params.kernel)), state, x)

    return reading


HALVED_IN_BOTH = broken(step=with_half_the_gradient("step"), sequence=with_half_the_gradient("sequence"))

CASES = [
    ("is_a_model", object(), "lacks init, initial_state, initialisers, n_outputs"),
    ("is_a_value", Loose(), "Loose is not a frozen dataclass"),
    ("is_a_value", Listed(), "cannot be hashed and written down: unhashable type: 'list'"),
    ("is_a_value", Closed(), "cannot be hashed and written down: a function in a spec must stand by itself"),
    ("is_a_value", broken(__eq__=lambda self, other: self is other, __hash__=object.__hash__), "not equal to it"),
    ("starts_from_host_arrays", drawn(lambda params, rng: jax.tree.map(jnp.asarray, params)), "as kernel, but must"),
    (
        "starts_from_host_arrays",
        drawn(lambda params, rng: params._replace(leak=params.leak.astype(float))),
        "ndarray of float64 as leak",
    ),
    (
        "starts_from_host_arrays",
        drawn(lambda params, rng: params._replace(leak=params.leak * np.float32("nan"))),
        "in leak that are not finite",
    ),
    (
        "starts_from_host_arrays",
        broken(initial_state=lambda self, n_inputs: np.zeros(2, np.complex64)),
        "initial_state gives a ndarray of complex64 as its value",
    ),
    ("draws_by_seed", drawn(from_a_global_generator), "two draws from the same seed differ"),
    ("draws_by_seed", drawn(lambda params, rng: Weights(*map(np.zeros_like, params))), "two seeds give the same"),
    ("names_its_arrays", broken(initialisers={"kernel": "normal"}), "initialisers does not name leak"),
    ("names_its_arrays", broken(initialisers={"w": "normal"}), "does not name kernel, leak"),
    (
        "names_its_arrays",
        broken(initialisers={"kernel": "normal", "leak": "uniform", "bias": "zeros"}),
        "names what is no parameter: bias",
    ),
    ("names_its_arrays", broken(fixed=frozenset({"reservoir"})), "fixed names what is no parameter: reservoir"),
    ("has_one_size", drawn(of_any_size), "size counts 1[12] parameters, but seed . draws 1[12]"),
    (
        "gives_what_it_promises",
        stepped(lambda state, y: (state, y[:1])),
        "an output of \\(1,\\) float32, but n_outputs",
    ),
    ("gives_what_it_promises", stepped(lambda state, y: (state[:1], y)), "gives the state .*1.*, but it starts as"),
    ("gives_what_it_promises", stepped(lambda state, y: ((state,), y)), "step gives the state"),
    ("gives_what_it_promises", stepped(lambda state, y: (state, y if y[0] > 0 else -y)), "step raises TracerBool"),
    ("gives_what_it_promises", read(lambda state, y: (state, y[1:])), "sequence gives an output of \\(2, 2\\)"),
    ("reads_alike_in_both_forms", read(lambda state, y: (state, y * 1.001)), "the sequence form gives other outputs"),
    ("reads_alike_in_both_forms", read(lambda state, y: (0 * state, y)), "started from the state that the other form"),
    (
        "reads_alike_when_cut",
        read(lambda state, y: (state if len(y) > 1 else 0 * state, y)),
        "cut after its first step",
    ),
    ("reads_symbols_as_vectors", broken(reads_symbols=True), "sequence raises .* for symbols"),
    (
        "reads_symbols_as_vectors",
        broken(
            reads_symbols=True,
            sequence=lambda self, params, state, inputs: Leaky.sequence(
                self, params, state, jax.nn.one_hot(inputs + 1, 5) if inputs.ndim == 1 else inputs
            ),
        ),
        "symbols give other outputs than one-hot vectors",
    ),
    ("reads_only_the_past", broken(sequence=reads_ahead), "later inputs change earlier outputs"),
    ("keeps_nothing_outside_its_state", broken(step=remembers_on_the_host), "stopped and started again"),
    ("reads_each_sequence_alone", read(lambda state, y: (state, centred(y))), "inside jax.vmap a sequence gives other"),
    ("stays_finite", broken(step=grows), "random steps outputs stop being finite"),
    (
        "gradients_are_those_of_steps",
        broken(sequence=with_half_the_gradient("sequence")),
        "gradient by kernel differs from that of steps",
    ),
    (
        "gradients_are_those_of_steps",
        broken(sequence=lambda self, params, state, x: Leaky.sequence(self, params, jax.lax.stop_gradient(state), x)),
        "gradient by kernel differs from that of steps",
    ),
    ("gradients_are_finite_differences", HALVED_IN_BOTH, "the gradient by kernel says .* finite differences say"),
    ("leaves_fixed_arrays_alone", broken(fixed=frozenset({"kernel"})), "but the gradient there is not zero"),
]


def test_every_check_has_a_broken_model():
    assert {name for name, _, _ in CASES} == set(model_checks())


@pytest.mark.parametrize(("name", "model", "sentence"), CASES)
def test_fails(name, model, sentence):
    with pytest.raises(Violation, match=sentence) as caught:
        check_model(model, [name])
    assert len(str(caught.value).splitlines()) == 1
    assert str(caught.value).endswith(f"[{name}]")


def test_the_sound_one_passes():
    check_model(SOUND)
    check_model(SOUND, n_inputs=1)


def test_a_fixed_array_without_gradient_passes():
    """What is fixed is excused from finite differences, and what is stopped but not called fixed is not."""

    def step(self, params, state, x):
        return SOUND.step(params._replace(kernel=jax.lax.stop_gradient(params.kernel)), state, x)

    check_model(broken(step=step, fixed=frozenset({"kernel"})))
    with pytest.raises(Violation, match="the gradient by kernel says 0 along a direction"):
        check_model(broken(step=step))


def test_all_violations_are_told_one_line_each():
    worse = broken(initialisers={"w": "normal"}, sequence=reads_ahead)
    with pytest.raises(Violation) as caught:
        check_model(worse, ["names_its_arrays", "draws_by_seed", "reads_only_the_past"])
    assert [line.split(" [")[-1] for line in str(caught.value).splitlines()] == [
        "names_its_arrays]",
        "reads_only_the_past]",
    ]


@pytest.mark.parametrize("model", [object(), Loose(), stepped(lambda state, y: (state[:1], y))])
def test_what_others_build_on_ends_the_list(model):
    with pytest.raises(Violation) as caught:
        check_model(model)
    assert len(str(caught.value).splitlines()) == 1


def test_what_has_no_hash_is_told_so():
    with pytest.raises(Violation, match="it cannot be hashed: unhashable type: 'list'"):
        check_model(Listed(), ["stays_finite"])


def test_unknown_check():
    with pytest.raises(InvalidInput, match="did you mean 'stays_finite'"):
        check_model(SOUND, ["stay_finite"])
