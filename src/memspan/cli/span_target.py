"""What `memspan span` is asked to measure: a study in a file, one that ships, or one made of options."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memspan.core.errors import InvalidInput, nearest

if TYPE_CHECKING:
    from memspan.studies.span import Study

__all__ = ["Asked", "whole_numbers"]

SHIPPED = "recipes/"
DESCRIBING = ("problem", "models", "rules", "optimizer", "batch", "curriculum")
LAGS, SEEDS = (3, 10, 30, 100), 20  # of a study made of options
ADAPTIVE_LAGS, ADAPTIVE_SEEDS = "3..3000", 400  # of one that looks for its lags
EPOCHS = 250
NEWER = ("adaptive", "generalise", "weights", "width")


@dataclass(frozen=True)
class Asked:
    """The words of the command line that decide what is measured; None or () where nothing was said.

    Attributes:
        target: a study file, or recipes/NAME for one that ships.
        problem: of a study made of options: the problem, as `studies.span.notation` reads it.
        models: the same, of the models.
        rules: the same, of the rules; each goes with each model.
        optimizer: the same, of the optimizer.
        batch: "one" sequence at a time, or "all" side by side.
        curriculum: lags of easier stages.
        recipes: names of those to measure.
        lags: those to measure.
        seeds: runs of each recipe at each lag.
        seed: the first.
        epochs: presentations of all sequences.
        generalise: longer lags that runs which solve it are judged at, such as "300" or "2 * lag".
        weights: whether the final weights of every run are kept.
        adaptive: the level of an adaptive study.
        width: of the intervals that it stops at.
    """

    target: str | None = None
    problem: str | None = None
    models: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    optimizer: str | None = None
    batch: str | None = None
    curriculum: tuple[int, ...] = ()
    recipes: tuple[str, ...] = ()
    lags: tuple[int, ...] = ()
    seeds: int | None = None
    seed: int | None = None
    epochs: int | None = None
    generalise: tuple[str, ...] = ()
    weights: bool = False
    adaptive: float | None = None
    width: float | None = None

    @property
    def name(self) -> str:
        """What is measured, in a few words."""
        return self.target or "study of the command line"

    @classmethod
    def again(cls, words: Mapping[str, Any]) -> Asked:
        """Return what `to_json` wrote down.

        Example:
            >>> Asked.again(Asked("mine.toml", lags=(3, 10)).to_json()) == Asked("mine.toml", lags=(3, 10))
            True
        """
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in words.items()})  # pyright: ignore

    def to_json(self) -> dict[str, Any]:
        """Return the words as plain data; newer ones only where they are said, so that older notes keep their hash."""
        return {name: value for name, value in asdict(self).items() if value or name not in NEWER}

    def study(self, table: Mapping[str, Any]) -> Study:
        """Return the study of a table, with what was asked for in its place, all of it checked.

        Args:
            table: what `table` gave, now or when it was written down.

        Raises:
            InvalidInput: a word names nothing, or is not what it should be.
        """
        from memspan.studies.span.study_tables import study_of

        if self.width is not None and self.adaptive is None and "adaptive" not in table:
            raise InvalidInput("--width must come with --adaptive LEVEL, but there is none; add --adaptive 0.5")
        return study_of(
            table,
            self.target or "the command line",
            recipes=self.recipes or None,
            lags=self.lags or None,
            seeds=self.seeds,
            seed=self.seed,
            epochs=self.epochs,
            generalise=[int(word) if word.isdigit() else word for word in self.generalise] or None,
            weights=self.weights or None,
            adaptive={
                key: value for key, value in (("level", self.adaptive), ("width", self.width)) if value is not None
            }
            or None,
        )

    def table(self) -> dict[str, Any]:
        """Return the study as a study file holds it, its names unchecked.

        Raises:
            InvalidInput: there is no such file, or it says nothing that can be read.
        """
        from memspan.studies.span.study_file import shipped_table, table_in

        if self.target is None:
            return self._described()
        for word in DESCRIBING:
            if getattr(self, word):
                raise InvalidInput(
                    f"{_option(word)} must be left out where {self.target} says what is measured; "
                    "change the file, or leave out the file"
                )
        path = Path(self.target)
        if path.is_file():
            return table_in(path)
        if self.target.startswith(SHIPPED):
            return shipped_table(path.stem)
        raise InvalidInput(_not_there(self.target))

    def command(self, recipes: Sequence[str], lags: Collection[int]) -> str:
        """Return the command that measures a part of the same.

        Args:
            recipes: names of those to measure.
            lags: those to measure; none for all that were asked for.
        """
        from memspan.studies.span.lag_range import in_short

        words = ["memspan", "span", *([self.target] if self.target else [])]
        given = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "target"}
        given |= {"recipes": tuple(recipes)} | ({"lags": tuple(lags)} if lags else {})
        for name, value in given.items():
            if name in ("lags", "curriculum") and value:
                words += [_option(name), in_short(value)]
            elif name == "generalise" and value:
                words += [_option(name), ",".join(value)]
            elif isinstance(value, tuple):
                each: tuple[str, ...] = value
                words += [word for text in each for word in (_option(name), text)]
            elif isinstance(value, bool):
                words += [_option(name)] if value else []
            elif value is not None:
                words += [_option(name), str(value)]
        return shlex.join(words)

    def _described(self) -> dict[str, Any]:
        """Return the study of the options as a study file would hold it."""
        from memspan.studies.span.notation import label_of, table_of

        if self.problem is None and not self.models:
            raise InvalidInput(
                "a study must be named or described, but got none; try memspan span recipes/tutorial, "
                "memspan span --list, or memspan span --model LSTM --rule BPTT"
            )
        common: dict[str, Any] = {"epochs": self.epochs or EPOCHS, "curriculum": list(self.curriculum)}
        if self.optimizer is not None:
            common["optimizer"] = table_of("optimizer", self.optimizer, "--optimizer")
        if self.batch is not None:
            common["protocol"] = {"batch": self.batch}
        recipes = [
            {
                "model": table_of("model", model, "--model"),
                "rule": table_of("rule", rule, "--rule"),
                "name": f"{label_of('model', model)}, {label_of('rule', rule)}",
                **common,
            }
            for model, rule in itertools.product(self.models or ("LSTM",), self.rules or ("Online",))
        ]
        problem = table_of("problem", self.problem or "Conflict", "--problem")
        study = {"lags": list(self.lags or LAGS), "seeds": SEEDS, "problem": problem, "recipe": recipes}
        if self.adaptive is None:
            return study
        return study | {"lags": list(self.lags) or ADAPTIVE_LAGS, "seeds": ADAPTIVE_SEEDS, "adaptive": {}}


def whole_numbers(option: str, text: str | None) -> tuple[int, ...]:
    """Return whole numbers that are separated by commas.

    Example:
        >>> whole_numbers("--lags", "3,10")
        (3, 10)

    Args:
        option: its name.
        text: what follows it; None where it is not given.

    Raises:
        InvalidInput: something else is written there.
    """
    if text is None:
        return ()
    if ".." in text and option == "--lags":
        from memspan.studies.span.lag_range import lags_between

        return lags_between(option, text)
    words = [word.strip() for word in text.split(",")]
    for word in words:
        if not (word.isascii() and word.isdigit() and len(word) <= 9):
            raise InvalidInput(f"{option} must be whole numbers separated by commas, such as 3,10,30, but got '{text}'")
    return tuple(map(int, words))


def _not_there(target: str) -> str:
    from memspan.studies.span import shipped

    names = [SHIPPED + name for name in shipped()]
    guess = nearest(target.removesuffix(".toml"), names) or next((name for name in names if target in name), None)
    advice = f"did you mean {guess}?" if guess else "check the path"
    return f"the study must be a TOML file, or one of {', '.join(names)}, but there is no '{target}'; {advice}"


def _option(name: str) -> str:
    """Return the option of an attribute."""
    plural = {"models": "model", "rules": "rule", "recipes": "recipe"}
    return "--" + plural.get(name, name)
