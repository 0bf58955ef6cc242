"""What the rules achieve on the tutorial's problem, measured here: the project's first finding."""

from __future__ import annotations

import numpy as np
import pytest

from memspan.core.status import Status
from memspan.engine.train import train
from memspan.models import LSTM
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online


def test_the_rule_decides_not_the_architecture():
    """The same weights at the start, the same data, the same budget: truncated credit fails where exact does not."""
    online = train(Conflict(), LSTM(units=20), Online(), seeds=104)
    bptt = train(Conflict(), LSTM(units=20), BPTT(), seeds=104)
    assert 0.25 < online.success.point < 0.6
    assert bptt.success.point > 0.8
    assert bptt.success.low > online.success.high
    assert online.ever_solved.point > online.success.point
    assert Status.LOST in online.status
    assert online.success.n == bptt.success.n == 104
    assert np.isfinite(online.loss).all()


@pytest.mark.extended
def test_rtrl_solves_every_run_online():
    runs = train(Conflict(), LSTM(units=20), RTRL(), seeds=8)
    assert set(runs.status) == {Status.SOLVED}
    assert runs[0].predict([3, 0, 1, 2]) == [0, 1, 2, 3]
    assert runs[0].predict([4, 0, 1, 2]) == [0, 1, 2, 4]
    assert runs[0].generate([3], 4) == [0, 1, 2, 3]
    assert runs[0].generate([4, 0], 3) == [1, 2, 4]
