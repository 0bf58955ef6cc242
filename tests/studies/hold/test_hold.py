"""What is said of a model is what its construction says, in words, tables, pictures and JSON."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest
from tests.probes.constructed import delay_line, latch, leaky, linear_unit, memoryless, problem_of

import memspan as ms
from memspan.core.estimate import Estimate
from memspan.core.spec import Spec
from memspan.engine.trained import Trained
from memspan.probes import reader_of
from memspan.studies.hold import (
    PROBES,
    Settings,
    Subject,
    findings,
    hold,
    measure,
    of_runs,
    picture,
    pooled,
    probes_in,
    tables,
)

LAG = 4
LONG = problem_of(LAG)


@pytest.fixture(scope="module")
def kept():
    return hold(latch(LONG), longest=40)


@pytest.fixture(scope="module")
def lost():
    return hold(memoryless(LONG), longest=40)


def test_a_latch_is_described_as_one(kept):
    said = str(kept)
    assert said.startswith("It holds the cue for 40 steps or more, the longest delay tested; it was trained with 4")
    assert "the answer follows the state, not the input: swap score 100 % or more after steps 1 to 4" in said
    assert "Exchanged alone after step 3: hidden 0 %, cell 100 %." in said
    assert "Wipe the state, and the cue is told in 50 % of the trials at best; chance is 50 %." in said
    assert "The cue sits in the state from step 1 to the end" in said
    assert "cell 1 carries it, 1 of 6 numbers of the state" in said
    assert "Held still one at a time, cell 1 is needed" in said
    assert "What tells the cues apart does not fade within 100 steps." in said
    assert "does not fade (largest eigenvalue 1)" in said


def test_a_model_without_memory_is_described_as_one(lost):
    said = str(lost)
    assert said.startswith(
        "It does not hold the cue for the 4 steps of its training: it tells it in 50 % of the trials"
    )
    assert "the answer follows the state after no step" in said
    assert "The cue cannot be read from the state after any step" in said
    assert "no set of the state's 2 numbers carries the cue" in said
    assert "the cue is not told anyway" in said
    assert "What tells the cues apart is gone from the state after step 1." in said


def test_a_leak_and_a_line_are_told_apart():
    assert "fades with a time constant of 3 steps" in str(hold(leaky(3.0, LONG), ["decay"]))
    assert "is gone from the state after step 7" in str(hold(delay_line(5, LONG), ["decay"]))
    assert "time constant of 19.5 steps (largest eigenvalue 0.95)" in str(hold(linear_unit([0.95], LONG), ["spectrum"]))


def test_every_probe_was_asked_and_none_refused(kept):
    assert not kept.refused
    found = kept.to_json()
    assert set(PROBES) <= set(found)
    json.dumps(found, allow_nan=False)
    assert found["decay"]["cue"]["time_constant"]["point"] is None
    assert found["carriers"]["units"] == ["cell 1"]
    assert found["stretch"]["span"]["point"] == 40


def test_one_probe_that_does_not_fit_leaves_the_others_alone():
    class Bare:
        """A reader without gradients."""

        def __init__(self, reader):
            self.parts, self.start, self.read, self.advance = reader.parts, reader.start, reader.read, reader.advance

    subject = Subject(LONG, Bare(reader_of(latch(LONG))))
    found = measure(subject, Settings(probes=("swap", "credit", "spectrum")))
    assert found.swap.follows[0][0].point == 1.0
    assert set(found.refused) == {"credit", "spectrum"}
    assert "must be given a model with gradients, but got Bare" in found.refused["credit"]


def test_several_runs_are_pooled_as_medians(kept, lost):
    both = [dataclasses.replace(kept, seed=seed) for seed in range(6)] + [lost]
    found = pooled(both)
    assert (found.runs, found.span.point, found.longest) == (7, 40.0, 40)
    assert found.span.low == 0.0
    assert found.follows[0][1].point == 1.0
    assert found.carriers.n == 6
    assert math.isinf(found.time_constant.point)
    json.dumps(found.to_json(), allow_nan=False)
    said = findings(both)
    assert said[0] == (
        "The cue is held for 40 [0, 40] steps in the median of 7 runs; 6 of them to the end of what was tested, 40 "
        "steps; they were trained with 4."
    )


def test_credit_is_compared_with_the_rules_horizon():
    spec = Spec(LONG, ms.models.LSTM(units=3), ms.rules.Online(), ms.Adam())
    subject = Subject.of(latch(LONG), spec, seed=0)
    said = findings([measure(subject, Settings(probes=("credit",)))])
    assert said[0].startswith("The credit of Online reaches 1 input back, the cue is 5 back; ")
    assert "before training" in said[1]
    horizons = [
        ms.rules.TruncatedBPTT(2, 3),
        ms.rules.BPTT(),
        ms.rules.RTRL(),
        ms.rules.SnAp(),
        ms.rules.Truncated1997(),
    ]
    assert [rule.horizon for rule in horizons] == [3, None, None, None, None]


def test_tables_have_a_row_for_every_step(kept):
    lines = tables([kept])
    head = next(line for line in lines if line.startswith("after step "))
    rows = lines[lines.index(head) + 1 :][: LAG + 1]
    assert [int(row.split()[0]) for row in rows] == [1, 2, 3, 4, 5]
    assert all("100" in row for row in rows)
    delays = lines[2 : lines.index("", 2)]
    assert all(line.endswith("#" * 20) for line in delays)
    assert delays[0].split()[0] == "4"
    assert delays[-1].split()[0] == "40"


def test_bars_show_at_a_glance_where_the_cue_is(kept, lost):
    """One character a step: a latch is read and exchanged at all of them; nothing is told of what is lost."""

    def lines_of(held, ascii_only):
        lines = tables(held, ascii_only)
        (head,) = (at for at, line in enumerate(lines) if line.startswith("after steps 1 to 5, "))
        return {line[:20].strip(): line[21:] for line in lines[head + 1 : lines.index("", head)]}

    latch = lines_of([kept], False)
    assert latch["read-out"] == "█" * (LAG + 1)
    assert latch["swap, whole state"].rstrip() == "█" * LAG
    assert "▅" in latch["wiped"]  # half of the trials, by chance
    assert set(lines_of([kept], True)["read-out"]) == {"#"}
    assert "#" not in lines_of([lost], True)["read-out"][2:]
    assert lines_of([kept, kept], False)["read-out"] == latch["read-out"]


def test_the_picture_shows_what_was_found(kept, lost, tmp_path):
    for held in ([kept], [kept, lost]):
        drawn = json.loads(picture(held, tmp_path / "held.json").read_text())
        assert len(drawn["vconcat"]) == 3
        told = [row["told"] for row in drawn["vconcat"][0]["data"]["values"]]
        assert len(told) == LAG + 1
        assert {row["part"] for row in drawn["vconcat"][1]["data"]["values"]} >= {"whole state"}
    with pytest.raises(ms.InvalidInput, match="--picture must be of readout, swap or credit"):
        picture([dataclasses.replace(kept, readout=None, swap=None, credit=None)], tmp_path / "x.svg")


def test_probes_are_named_in_words():
    assert probes_in("swap,wipe") == ("swap", "wipe")
    assert probes_in("read-out, minimal") == ("readout", "carriers")
    with pytest.raises(ms.InvalidInput, match="did you mean 'swap'"):
        probes_in("swop")
    with pytest.raises(ms.InvalidInput, match="but got ','"):
        probes_in(",")
    with pytest.raises(ms.InvalidInput, match="level must be above 0"):
        Settings(level=0.0)


def test_a_diverged_run_is_refused():
    whole = latch(LONG)
    with pytest.raises(ms.InvalidInput, match="the run of seed 3 diverged"):
        Subject.of(Trained(whole.problem, whole.network, whole.vector * float("nan")), None, 3)


def test_trained_runs_are_subjects_with_their_seeds():
    runs = ms.train(problem_of(1), ms.models.MLP(units=2, window=2), ms.rules.BPTT(), seeds=[4, 7], epochs=1)
    assert [(subject.seed, subject.rule, subject.horizon) for subject in of_runs(runs)] == [
        (4, "BPTT", None),
        (7, "BPTT", None),
    ]


def test_a_share_shows_its_interval_unless_it_is_exact():
    from memspan.studies.hold.sentences import percent

    assert percent(Estimate(1.0, 1.0, 1.0, 8, "sign test 95 %")) == "100 [100, 100] %"
