"""Checks of what a problem says about itself: its members, its name, its identity, its worked example."""

from __future__ import annotations

import copy
import dataclasses
import doctest
import math
import sys
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.core.problem import LOSSES, FiniteProblem, Problem
from memspan.testing.violation import require

__all__ = [
    "ceilings_agree",
    "has_an_example_that_runs",
    "has_every_member",
    "is_a_value",
    "is_described",
    "moves_with_its_difficulty",
]

MEMBERS = sorted(name for name in vars(Problem) if not name.startswith("_"))


def has_every_member(problem: Any) -> None:
    """It has every member of `Problem`."""
    missing = [name for name in MEMBERS if not hasattr(problem, name)]
    require(not missing, f"the problem lacks {', '.join(missing)}; see memspan.core.problem.Problem")


def is_described(problem: Problem) -> None:
    """It has a name, a source, a known loss, positive sizes, and numbers for its floors."""
    for name in ("variant", "reference", "score_name"):
        require(str(getattr(problem, name)).strip(), f"{name} is empty; say what it is")
    require(problem.loss in LOSSES, f"loss is {problem.loss!r}, but must be one of {', '.join(LOSSES)}")
    for name in ("n_inputs", "n_outputs", "n_sequences", "n_steps"):
        size = getattr(problem, name)
        require(isinstance(size, int) and size >= 1, f"{name} is {size!r}, but must be a whole number from 1 on")
    for name in ("chance", "floor", "best"):
        require(math.isfinite(getattr(problem, name)), f"{name} is {getattr(problem, name)}, not a finite number")


def is_a_value(problem: Problem) -> None:
    """It is a frozen dataclass that equals its copy: its fields are its identity in specs and stores."""
    kind: Any = type(problem)
    frozen = dataclasses.is_dataclass(problem) and kind.__dataclass_params__.frozen
    require(frozen, f"{kind.__name__} is not a frozen dataclass; its fields are its identity in a spec")
    twin = copy.deepcopy(problem)
    require(twin == problem, "a copy of the problem is not equal to it; make its fields plain values")
    require(hash(twin) == hash(problem), "a copy of the problem has another hash; make its fields plain values")


def has_an_example_that_runs(problem: Problem) -> None:
    """The docstring of its class shows an example, and the example is true."""
    kind = type(problem)
    text = kind.__doc__ or ""
    require(
        "Example:" in text and ">>>" in text,
        f"the docstring of {kind.__name__} has no 'Example:' with '>>>' lines; show one drawn sequence",
    )
    names = dict(vars(sys.modules[kind.__module__]))
    test = doctest.DocTestParser().get_doctest(text, names, kind.__name__, None, None)
    runner = _Collector(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    runner.run(test)
    require(not runner.wrong, f"the example of {kind.__name__} is not true: {'; '.join(runner.wrong)}")


class _Collector(doctest.DocTestRunner):
    """Runs an example and keeps what differs, where the standard one would print it."""

    def __init__(self, optionflags: int) -> None:
        super().__init__(optionflags=optionflags)
        self.wrong: list[str] = []

    def report_failure(self, out: Any, test: Any, example: doctest.Example, got: str) -> None:
        """Keep what an example gave."""
        self.wrong.append(f"{example.source.strip()} gives {got.strip()}, but shows {example.want.strip()}")

    def report_unexpected_exception(self, out: Any, test: Any, example: doctest.Example, exc_info: Any) -> None:
        """Keep what an example raised."""
        self.wrong.append(f"{example.source.strip()} raises {exc_info[0].__name__}: {exc_info[1]}")


def moves_with_its_difficulty(problem: Problem) -> None:
    """Where it declares `difficulty` (field to member), more of the field is more of the member."""
    difficulty: dict[str, str] = getattr(problem, "difficulty", {})
    for field, member in difficulty.items():
        harder = _with_more(problem, field)
        before, after = getattr(problem, member), getattr(harder, member)
        moved = after > before or harder is problem
        require(moved, f"more {field} leaves {member} at {after}, but should raise it above {before}")


def ceilings_agree(problem: Problem) -> None:
    """Where it knows its ceilings, they rise from `floor` to `best`, which `demand` is the first to reach."""
    if not isinstance(problem, FiniteProblem):
        return
    demand, end = problem.demand, max(problem.demand, problem.n_steps) + 1
    floor, before = problem.ceiling(1), problem.ceiling(max(1, demand - 1))
    require(math.isclose(floor, problem.floor), f"ceiling(1) is {floor}, but floor is {problem.floor}")
    for window, name in ((demand, "demand"), (end, "n_steps + 1")):
        reached = problem.ceiling(window)
        require(math.isclose(reached, problem.best), f"ceiling({name}) is {reached}, but best is {problem.best}")
    require(demand == 1 or before < problem.best, f"a window of demand - 1 = {demand - 1} already reaches best")


def _with_more(problem: Any, field: str) -> Any:
    """Return the problem with twice, or one more, of a field; itself where its other fields allow neither."""
    value = getattr(problem, field)
    setter = getattr(problem, f"with_{field}", None)
    for more in (2 * value, value + 1):
        try:
            return setter(more) if setter else dataclasses.replace(problem, **{field: more})
        except InvalidInput:
            continue
    return problem
