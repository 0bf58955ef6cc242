"""One program per spec: everything else that may change is an argument of it."""

from __future__ import annotations

import contextlib
import dataclasses

import jax
import pytest

from memspan.core.protocol import Protocol
from memspan.core.spec import Spec
from memspan.engine import program
from memspan.engine.optimizers import Adam
from memspan.engine.program import compile_program
from memspan.engine.train import run
from memspan.models import MLP
from memspan.problems import Conflict
from memspan.rules import BPTT, Online

EVENT = "/jax/core/compile/backend_compile_duration"
BASE = Spec(Conflict(), MLP(units=2), Online(), Adam(), epochs=3)


@contextlib.contextmanager
def compilations():
    """The names of all functions that XLA compiles meanwhile, as JAX itself reports them."""
    names = []

    def listen(event, seconds, **labels):
        if event == EVENT:
            names.append(labels.get("fun_name", ""))

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield names
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


@pytest.fixture(autouse=True)
def no_programs():
    program._compile.cache_clear()


def populations(names):
    """Compilations of a population; the rest are single operations on the host's side, such as a row of zeros."""
    return [name for name in names if "run" in name]


def test_one_program_for_all_seeds_and_budgets():
    with compilations() as names:
        run(BASE, 1)
    assert len(populations(names)) == 1
    with compilations() as names:
        for seeds, epochs in [(1, 3), (8, 3), (9, 3), (30, 7), ([5, 3, 900], 3), (2, 0), (2, 700)]:
            run(dataclasses.replace(BASE, epochs=epochs), seeds)
    assert names == []


def test_one_program_for_each_spec():
    specs = [
        BASE,
        dataclasses.replace(BASE, problem=Conflict(lag=2)),
        dataclasses.replace(BASE, rule=BPTT()),
        dataclasses.replace(BASE, protocol=Protocol(batch="all")),
        dataclasses.replace(BASE, chunk=2),
    ]
    with compilations() as names:
        for spec in [*specs, *specs]:
            run(dataclasses.replace(spec), 3)
    assert len(populations(names)) == len(specs)
    assert program._compile.cache_info().misses == len(specs)


def test_equal_specs_share_a_program():
    first = compile_program(BASE)
    assert compile_program(Spec(Conflict(), MLP(units=2), Online(), Adam(), epochs=99)) is first
    assert compile_program(dataclasses.replace(BASE, protocol=Protocol(order="shuffled"))) is first
    assert compile_program(dataclasses.replace(BASE, chunk=2)) is not first


def test_a_program_has_the_width_of_the_spec():
    lanes = compile_program(dataclasses.replace(BASE, chunk=4)).start([7, 8])
    assert lanes.memory.params.shape[0] == 4
    assert (lanes.memory.params[2:] == lanes.memory.params[1]).all()
    assert (lanes.memory.params[0] != lanes.memory.params[1]).any()
