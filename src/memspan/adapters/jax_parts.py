"""What a module of the JAX world is made of: how it is drawn, what it starts from, and one call of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from memspan.adapters.user_code import UserCode
from memspan.core.errors import RunFailed
from memspan.core.model import Model

__all__ = ["Parts", "parts_of"]


class Parts(NamedTuple):
    """A module for inputs of one width.

    Attributes:
        draw: (NumPy generator) -> parameters, as arrays on the host.
        state: before the first step, as arrays on the host.
        call: (parameters, state, x) -> (state, y), of one step or of a whole sequence.
        n_outputs: size of the output.
        sequence: (parameters, state, inputs) -> (state, outputs), where it has a faster form than its steps.
    """

    draw: Callable[[np.random.Generator], Any]
    state: Any
    call: Callable[[Any, Any, Any], tuple[Any, Any]]
    n_outputs: int
    sequence: Callable[[Any, Any, Any], tuple[Any, Any]] | None = None


class _Opened(NamedTuple):
    """A module as parameters and a function of them.

    Attributes:
        params: its arrays.
        call: (parameters, state, x) -> (state, y).
        state: before the first step.
    """

    params: Any
    call: Callable[[Any, Any, Any], tuple[Any, Any]]
    state: Any


def parts_of(user: UserCode, make: Callable[[Any], Any], n_inputs: int, whole: bool) -> Parts:
    """Make a module once, and see what it is.

    Args:
        user: who made it.
        make: (key) -> module.
        n_inputs: size of its input.
        whole: whether it reads whole sequences.

    Raises:
        RunFailed: it is nothing that can be read with, or gives out something else than a vector a step.
    """
    key = jax.random.key(0)
    module = make(key)
    if isinstance(module, Model):
        return _of_model(module, n_inputs)
    opened = _opened(user, module, key, n_inputs, whole)
    shape = (2, n_inputs) if whole else (n_inputs,)
    read = jax.eval_shape(opened.call, opened.params, opened.state, jnp.zeros(shape))[1]
    wanted = "(2, ...) for 2 steps" if whole else "(...) for one step"
    if not hasattr(read, "shape") or len(read.shape) != len(shape) or read.shape[:-1] != shape[:-1]:
        got = getattr(read, "shape", type(read).__name__)
        raise RunFailed(f"{user.name} ({user.place}) must give outputs of shape {wanted}, but gave {got}")

    def draw(rng: np.random.Generator) -> Any:
        key = jax.random.key(int(rng.integers(2**31)))
        return jax.tree.map(np.asarray, _opened(user, make(key), key, n_inputs, whole).params)

    return Parts(draw, jax.tree.map(np.asarray, opened.state), opened.call, int(read.shape[-1]))


def _of_model(model: Model, n_inputs: int) -> Parts:
    draw, state = (lambda rng: model.init(rng, n_inputs)), model.initial_state(n_inputs)
    return Parts(draw, state, model.step, model.n_outputs, model.sequence)


def _opened(user: UserCode, module: Any, key: Any, n_inputs: int, whole: bool) -> _Opened:
    """Return what a module is, by the library that it comes from; one that was not loaded made none."""
    equinox, nnx, linen = (sys.modules.get(name) for name in ("equinox", "flax.nnx", "flax.linen"))
    if equinox is not None and isinstance(module, equinox.Module):
        params, rest = equinox.partition(module, equinox.is_inexact_array)
        return _read(user, module, params, lambda p: equinox.combine(p, rest), whole)
    if nnx is not None and isinstance(module, nnx.Module):
        graph, params, rest = nnx.split(module, nnx.Param, ...)
        pure = nnx.to_pure_dict(params)
        carry = None if whole or not hasattr(module, "initialize_carry") else _carry(nnx, module, n_inputs)
        return _read(user, module, pure, lambda p: _merged(nnx, graph, params, p, rest), whole, carry)
    if linen is not None and isinstance(module, linen.Module):
        return _of_linen(user, module, key, n_inputs, whole)
    functions: tuple[Any, ...] = module if isinstance(module, tuple) else ()
    if [callable(each) for each in functions] == [True, True]:
        return _of_functions(user, functions[0], functions[1], key, whole)
    raise RunFailed(
        f"{user.name} ({user.place}) must return a model of ours, an Equinox or Flax module, or a pair of functions, "
        f"but returned {type(module).__name__}"
    )


def _of_functions(
    user: UserCode, init: Callable[[Any], Any], apply: Callable[..., Any], key: Any, whole: bool
) -> _Opened:
    """Return how a pair of pure functions is called: key -> (params, state) and (params, state, x) -> (state, y)."""
    drawn: Any = init(key)
    if whole:
        return _Opened(drawn, lambda p, state, x: (state, apply(p, x)), ())
    pair: tuple[Any, ...] = drawn if isinstance(drawn, tuple) else ()
    if len(pair) != 2:
        raise RunFailed(
            f"init of {user.name} ({user.place}) must return a pair of parameters and the state before the first step, "
            f"but returned {type(drawn).__name__}"
        )
    return _Opened(pair[0], apply, pair[1])


def _merged(nnx: Any, graph: Any, params: Any, pure: Any, rest: Any) -> Any:
    # Copies, made where the call is traced: what it draws from `rest` must not outlive it.
    fresh, drawn = (jax.tree.map(lambda leaf: leaf, each) for each in (params, rest))
    nnx.replace_by_pure_dict(fresh, pure)
    return nnx.merge(graph, fresh, drawn)


def _carry(nnx: Any, module: Any, n_inputs: int) -> Any:
    return module.initialize_carry((n_inputs,), nnx.Rngs(0))


def _read(
    user: UserCode, module: Any, params: Any, build: Callable[[Any], Any], whole: bool, carry: Any = None
) -> _Opened:
    """Return how a module that holds its arrays is called."""
    if whole:
        return _Opened(params, lambda p, state, x: (state, build(p)(x)), ())
    if carry is not None or hasattr(module, "initial_state"):
        begin = module.initial_state() if carry is None else carry
        return _Opened(params, lambda p, state, x: build(p)(state, x), begin)
    if hasattr(module, "hidden_size"):  # a cell of Equinox
        zeros = jnp.zeros(module.hidden_size)
        pair = type(module).__name__.startswith("LSTM")

        def call(p: Any, state: Any, x: Any) -> tuple[Any, Any]:
            after = build(p)(x, state)
            return after, after[0] if pair else after

        return _Opened(params, call, (zeros, zeros) if pair else zeros)
    raise RunFailed(
        f"{type(module).__name__} of {user.name} ({user.place}) must be a cell, or have initial_state() and "
        "(state, x) -> (state, y), or read whole sequences with whole=true; add one of these"
    )


def _of_linen(user: UserCode, module: Any, key: Any, n_inputs: int, whole: bool) -> _Opened:
    """Return how a Linen module, whose arrays are drawn apart from it, is called."""
    if whole:
        params = module.init(key, jnp.zeros((2, n_inputs)))
        return _Opened(params, lambda p, state, x: (state, module.apply(p, x)), ())
    if not hasattr(module, "initialize_carry"):
        raise RunFailed(
            f"{type(module).__name__} of {user.name} ({user.place}) must be a cell with initialize_carry, or read "
            "whole sequences with whole=true; add one of these"
        )
    state = module.initialize_carry(key, (n_inputs,))
    params = module.init(key, state, jnp.zeros(n_inputs))
    return _Opened(params, module.apply, state)
