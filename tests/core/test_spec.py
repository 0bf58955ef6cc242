"""A spec is its content: the hash moves with any field and with nothing else."""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import json
import os
import subprocess
import sys
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memspan.core.errors import InvalidInput
from memspan.core.protocol import Protocol
from memspan.core.spec import Spec, describe
from memspan.engine.optimizers import Adam
from memspan.models import LSTM, MLP, Dense, Stack
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online

BASE = Spec(Conflict(), LSTM(units=20), Online(), Adam())
THREE = Conflict(lag=2, n_sequences=3)  # of as many symbols

# Every field of a spec and of its parts, each with a few values; the first is the default.
FIELDS = {
    "lag": (3, 1, 4, 31),
    "n_sequences": (2, 3),
    "middle": ("counting", "repeating", "random", "fresh"),
    "scored": ("every", "end"),
    "middle_seed": (0, 1),
    "model": ("LSTM", "MLP", "Stack"),
    "units": (20, 1, 2),
    "gate": ("sigmoid", "hard_sigmoid"),
    "rule": (Online, BPTT, RTRL),
    "learning_rate": (0.001, 0.01, 1e-12),
    "b1": (0.9, 0.5),
    "b2": (0.999, 0.99),
    "epsilon": (1e-7, 1e-8),
    "order": ("fixed", "shuffled"),
    "reset": ("sequence", "never"),
    "batch": ("one", "all"),
    "epochs": (250, 0, 1000),
    "evaluate_every": (1, 10),
    "chunk": (8, 1, 100),
    "curriculum": ((), (1,), (1, 1)),  # as lags
}


def built(chosen):
    def part(*names):
        return {name: chosen[name] for name in names}

    models = {
        "LSTM": lambda: LSTM(chosen["units"], gate=chosen["gate"]),
        "MLP": lambda: MLP(chosen["units"], window=1 + (chosen["gate"] == "hard_sigmoid")),
        "Stack": lambda: Stack((LSTM(chosen["units"], gate=chosen["gate"]), Dense(3))),
    }
    problem = Conflict(**part("lag", "n_sequences", "middle", "scored", "middle_seed"))
    return Spec(
        problem=problem,
        model=models[chosen["model"]](),
        rule=chosen["rule"](),
        optimizer=Adam(**part("learning_rate", "b1", "b2", "epsilon")),
        protocol=Protocol(**part("order", "reset", "batch")),
        **part("epochs", "evaluate_every", "chunk"),
        curriculum=tuple(problem.shorter(lag) for lag in chosen["curriculum"]),
    )


settings_of_a_spec = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in FIELDS.items()})


@given(one=settings_of_a_spec, other=settings_of_a_spec)
def test_hashes_differ_exactly_where_settings_differ(one, other):
    first, second = built(one), built(other)
    assert (first.hash == second.hash) == (one == other) == (first == second)
    assert first.hash == built(dict(one)).hash
    assert len(first.hash) == 16
    assert int(first.hash, 16) >= 0


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_alone_moves_the_hash(name):
    default = {field: values[0] for field, values in FIELDS.items()}
    hashes = [built({**default, name: value}).hash for value in FIELDS[name]]
    assert len(set(hashes)) == len(hashes)


@given(settings_of_a_spec)
def test_canonical_json_is_json_and_one_spelling(chosen):
    text = built(chosen).canonical_json()
    again = json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    assert again == text
    assert text.isascii()
    parsed = json.loads(text)
    assert parsed["epochs"] == chosen["epochs"]
    assert parsed["rule"]["type"] == chosen["rule"].__name__
    assert parsed["problem"]["lag"] == chosen["lag"]
    assert [stage["lag"] for stage in parsed["curriculum"]] == list(chosen["curriculum"])


def test_the_default_spec_is_spelt_so():
    """A change of this text is a change of identity: stored runs would not be found again."""
    text = BASE.canonical_json()
    assert text == (
        '{"chunk":8,"curriculum":[],"epochs":250,"evaluate_every":1,'
        '"model":{"chrono":null,"convention":"keras","forget_bias":null,"gate":"sigmoid","loop":"xla","type":"LSTM",'
        '"units":20},'
        '"optimizer":{"b1":0.9,"b2":0.999,"epsilon":1e-07,"learning_rate":0.001,"type":"Adam"},'
        '"problem":{"alphabet":[0,1,2,3,4],"lag":3,"middle":"counting","middle_seed":0,"n_sequences":2,'
        '"scored":"every","type":"Conflict"},'
        '"protocol":{"batch":"one","order":"fixed","reset":"sequence","type":"Protocol"},'
        '"rule":{"type":"Online"},"type":"Spec"}'
    )


def test_the_hash_is_the_same_in_another_process():
    code = (
        "import memspan as ms; from memspan.core.spec import Spec;"
        "print(Spec(ms.problems.Conflict(), ms.models.LSTM(20), ms.rules.Online(), ms.Adam()).hash)"
    )
    # Another order of sets and of string hashes must not show.
    there = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == BASE.hash


def test_types_with_equal_fields_do_not_collide():
    assert describe(Online()) != describe(BPTT())
    assert describe((1, 2.0, None, "x")) == [1, 2.0, None, "x"]
    assert describe(1) == describe(1)
    assert json.dumps(describe(True)) != json.dumps(describe(1)) != json.dumps(describe(1.0))


@dataclass(frozen=True)
class UsersRule:
    """A rule from outside."""

    horizon: int

    def learn(self, learner, memory, lesson):
        return memory, 0.0


def test_a_users_part_takes_part():
    specs = [replace(BASE, rule=UsersRule(horizon)) for horizon in (1, 2)]
    assert len({spec.hash for spec in [BASE, *specs]}) == 3


@dataclass(frozen=True)
class LSTM2:
    units: int = 20


def test_another_packages_type_of_the_same_name_is_another_type():
    theirs = type("LSTM", (LSTM2,), {"__module__": "theirs"})()
    assert describe(theirs)["type"] == "theirs.LSTM"
    assert describe(LSTM())["type"] == "LSTM"


NONE = {
    "rule='bptt'": "rule must have learn, as memspan.rules.BPTT() has, but got 'bptt' without learn",
    "model=ms.models.LSTM": "model must be an object such as memspan.models.LSTM(), but got the class LSTM",
    "problem=3": "problem must have variant, reference, n_inputs",
    "optimizer='adam'": "optimizer must have build, as memspan.Adam() has, but got 'adam' without build",
    "curriculum=[]": "curriculum must be a tuple of easier problems, but got []; write (problem,) for one",
    "curriculum=(3,)": "curriculum must have variant, reference, n_inputs",
}


def test_a_part_that_is_none_is_one_sentence():
    # In a process of its own: under the tests' import hook the annotation would speak first.
    code = (
        "import memspan as ms\n"
        "parts = dict(problem=ms.problems.Conflict(), model=ms.models.LSTM(), rule=ms.rules.BPTT())\n"
        f"for change in [{', '.join(f'dict({change})' for change in NONE)}]:\n"
        "    try: ms.train(**parts | change)\n"
        "    except ms.InvalidInput as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for told, sentence in zip(done.stdout.splitlines(), NONE.values(), strict=True):
        assert told.startswith(sentence)


def a_function(x):
    """Something whose source is its identity."""
    return x


def test_a_function_is_its_name_and_its_source():
    source = inspect.getsource(a_function)
    digest = hashlib.sha256(source.encode()).hexdigest()
    assert describe(a_function) == {"type": "function", "name": f"{__name__}.a_function", "sha256": digest}


def test_a_function_of_another_source_is_another(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    described = []
    for name, body in (("one", "x"), ("two", "x"), ("three", "2 * x")):
        (tmp_path / f"{name}.py").write_text(f"def f(x):\n    return {body}\n")
        described.append(describe(importlib.import_module(name).f))
    assert [each["name"] for each in described] == ["one.f", "two.f", "three.f"]
    assert described[0]["sha256"] == described[1]["sha256"] != described[2]["sha256"]


def test_a_function_that_hides_a_part_of_itself_is_refused():
    bound = 3

    def inner(x):
        return x + bound

    for hidden in (inner, lambda x: x):
        with pytest.raises(InvalidInput, match=r"must stand by itself in a module, .* define it with def") as caught:
            describe(hidden)
        assert "\n" not in str(caught.value)
    names: dict = {"__name__": "nowhere"}
    exec("def f(x): return x", names)
    with pytest.raises(InvalidInput, match=r"but nowhere\.f has none; put it into a file"):
        describe(names["f"])
    with pytest.raises(InvalidInput, match="put its settings into a frozen dataclass"):
        describe(functools.partial(a_function, 3))


def test_the_stages_end_with_the_problem():
    stages = (Conflict(lag=9).shorter(2), Conflict(lag=9).shorter(4))
    spec = replace(BASE, problem=Conflict(lag=9), curriculum=stages, epochs=7)
    assert [stage.problem for stage in spec.stages] == [*stages, Conflict(lag=9)]
    assert all(replace(stage, problem=spec.problem, curriculum=stages) == spec for stage in spec.stages)
    assert BASE.stages == (BASE,)


class Squared(Conflict):
    """The tutorial's problem under another loss."""

    loss = "squared_error"


@pytest.mark.parametrize(
    ("easier", "protocol", "message"),
    [
        (
            Conflict(lag=2),
            Protocol(),
            "curriculum must keep n_inputs=5 of .*lag 3', .* but got n_inputs=4 of .*lag 2'; a",
        ),
        (Squared(), Protocol(), "curriculum must keep loss='binary_cross_entropy' of .* got loss='squared_error' of"),
        (
            THREE,
            Protocol(batch="all"),
            "curriculum must keep the 2 rows of a batch, .* but got 3 of .*; give all stages",
        ),
        (THREE, Protocol(batch=2), "batch must divide the 3 sequences of an epoch, but got 2"),
    ],
)
def test_stages_that_do_not_fit_are_refused_in_one_sentence(easier, protocol, message):
    with pytest.raises(InvalidInput, match=f"^{message}") as caught:
        replace(BASE, curriculum=(Conflict().shorter(1), easier), protocol=protocol)
    assert "\n" not in str(caught.value)


def test_stages_of_other_lengths_and_numbers_fit_one_at_a_time():
    assert replace(BASE, curriculum=(THREE,)).stages[0].problem is THREE


def test_what_cannot_be_written_down_is_refused():
    with pytest.raises(InvalidInput, match="put its settings into a frozen dataclass"):
        describe(len)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("epochs", -1, "epochs must be a whole number of at least 0, but got -1"),
        ("evaluate_every", 0, "evaluate_every must be a whole number of at least 1, but got 0"),
        ("chunk", 0, "chunk must be a whole number from 1 to 4,096, but got 0"),
        ("chunk", 5000, "chunk must be a whole number from 1 to 4,096, but got 5000"),
    ],
)
def test_budgets_are_refused_in_one_sentence(field, value, message):
    with pytest.raises(InvalidInput, match=f"^{message}"):
        replace(BASE, **{field: value})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Protocol(order="shufled"), "order must be one of fixed, shuffled, but got 'shufled'; did you"),
        (lambda: Protocol(reset="epochs"), "reset must be one of .* did you mean 'epoch'"),
        (lambda: Protocol(batch="8"), "batch must be one of one, all, but got '8'; choose one of these"),
        (lambda: Protocol(reset="epoch", batch="all"), "reset='epoch' carries .* use batch='one' or reset="),
        (lambda: Adam(learning_rate=0.0), "learning_rate must be greater than 0, but got 0"),
        (lambda: Adam(learning_rate=float("nan")), "learning_rate must be greater than 0, but got nan"),
        (lambda: LSTM(units=0), "units must be a whole number of at least 1, but got 0"),
        (lambda: LSTM(gate="sigmod"), "gate must be one of .* did you mean 'sigmoid'"),
        (lambda: MLP(units=0), "units must be"),
        (lambda: MLP(window=0), "window must be a whole number of at least 1, but got 0"),
        (lambda: Dense(0), "n_outputs must be a whole number of at least 1, but got 0"),
    ],
)
def test_settings_are_refused_in_one_sentence(make, message):
    with pytest.raises(InvalidInput, match=f"^{message}") as caught:
        make()
    assert "\n" not in str(caught.value)
