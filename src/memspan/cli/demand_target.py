"""What `memspan demand` is asked about: a file of a person's own, or a problem by name with its parameters."""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from memspan.core.errors import InvalidInput, check_choice, nearest

if TYPE_CHECKING:
    from memspan.core.batch import Batch
    from memspan.core.problem import Problem

__all__ = ["Asked", "is_file", "make_problem", "named_problems", "of_file", "of_problem", "of_toml"]


@dataclass(frozen=True, eq=False)
class Asked:
    """Sequences to ask the demand of.

    Attributes:
        name: what they are, in a line.
        inputs: the symbols of each sequence.
        targets: the symbol that is right after each.
        mask: True where a position is scored; None scores all.
        alphabet: the symbols of the inputs.
        answers: the symbols of the targets.
        is_all: True where no other sequence exists, so that the demand is exact.
        known: the demand where the problem's definition tells it, else None.
        drawn_steps: steps of the longest sequence of a problem that draws them, all of which may matter; else None.
        read: what was read and refused, in a line; empty where nothing was read.
    """

    name: str
    inputs: Sequence[np.ndarray]
    targets: Sequence[np.ndarray]
    mask: Sequence[np.ndarray] | None
    alphabet: Sequence[Any]
    answers: Sequence[Any]
    is_all: bool
    known: int | None = None
    drawn_steps: int | None = None
    read: str = ""


def is_file(target: str) -> bool:
    """Return whether the target names a file: one that is there, or a path that no problem could be called."""
    return Path(target).exists() or Path(target).name != target or bool(Path(target).suffix)


def of_file(path: str, options: Mapping[str, Any], is_all: bool) -> Asked:
    """Read a file; each symbol but the last of a sequence is an input, and the one after it the target.

    Args:
        path: the file.
        options: what `memspan.data.read.read_sequences` is to be told, None where nothing.
        is_all: whether the file holds all the sequences there can be.

    Returns:
        The sequences.

    Raises:
        InvalidInput: the file is not there or malformed.
    """
    from memspan.data.read import read_sequences

    data = read_sequences(path, **{name: value for name, value in options.items() if value is not None})
    rows = [row for row in data.sequences if len(row) > 1]
    short = len(data.sequences) - len(rows)
    read = f"{data.report}; {short:,} of one symbol, which leave nothing to predict" if short else str(data.report)
    inputs, targets = [row[:-1] for row in rows], [row[1:] for row in rows]
    return Asked(Path(path).name, inputs, targets, None, data.alphabet, data.alphabet, is_all, read=read)


def of_toml(path: str) -> Asked:
    """Return the sequences of a problem that is written down in a TOML file; they are all there are.

    Raises:
        InvalidInput: the file is not there or is no problem.
    """
    from memspan.problems import from_toml

    return of_problem(Path(path).name, from_toml(path), draws=1, seed=0)


def named_problems() -> dict[str, type[Any]]:
    """Return the problems by the names of the command line: NBack is n-back."""
    from memspan import problems

    found = {name: value for name, value in vars(problems).items() if inspect.isclass(value)}
    return {
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower(): kind
        for name, kind in found.items()
        if dataclasses.is_dataclass(kind) and hasattr(kind, "evaluation") and _has_defaults(kind)
    }


def _has_defaults(kind: type[Any]) -> bool:
    return all(p.default is not p.empty for p in inspect.signature(kind).parameters.values())


def make_problem(name: str, settings: Mapping[str, str]) -> Problem:
    """Return a problem with the parameters of the command line.

    Args:
        name: one of `named_problems`.
        settings: parameters, as text.

    Returns:
        The problem.

    Raises:
        InvalidInput: there is no such problem or parameter, or its value is refused.
    """
    problems = named_problems()
    kind = problems[check_choice("the target, no file being there of that name,", name, problems)]
    allowed = list(inspect.signature(kind).parameters)
    for setting in settings:
        if setting not in allowed:
            guess = nearest(setting, allowed)
            advice = f"did you mean --{guess.replace('_', '-')}?" if guess else "choose one of these"
            raise InvalidInput(
                f"options of {name} must be among {', '.join('--' + a.replace('_', '-') for a in allowed)}, "
                f"but got --{setting.replace('_', '-')}; {advice}"
            )
    return kind(**{setting: _value(text) for setting, text in settings.items()})


def of_problem(name: str, problem: Problem, draws: int, seed: int) -> Asked:
    """Return a problem's sequences: all of them where they are fixed, else some that are drawn.

    Args:
        name: of the problem.
        problem: the problem.
        draws: how many sequences to draw, or a few more.
        seed: decides the draws.

    Returns:
        The sequences.

    Raises:
        InvalidInput: the problem is not about symbols.
    """
    import jax

    batches: list[Batch] = []
    if problem.is_fixed:
        batches.append(problem.batch(None))
    while not problem.is_fixed and sum(len(batch.inputs) for batch in batches) < draws:
        batches.append(problem.evaluation(jax.random.fold_in(jax.random.key(seed), len(batches))))
    inputs, targets, mask = (
        [row for part in column for row in np.asarray(part)] for column in zip(*batches, strict=True)
    )
    if any(row.ndim != 1 or row.dtype.kind not in "iu" for row in (inputs[0], targets[0])):
        raise InvalidInput(
            f"the target must be a problem over symbols, but {name} is about real numbers; choose another"
        )
    alphabet = getattr(problem, "alphabet", None) or range(problem.n_inputs)
    # Positions that are not scored may hold anything; 0 is a symbol of every alphabet.
    targets = [np.where(scored, row, 0) for row, scored in zip(targets, mask, strict=True)]
    answers = alphabet if len(alphabet) == problem.n_outputs else range(problem.n_outputs)
    return Asked(
        name=name,
        inputs=inputs,
        targets=targets,
        mask=mask,
        alphabet=alphabet,
        answers=answers,
        is_all=problem.is_fixed,
        known=getattr(problem, "demand", None),
        drawn_steps=None if problem.is_fixed else max(len(row) for row in inputs),
    )


def _value(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
