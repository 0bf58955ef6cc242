"""A model that keeps its state in itself is probed as one that hands it out: the same model in both forms agrees."""

from __future__ import annotations

import numpy as np
import pytest
from tests.probes.constructed import latch, problem_of

import memspan as ms
from memspan.probes import (
    Clamp,
    Differentiable,
    Keeping,
    Reader,
    carriers,
    freeze,
    reader_of,
    stretch,
    swap,
    trials_of,
    wipe,
)

TRAINED = latch(problem_of(4))


class Host:
    """The latch behind four functions, its arrays laid out as [layer, batch, unit], as other frameworks do."""

    def __init__(self):
        self.inner, self.now = reader_of(TRAINED), None

    def reset(self):
        self.now = None

    def read(self, inputs):
        start = self.inner.start(len(inputs)) if self.now is None else self.now
        found = self.inner.read(start, inputs)
        self.now = found.states[:, -1]
        return found.outputs

    def state(self):
        return [] if self.now is None else [self.now[None, :, :3], self.now[None, :, 3:]]

    def restore(self, state):
        self.now = np.concatenate([part[0] for part in state], axis=1)


@pytest.fixture(scope="module")
def reader():
    return Keeping(Host(), trials_of(TRAINED.problem).inputs)


def test_it_finds_what_the_reader_inside_finds(reader):
    trials, inside = trials_of(TRAINED.problem), reader_of(TRAINED)
    assert isinstance(reader, Reader)
    assert not isinstance(reader, Differentiable)
    for one, other in zip(
        reader.read(reader.start(2), trials.inputs), inside.read(inside.start(2), trials.inputs), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)
    clamp = Clamp(np.arange(6) == 4, np.full((1, 5, 6), 0.5, np.float32))
    held = [each.read(each.start(2), trials.inputs, clamp=clamp).states for each in (reader, inside)]
    np.testing.assert_allclose(*held, atol=1e-6)


def test_every_probe_without_gradients_finds_the_latch(reader):
    trials = trials_of(TRAINED.problem)
    assert stretch(reader, trials, delays=[4, 30]).span.point == 30
    found = swap(reader, trials, steps=[2])
    assert found.parts == ("whole state", "state 0", "state 1")
    assert [row[0].point for row in found.follows] == [1.0, 0.0, 1.0]
    assert wipe(reader, trials, steps=[2]).told[0].point == 0.5
    assert freeze(reader, trials).units[0] == "state 1 1"
    assert carriers(reader, trials).units == ("state 1 1",)


def test_a_model_that_shows_no_state_is_refused():
    host = Host()
    host.state = list
    with pytest.raises(ms.InvalidInput, match="a model that shows its state, but Host shows none"):
        Keeping(host, np.array([[1, 0]]))
    host.state = lambda: [np.zeros((3, 5))]
    with pytest.raises(ms.InvalidInput, match="one axis for the sequences"):
        Keeping(host, np.array([[1, 0]]))
