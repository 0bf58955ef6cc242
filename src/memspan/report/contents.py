"""What a report holds, as plain data: words, pictures each with its table, methods, failures, sources, commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from memspan.plots.style import VegaLite

__all__ = ["Figure", "Report", "Source", "Table", "View"]


@dataclass(frozen=True)
class Table:
    """A table of words.

    Attributes:
        caption: what it shows.
        columns: their names.
        rows: as many words each as there are columns.
        words: the first columns, which are words; all others are numbers.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@dataclass(frozen=True, eq=False)
class View:
    """One drawing of a figure that has several, such as one a lag.

    Attributes:
        name: what tells it from the others.
        spec: a Vega-Lite spec.
        finding: what is seen, in one sentence.
    """

    name: str
    spec: VegaLite
    finding: str


@dataclass(frozen=True, eq=False)
class Figure:
    """Pictures with the table that says the same.

    Attributes:
        key: a word that no other figure of the report has.
        title: what is shown.
        views: one drawing or more.
        table: the numbers.
        reading: how the marks are read.
        recipes: where recipes can be picked: the recipe of every label in the drawings.
        choice: what the views differ in, such as "lag".
        wide: whether it needs the whole width, so that its table stands below it.
        steps: where the drawing has a parameter `step`: what is seen after each, in words.
    """

    key: str
    title: str
    views: tuple[View, ...]
    table: Table
    reading: str = ""
    recipes: Mapping[str, str] = field(default_factory=dict[str, str])
    choice: str = ""
    wide: bool = False
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A work that the study rests on.

    Attributes:
        key: of its BibTeX entry.
        used: what rests on it.
        entry: in BibTeX.
    """

    key: str
    used: tuple[str, ...]
    entry: str


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that a report says, whatever its format.

    Attributes:
        title: what was studied.
        study: the hash of the study.
        question: in words.
        answer: in words, the most important first.
        spans: the answer's numbers: the memory span of every recipe, or the winners of a tuning.
        figures: in order.
        left_out: what is not shown, and why.
        methods: name and words.
        settings: what was trained, spec by spec.
        failures: runs without success that are none of the usual, and runs without a result.
        sources: what it rests on.
        references: where problems, models and rules of the study are defined, as their own pages say.
        commands: what each does, and the words to type.
        recipes: names, in order.
    """

    title: str
    study: str
    question: str
    answer: tuple[str, ...]
    spans: Table
    figures: tuple[Figure, ...]
    left_out: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    settings: Table
    failures: Table
    sources: tuple[Source, ...]
    references: tuple[tuple[str, str], ...]
    commands: tuple[tuple[str, str], ...]
    recipes: tuple[str, ...]
