"""What the demonstration runs: one line a learning rule or control, and how many seeds it can afford."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import jax

from memspan.core.errors import InvalidInput, check_choice, check_range
from memspan.core.model import Model
from memspan.core.protocol import Protocol
from memspan.core.rule import Rule
from memspan.core.spec import Spec
from memspan.engine import Adam
from memspan.engine.network import Network
from memspan.models import LSTM, MLP
from memspan.problems import Conflict
from memspan.rules import BPTT, RTRL, Online

__all__ = ["RECIPES", "RECOMMENDED", "TUTORIAL", "Line", "Recipe", "Settings", "plan"]

TUTORIAL = "online"
RECOMMENDED = "rtrl"
FEWEST_SEEDS = 8
MOST_WEIGHTS = 1_000_000  # beyond this the control alone would train for many minutes
WORK_PER_LINE = 2.3e11  # multiply-adds; a few seconds on two cores


@dataclass(frozen=True)
class Recipe:
    """A way to train, or a control.

    Attributes:
        label: how the table calls it.
        rule: how credit reaches the weights.
        protocol: order, reset and batch.
        control: for a control, its model at a given number of units and lag; None for the tutorial's LSTM.
    """

    label: str
    rule: Rule
    protocol: Protocol = field(default_factory=Protocol)
    control: Callable[[int, int], Model] | None = None


RECIPES = {
    "online": Recipe("online, cut after one step (tutorial)", Online()),
    "rtrl": Recipe("online, exact gradient (RTRL)", RTRL()),
    "shuffled": Recipe("as the tutorial, order shuffled", Online(), Protocol(order="shuffled")),
    "bptt": Recipe("once a sequence (BPTT)", BPTT()),
    "batch": Recipe("once an epoch, both side by side (BPTT)", BPTT(), Protocol(batch="all")),
    "perceptron": Recipe("control: perceptron, sees 1 symbol", Online(), control=lambda units, lag: MLP(units)),
    "window": Recipe(
        "control: perceptron, sees {window} symbols", Online(), control=lambda units, lag: MLP(units, lag + 1)
    ),
}


@dataclass(frozen=True)
class Settings:
    """What a person may change about the demonstration.

    Attributes:
        lag: steps between the cue and the step that needs it.
        units: memory cells, and hidden units of the controls.
        epochs: presentations of both sequences.
        seeds: runs of each line, where it is not too dear.
        seed: the first seed; its run is the one shown in full.
        rule: show and measure this rule only, beside the controls; None for all.
    """

    lag: int = 3
    units: int = 20
    epochs: int = 250
    seeds: int = 100
    seed: int = 0
    rule: str | None = None

    def __post_init__(self) -> None:
        check_range("seeds", self.seeds, 1, 100_000)
        check_range("seed", self.seed, 0)
        if self.rule is not None:
            check_choice("rule", self.rule, [name for name in RECIPES if RECIPES[name].control is None])
        check_range("epochs", self.epochs, 1)
        check_range("units", self.units, 1)
        Conflict(lag=self.lag)
        weights = self.units * (self.lag + 1) * (self.lag + 2)
        if weights > MOST_WEIGHTS:
            raise InvalidInput(
                f"lag and units must leave the control that sees the whole sequence at most {MOST_WEIGHTS:,} weights, "
                f"but lag={self.lag} with units={self.units} makes {weights:,}; use a smaller lag, or memspan.train"
            )

    @property
    def problem(self) -> Conflict:
        """The two sequences."""
        return Conflict(lag=self.lag)


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        name: key of the recipe.
        label: how the table calls it.
        spec: what is trained.
        seeds: which seeds; fewer than asked where a run is dear.
        window: symbols the model can see at most; None where its memory is learned.
        ceiling: best accuracy of any predictor that sees no more.
    """

    name: str
    label: str
    spec: Spec
    seeds: range
    window: int | None
    ceiling: float


def plan(settings: Settings) -> list[Line]:
    """Return the lines of the demonstration, those shown in full first.

    Example:
        >>> [line.name for line in plan(Settings(rule="bptt"))]
        ['bptt', 'perceptron', 'window']
        >>> {line.name: len(line.seeds) for line in plan(Settings())}["online"]
        100

    Args:
        settings: what a person asked for.

    Returns:
        One line a recipe.
    """
    wanted = [name for name in RECIPES if settings.rule in (None, name) or RECIPES[name].control is not None]
    return [_line(settings, name) for name in wanted]


def _line(settings: Settings, name: str) -> Line:
    recipe, problem = RECIPES[name], settings.problem
    model = recipe.control(settings.units, settings.lag) if recipe.control else LSTM(settings.units)
    spec = Spec(problem, model, recipe.rule, Adam(), recipe.protocol, settings.epochs)
    affordable = max(FEWEST_SEEDS, int(WORK_PER_LINE / _work(spec)))
    window = model.window if isinstance(model, MLP) else None
    return Line(
        name=name,
        label=recipe.label.format(window=problem.demand),
        spec=spec,
        seeds=range(settings.seed, settings.seed + min(settings.seeds, affordable)),
        window=window,
        ceiling=problem.ceiling(window or problem.demand),
    )


def _work(spec: Spec) -> float:
    """Roughly how many multiply-adds one run takes."""
    assert isinstance(spec.model, Model)
    network = Network.of(spec.problem, spec.model)
    weights = network.draw(0).size
    state = sum(leaf.size for leaf in jax.tree.leaves(network.initial_state))
    carried = 2 * state**2 if isinstance(spec.rule, RTRL) else 0
    steps = spec.epochs * spec.problem.n_sequences * spec.problem.n_steps
    return steps * weights * (12.0 + carried)
