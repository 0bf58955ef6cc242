"""The same facts from memspan: its network, its loss, its rules, its compiled program."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from tests.oracles.cases import N_STEPS, SEQUENCES, UPDATES_AT, Case, flat

from memspan.core.rule import Learner, Lesson, Memory
from memspan.core.spec import Spec
from memspan.engine.network import Network
from memspan.engine.optimizers import Adam
from memspan.engine.program import compile_program
from memspan.engine.trained import Trained
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT, Online
from memspan.rules.objective import step_loss

ONE_EPOCH = N_STEPS * len(SEQUENCES)


def network_of(case: Case) -> Network:
    return Network.of(Conflict(), LSTM(units=case.units, gate=case.gate))


def learner_of(case: Case) -> Learner:
    return network_of(case).learner(Adam(), every_step_scored=True)


def fresh(case: Case) -> Memory:
    """Return the weights of the case, a new optimizer and a reset state."""
    params = jnp.asarray(flat(case.weights))
    return reset(case, Memory(params, Adam().build().init(params), None))


def reset(case: Case, memory: Memory) -> Memory:
    state = jax.tree.map(lambda leaf: leaf[None], network_of(case).initial_state)
    return memory._replace(state=state)


def lesson(sequence: tuple[int, ...]) -> Lesson:
    """Return a sequence as the engine hands it to a rule."""
    symbols = np.array(sequence, np.int32)[:, None]
    rows = symbols[:-1], symbols[1:], np.ones((N_STEPS, 1), bool)
    return Lesson(*map(jnp.asarray, rows))


def compiled(rule: Any, learner: Learner) -> Any:
    return jax.jit(lambda memory, lesson: rule.learn(learner, memory, lesson))


def facts(case: Case) -> dict[str, Any]:
    """Return outputs, losses, gradients and updates."""
    return {**_frozen(case), **_online(case), **_whole(case)}


def _frozen(case: Case) -> dict[str, Any]:
    trained = Trained(Conflict(), network_of(case), flat(case.weights))
    outputs = [trained.probabilities(list(sequence[:-1])) for sequence in SEQUENCES]
    learner, losses, gradients = learner_of(case), [], []
    cost = jax.jit(jax.value_and_grad(step_loss, argnums=1, has_aux=True), static_argnums=0)
    for sequence in SEQUENCES:
        memory, steps = fresh(case), lesson(sequence)
        for t in range(N_STEPS):
            now = Lesson(*(rows[t] for rows in steps))
            (loss, state), gradient = cost(learner, memory.params, memory.state, now)
            memory = memory._replace(state=state)
            losses.append(loss)
            gradients.append(gradient)
    return {
        "outputs": np.array(outputs),
        "losses": np.array(losses).reshape(len(SEQUENCES), N_STEPS),
        "gradients": np.array(gradients)[:N_STEPS],
    }


def _online(case: Case) -> dict[str, Any]:
    """The rule alone for the first updates, a lesson of one step each; the engine's compiled epoch for all."""
    learn, memory, losses, weights = compiled(Online(), learner_of(case)), fresh(case), [], []
    for t in range(len(UPDATES_AT) - 1):
        memory, loss = learn(memory, Lesson(*(rows[t : t + 1] for rows in lesson(SEQUENCES[0]))))
        losses.append(loss)
        weights.append(memory.params)
    trained, loss = epoch(case)
    return {"online_losses": np.array([*losses, loss]), "online_weights": np.array([*weights, trained])}


def epoch(case: Case) -> tuple[np.ndarray, float]:
    """Return the weights after one epoch of the tutorial from the weights of the case, and its mean loss."""
    spec = Spec(Conflict(), LSTM(units=case.units, gate=case.gate), Online(), Adam(), epochs=1, chunk=1)
    program = compile_program(spec)
    lanes = program.start([0])
    lanes = lanes._replace(memory=lanes.memory._replace(params=flat(case.weights)[None]))
    lanes, record = program.run(lanes, next(program.orders(spec, [0])), np.int32(0), np.int32(1), np.int32(1))
    return np.asarray(lanes.memory.params)[0], float(record.loss[0, 0])


def _whole(case: Case) -> dict[str, Any]:
    learner, memory, losses, weights = learner_of(case), fresh(case), [], []
    learn = compiled(BPTT(), learner)
    for sequence in SEQUENCES:
        memory, loss = learn(reset(case, memory), lesson(sequence))
        losses.append(loss)
        weights.append(memory.params)
    caught = learner._replace(update=lambda memory, gradient, scored: memory._replace(params=gradient))
    gradient = compiled(BPTT(), caught)(fresh(case), lesson(SEQUENCES[0]))[0].params
    return {
        "bptt_gradient": np.asarray(gradient),
        "bptt_losses": np.array(losses),
        "bptt_weights": np.array(weights),
    }
