"""Which output of a function can depend on which input: read from its trace, so that no dependence is missed."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import ClosedJaxpr, Literal
from scipy import sparse

from memspan.rules.incidence import ELEMENTWISE, MOVES, Rows, either, everywhere, moved, passed_on, spread

__all__ = ["dependence"]

NO_DERIVATIVE = {"stop_gradient", "floor", "ceil", "round", "sign"}  # and whatever gives whole numbers or truth values
INDEXED = {"gather", "dynamic_slice"}
OVERWRITE = {"scatter", "scatter-add", "dynamic_update_slice"}
CUSTOM = {"custom_jvp_call", "custom_vjp_call"}
CALLS = {"jit", "pjit", "closed_call", "core_call", "checkpoint", "remat", "remat2", *CUSTOM}


class _Value(NamedTuple):
    """What is known of one array.

    Attributes:
        rows: what its elements depend on; None is nothing.
        known: computes it, where no argument enters it.
    """

    rows: Rows | None = None
    known: Callable[[], Any] | None = None


def dependence(function: Callable[..., Any], tracked: Sequence[Any], others: Sequence[Any] = ()) -> Rows:
    """Return which numbers that a function gives out can depend on which numbers it reads.

    Every operation of the trace is followed element by element, and one that is not known here makes all of its
    outputs depend on all of its inputs. The answer may thus hold too much, never too little: a Jacobian at random
    points would miss a branch that it did not take, and a learning rule built on it would be wrong in silence.

    Example:
        >>> tracked = [jax.ShapeDtypeStruct((3,), jnp.float32)]
        >>> dependence(lambda x: jnp.tanh(x) + x[::-1], tracked).toarray().astype(int).tolist()
        [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
        >>> dependence(lambda x: jnp.sum(x) * jax.lax.stop_gradient(x[:1]), tracked).toarray().astype(int).tolist()
        [[1, 1, 1]]

    Args:
        function: from arrays to arrays.
        tracked: shape and type of its first arguments: the columns of the answer.
        others: shape and type of its other arguments.

    Returns:
        A sparse matrix of truth values: one row a number given out, one column a number of `tracked`, both in the
        order of their pytrees, flattened.
    """
    jaxpr = jax.make_jaxpr(function)(*tracked, *others)
    ends = np.cumsum([0, *(int(np.prod(leaf.shape)) for leaf in jax.tree.leaves(tuple(tracked)))]).tolist()
    everything: Rows = sparse.csr_array(sparse.eye_array(ends[-1], dtype=bool))
    arguments = [_Value(everything[a:b]) for a, b in itertools.pairwise(ends)]
    arguments += [_Value()] * (len(jaxpr.jaxpr.invars) - len(arguments))
    outs = _walk(jaxpr, arguments, values=False)
    sizes = [int(np.prod(var.aval.shape)) for var in jaxpr.jaxpr.outvars]
    rows = [
        sparse.csr_array((n, ends[-1]), dtype=bool) if o.rows is None else o.rows
        for n, o in zip(sizes, outs, strict=True)
    ]
    return sparse.vstack(rows, format="csr")


def _walk(jaxpr: Any, arguments: list[_Value], values: bool) -> list[_Value]:
    """Follow a trace; with `values`, what has no derivative counts too."""
    jaxpr, consts = (jaxpr.jaxpr, jaxpr.consts) if isinstance(jaxpr, ClosedJaxpr) else (jaxpr, ())
    known = [_Value(known=functools.partial(np.asarray, const)) for const in consts]
    env = dict(zip([*jaxpr.constvars, *jaxpr.invars], [*known, *arguments], strict=True))

    def read(atom: Any) -> _Value:
        return _Value(known=functools.partial(np.asarray, atom.val)) if isinstance(atom, Literal) else env[atom]

    for equation in jaxpr.eqns:
        outs = _follow(equation, [read(atom) for atom in equation.invars], values)
        env.update(zip(equation.outvars, outs, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _follow(equation: Any, inputs: list[_Value], values: bool) -> list[_Value]:
    """Follow one operation."""
    name, params = equation.primitive.name, equation.params
    if name in CALLS:
        # A derivative given by hand may pass where the function itself has none, so there all values count.
        return _walk(params.get("jaxpr", params.get("call_jaxpr")), inputs, values or name in CUSTOM)
    if all(value.rows is None for value in inputs):
        known = [value.known for value in inputs if value.known is not None]
        if len(known) < len(inputs):
            return [_Value()] * len(equation.outvars)
        computed = functools.cache(lambda: _compute(equation, [compute() for compute in known]))
        return [_Value(known=functools.partial(lambda i: computed()[i], i)) for i in range(len(equation.outvars))]
    counts = [values or (_is_real(out) and name not in NO_DERIVATIVE) for out in equation.outvars]
    rows = _rows(equation, inputs) if any(counts) else counts
    return [_Value(row if count else None) for row, count in zip(rows, counts, strict=True)]


def _is_real(var: Any) -> bool:
    return jnp.issubdtype(var.aval.dtype, np.inexact)


def _compute(equation: Any, inputs: list[Any]) -> list[Any]:
    """Compute an operation on known values, aside from any trace under way."""
    with jax.ensure_compile_time_eval():
        out = equation.primitive.bind(*inputs, **equation.params)
        return [np.asarray(x) for x in (out if equation.primitive.multiple_results else [out])]


def _rows(equation: Any, inputs: list[_Value]) -> list[Rows]:
    """Return what each output's elements depend on; on every input's every element, where nothing better is known."""
    name, rows = equation.primitive.name, [value.rows for value in inputs]
    shapes = [tuple(atom.aval.shape) for atom in equation.invars]
    outs = [tuple(var.aval.shape) for var in equation.outvars]
    if name in MOVES:
        return moved(rows, shapes, functools.partial(MOVES[name], equation.params))
    if name in INDEXED and rows[0] is not None and all(value.known is not None for value in inputs[1:]):
        indices = [value.known() for value in inputs[1:] if value.known is not None]
        return moved(rows[:1], shapes[:1], lambda numbers: _compute(equation, [numbers.astype(np.int32), *indices]))
    if name in OVERWRITE:
        written = [everywhere([row], outs[0]) for row in rows[1:] if row is not None]
        return [either([*([] if rows[0] is None else rows[:1]), *written])]
    if name in ELEMENTWISE or name in NO_DERIVATIVE:
        return [either([spread(row, s, outs[0]) for row, s in zip(rows, shapes, strict=True) if row is not None])]
    known = passed_on(name, equation.params, rows, shapes)
    seen = [row for row in rows if row is not None]
    return [everywhere(seen, shape) for shape in outs] if known is None else [known]
