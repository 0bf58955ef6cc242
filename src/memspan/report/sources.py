"""What a study rests on: BibTeX of its models, rules, problems and statistics, and the words of their own pages."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any

from memspan import models, rules
from memspan.report.contents import Source
from memspan.report.kept import KeptStudy

__all__ = ["bibliography", "references", "sources"]

# By the type that a spec names. What is not here is cited by its own page, see `references`.
OF_TYPES: dict[str, tuple[str, ...]] = {
    "Adam": ("kingma2015adam",),
    "BPTT": ("werbos1990bptt", "williams1990efficient"),
    "Conflict": ("brownlee2017demonstration", "hochreiter1997lstm"),
    "CopyMemory": ("arjovsky2016unitary",),
    "DeltaNet": ("schlag2021fast",),
    "EchoState": ("jaeger2001echo",),
    "Elman": ("elman1990finding",),
    "EvenPairs": ("deletang2023chomsky",),
    "GRU": ("cho2014gru",),
    "InductionHeads": ("gu2023mamba",),
    "LRU": ("orvieto2023lru",),
    "LSTM": ("hochreiter1997lstm", "gers2000forget"),
    "LSTM1997": ("hochreiter1997lstm",),
    "Mamba": ("gu2023mamba",),
    "MinGRU": ("feng2024rnns",),
    "MinLSTM": ("feng2024rnns",),
    "ModularArithmetic": ("deletang2023chomsky",),
    "Online": ("williams1990efficient",),
    "PeepholeLSTM": ("gers2002timing",),
    "RTRL": ("williams1989rtrl",),
    "RandomConflict": ("brownlee2017demonstration",),
    "S5": ("smith2023s5",),
    "SLSTM": ("beck2024xlstm",),
    "MLSTM": ("beck2024xlstm",),
    "SelectiveCopying": ("gu2023mamba",),
    "SnAp": ("menick2020snap",),
    "TCN": ("bai2018tcn",),
    "Transformer": ("vaswani2017attention",),
    "Truncated1997": ("hochreiter1997lstm", "gers2000forget"),
    "TruncatedBPTT": ("williams1990efficient",),
}
STATISTICS = {
    "wilson1927probable": "intervals of rates",
    "kaplan1958nonparametric": "updates until solved",
    "brookmeyer1982median": "intervals of medians",
    "hsu1999stepwise": "intervals of memory spans",
}
SEARCHED = {
    "clopper1934use": "intervals of rates",
    "pocock1977group": "giving trials up",
    "akiba2019optuna": "the search",
    "bergstra2011algorithms": "the search's estimator",
    "ozaki2020multiobjective": "the search's two objectives",
    "kaplan1958nonparametric": "updates until solved",
    "brookmeyer1982median": "intervals of medians",
}
COMPARED = {"newcombe1998paired": "intervals of differences"}
ENTRY = re.compile(r"@\w+\{(?P<key>[^,\s]+),.*?\n\}", re.DOTALL)
PAGE = re.compile(r"^\s*(?:References|Source):\s*\n(?P<text>.*?)(?:\n\s*\n|\Z)", re.DOTALL | re.MULTILINE)


@functools.cache
def bibliography() -> dict[str, str]:
    """Return all BibTeX entries by their keys.

    Example:
        >>> bibliography()["hochreiter1997lstm"].splitlines()[0]
        '@article{hochreiter1997lstm,'
    """
    text = resources.files("memspan.report").joinpath("sources.bib").read_text(encoding="utf-8")
    return {found["key"]: found.group(0) for found in ENTRY.finditer(text)}


def sources(study: KeptStudy, compared: bool) -> tuple[Source, ...]:
    """Return what a study rests on, in the order of the keys.

    Args:
        study: the study.
        compared: whether recipes are compared.
    """
    used: dict[str, list[str]] = {}
    for cell in study.cells:
        for kind, _ in _types(cell.stored.settings):
            for key in OF_TYPES.get(kind, ()):
                used.setdefault(key, []).append(kind)
        if cell.stored.settings.get("curriculum"):
            used.setdefault("bengio2009curriculum", []).append("curriculum")
        if _chrono(cell.stored.settings.get("model")):
            used.setdefault("tallec2018chrono", []).append("chrono initialisation")
    always = SEARCHED if study.noted.command == "tune" else STATISTICS
    for key, what in {**always, **(COMPARED if compared else {})}.items():
        used.setdefault(key, []).append(what)
    used.setdefault("jax2018github", []).append("all computation")
    return tuple(Source(key, tuple(dict.fromkeys(used[key])), bibliography()[key]) for key in sorted(used))


def references(study: KeptStudy) -> tuple[tuple[str, str], ...]:
    """Return what the pages of the study's problems, models and rules say of their sources."""
    found: dict[str, str] = {}
    for cell in study.cells:
        problem = cell.spec.problem if cell.spec else None
        if problem is not None:
            found[type(problem).__name__] = _one_line(str(problem.reference))
        for kind, part in _types(cell.stored.settings):
            home = {"model": models, "rule": rules}.get(part)
            said = PAGE.search(inspect.getdoc(getattr(home, kind, None)) or "") if home else None
            if said:
                found.setdefault(kind, _one_line(said["text"]))
    return tuple(sorted(found.items()))


def _types(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the types in a spec, each with the part of the spec that it is in."""
    for part in ("problem", "model", "rule", "optimizer"):
        yield from ((kind, part) for kind in _all_types(settings.get(part)))


def _all_types(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        kind = value.get("type")
        if isinstance(kind, str):
            yield kind
        for each in value.values():
            yield from _all_types(each)
    elif isinstance(value, list):
        for each in value:
            yield from _all_types(each)


def _chrono(model: Any) -> bool:
    if isinstance(model, Mapping):
        return model.get("chrono") is not None or any(_chrono(each) for each in model.values())
    return isinstance(model, list) and any(_chrono(each) for each in model)


def _one_line(text: str) -> str:
    return " ".join(text.split())
