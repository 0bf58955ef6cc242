"""What one trained network holds while it reads: its cell state and gates, over two sequences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput
from memspan.core.foreign import Foreign
from memspan.engine import Trained
from memspan.engine.network import Network
from memspan.engine.train import run
from memspan.models import LSTM
from memspan.plots import cell_state, gate_activity, state_steps
from memspan.probes import Explanation, explain
from memspan.report.contents import Figure, Table, View
from memspan.report.kept import KeptCell, KeptStudy
from memspan.report.probed import probed
from memspan.store import StoredRun
from memspan.store.run import difference
from memspan.studies.kept.stored import stored
from memspan.studies.kept.weights import load_trained

__all__ = ["Chosen", "choose", "states"]

MOST_STEPS = 40  # a heat map with more columns shows nothing; the last ones are drawn
MOST_UNITS = 20
GATES = ("input", "forget", "output")


@dataclass(frozen=True, eq=False)
class Chosen:
    """The run whose network is shown.

    Attributes:
        cell: where it is.
        run: which.
        kept: whether the store keeps its weights.
        seconds: what it takes to have the network: none where they are kept, else what training it again takes, as far
            as the store knows.
    """

    cell: KeptCell
    run: StoredRun
    kept: bool
    seconds: float


def choose(study: KeptStudy) -> Chosen:
    """Return the run to show: of the shortest lag, the recipe with most runs that solve it, its first seed that does.

    Raises:
        InvalidInput: no run can be shown; the sentence says why.
    """
    symbols = [cell for cell in study.cells if cell.spec is not None and hasattr(cell.spec.problem, "sequences")]
    if not symbols:
        raise InvalidInput("its problems list no sequences, or its specs are not of this version of memspan")
    fit = [cell for cell in symbols if cell.solved] or [
        cell for cell in symbols if any(run.status == "finished" for run in cell.runs)
    ]
    if not fit:
        raise InvalidInput("none of its runs ended with a network, for all diverged or have no result")
    cell = min(fit, key=lambda one: (not _is_lstm(one), one.noted.lag, -one.success.point))
    shown = next((run for run in cell.runs if run.solved), None)
    shown = shown or next(run for run in cell.runs if run.status == "finished")
    # A foreign model's seeds are trained one by one.
    chunk = 1 if cell.spec is None or isinstance(cell.spec.model, Foreign) else cell.spec.chunk
    kept = study.store.weights(cell.stored.hash, shown.seed) is not None
    # Its share of a chunk's time is known; alone it takes all of it.
    return Chosen(cell, shown, kept, 0.0 if kept else shown.seconds * chunk)


def states(study: KeptStudy, chosen: Chosen) -> tuple[list[Figure], str]:
    """Return the pictures of a network's state, and in words where it is from.

    Weights that the store keeps are used; else the run is trained again, and compared with the stored one.

    Args:
        study: where it is from.
        chosen: which run.

    Raises:
        InvalidInput: it has no state that can be shown, or cannot be trained again.
        RunFailed: code of the user's failed.
    """
    spec = chosen.cell.spec
    assert spec is not None
    if chosen.kept:
        trained, how = load_trained(study.store, spec, chosen.run.seed), "made of the weights that the store keeps"
    else:
        runs = run(spec, range(chosen.run.seed, chosen.run.seed + 1))
        full = next(one for one in study.store.runs(spec.hash) if one.seed == chosen.run.seed)
        differs = difference(full, stored(runs, 0.0)[0])
        same = "bit for bit the stored run" if differs is None else f"not bit for bit the stored run: {differs}"
        if runs.failed[0]:
            raise InvalidInput(f"trained again, seed {chosen.run.seed} has no result ({runs.failures[0]})")
        trained, how = runs[0], f"trained again from its spec and seed ({same})"
    who = f"seed {chosen.run.seed} of '{chosen.cell.noted.recipe}' at lag {chosen.cell.noted.lag:,}"
    more, refused = probed(trained, spec, chosen.run.seed, chosen.run.solved, who)
    figures = _figures(trained, [list(one) for one in spec.problem.sequences()[:2]], who)  # pyright: ignore
    return [*figures, *more], f"The network whose state is shown is that of {who}, {how}. {refused}".strip()


def _figures(trained: Trained, sequences: list[list[Any]], who: str) -> list[Figure]:
    first, second = (sequence[:-1][-MOST_STEPS:] for sequence in sequences)
    network = trained.network  # that of another framework has no layers to ask
    if isinstance(network, Network) and isinstance(network.stack.layers[0], LSTM):
        found = [explain(trained, sequence[:-1]) for sequence in sequences]
        explained = [one for one in found if isinstance(one, Explanation)]
        cells = np.stack([[step.cell for step in one] for one in explained])
        gates = {
            name: np.stack([[getattr(step.gates, name) for step in one] for one in explained])[:, -MOST_STEPS:]
            for name in GATES
        }
    else:
        cells, gates = np.stack([_flat(trained.states(sequence[:-1])) for sequence in sequences]), {}
    facts = cell_state.facts([first, second], cells[:, -MOST_STEPS:])
    table = _table(facts)
    found = [
        Figure(
            "state",
            "What one network remembers: its state over two sequences",
            (View("", cell_state.draw(facts), f"{facts.title} ({who})."),),
            table,
            "Each column is a symbol read, each row a unit; the third panel is the difference. Where it is not white "
            "after the symbols are the same again, the network remembers which sequence it is in.",
            wide=True,
        ),
        Figure(
            "steps",
            "Step through the sequences",
            (View("", state_steps.draw(facts), "Bars are the cell state after the step that the slider chooses."),),
            Table("What each step shows", ("step", "in words"), tuple(_numbered(state_steps.told(facts))), words=2),
            "",
            steps=state_steps.told(facts),
        ),
    ]
    bounded = all(((gate >= 0) & (gate <= 1)).all() for gate in gates.values())
    if gates and bounded:
        shown = gate_activity.facts([first, second], gates, facts.units[:MOST_UNITS])
        view = View("", gate_activity.draw(shown), f"{shown.title} ({who}).")
        reading = (
            "Each column is a symbol read, each row a unit in the order of the picture above. White is shut, dark is "
            "open."
        )
        found.append(Figure("gates", "What its gates do meanwhile", (view,), _gates(shown), reading))
    return found


def _is_lstm(cell: KeptCell) -> bool:
    model = cell.stored.settings.get("model", {})
    layers = model.get("layers") or [model]
    return layers[0].get("type") == "LSTM"


def _flat(states: Any) -> Float[np.ndarray, "step unit"]:
    # Whole numbers are positions, or what a model that keeps no state has read.
    leaves = [np.asarray(leaf, float) for leaf in jax.tree.leaves(states) if np.issubdtype(leaf.dtype, np.floating)]
    rows = [leaf.reshape(len(leaf), -1) for leaf in leaves if leaf.ndim >= 1 and leaf.size]
    if not rows:
        raise InvalidInput("its model has no state")
    return np.concatenate(rows, axis=1)


def _numbered(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(str(number), line) for number, line in enumerate(lines, 1)]


def _table(facts: cell_state.CellState) -> Table:
    first, second = facts.sequences
    columns = (
        "unit",
        *(f"{a}, step {i}" for i, a in enumerate(first, 1)),
        *(f"{b}, step {i}" for i, b in enumerate(second, 1)),
    )
    rows = tuple(
        (str(unit), *(f"{value:.3f}" for sequence in range(2) for value in facts.cells[sequence, :, place].tolist()))
        for place, unit in enumerate(facts.units[:MOST_UNITS])
    )
    return Table("Cell state of each unit after each symbol: first sequence, then second", columns, rows)


def _gates(facts: gate_activity.GateActivity) -> Table:
    columns = ("gate", "unit", *(f"{a}, step {i}" for one in facts.sequences for i, a in enumerate(one, 1)))
    rows = tuple(
        (name, str(unit), *(f"{value:.2f}" for sequence in range(2) for value in gate[sequence, :, unit].tolist()))
        for name, gate in facts.gates.items()
        for unit in facts.units
    )
    return Table("How open each gate is: first sequence, then second", columns, rows, words=2)
