"""What is searched: settings of a recipe that are given as a range or as choices in place of a value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memspan.core.errors import InvalidInput

__all__ = ["Choice", "Range", "Space", "filled", "rounded", "space_of"]

DIGITS = 2  # of a searched number that need not be whole: it can be written down, and equal ones meet
LEFT_OUT: dict[str, Any] = {}  # as a choice: the setting is not given at all


@dataclass(frozen=True)
class Range:
    """Numbers between two.

    Attributes:
        low: the smallest.
        high: the largest.
        log: whether equal ratios, not equal differences, are equally far.
    """

    low: int | float
    high: int | float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether both ends, and hence all numbers, are whole."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Choice:
    """Values of which one is taken, known by its place among them.

    Attributes:
        values: as a study file holds them; an empty table leaves the setting out.
    """

    values: tuple[Any, ...]


Space = Mapping[str, Range | Choice]


def rounded(value: int | float, within: Range) -> int | float:
    """Return a number as it is tried: two digits, unless it is whole.

    Example:
        >>> rounded(0.034567, Range(0.001, 0.3)), rounded(0.2999, Range(0.001, 0.299))
        (0.035, 0.299)
    """
    if within.whole:
        return int(value)
    digits = DIGITS - 1 - math.floor(math.log10(abs(value))) if value else DIGITS
    return min(max(round(float(value), digits), float(within.low)), float(within.high))


def space_of(table: Any, where: str = "") -> dict[str, Range | Choice]:
    """Return what is searched in a table, by dotted name, in the order of the file.

    Example:
        >>> space_of({"model": {"name": "LSTM", "units": {"from": 1, "to": 20}}, "rule": {"one_of": ["BPTT", "RTRL"]}})
        {'model.units': Range(low=1, high=20, log=False), 'rule': Choice(values=('BPTT', 'RTRL'))}

    Args:
        table: as a study file holds it.
        where: its own name.

    Raises:
        InvalidInput: a range or a choice is not what it should be.
    """
    if not isinstance(table, Mapping):
        return {}
    given: Mapping[str, Any] = table
    if "from" in given or "to" in given:
        return {where: _range(given, where)}
    if "one_of" in given:
        return {where: _choice(given, where)}
    found: dict[str, Range | Choice] = {}
    for key, value in given.items():
        found |= space_of(value, f"{where}.{key}" if where else key)
    return found


def filled(table: Any, settings: Mapping[str, Any], where: str = "") -> Any:
    """Return a table with values in place of what is searched.

    Example:
        >>> filled({"model": {"name": "LSTM", "units": {"from": 1, "to": 20}}}, {"model.units": 3})
        {'model': {'name': 'LSTM', 'units': 3}}

    Args:
        table: as a study file holds it.
        settings: the values, by the names that `space_of` gives.
        where: the table's own name.
    """
    if where in settings:
        return settings[where]
    if not isinstance(table, Mapping):
        return table
    given: Mapping[str, Any] = table
    inner = {key: filled(value, settings, f"{where}.{key}" if where else key) for key, value in given.items()}
    return {key: value for key, value in inner.items() if value != LEFT_OUT or key not in given or given[key] == {}}


def _range(given: Mapping[str, Any], where: str) -> Range:
    _only(given, ("from", "to", "log"), where)
    low, high, log = given.get("from"), given.get("to"), given.get("log", False)
    numbers = all(isinstance(end, int | float) and not isinstance(end, bool) for end in (low, high))
    if not numbers or low is None or high is None or not -math.inf < low < high < math.inf or not isinstance(log, bool):
        raise InvalidInput(
            f"{where} must be a range such as {{from = 1, to = 20}} or {{from = 0.001, to = 0.1, log = true}}, but got "
            f"{dict(given)!r}; write it so"
        )
    if log and low <= 0:
        raise InvalidInput(f"{where}.from must be above 0 where log = true, but got {low}; raise it, or leave out log")
    return Range(low, high, log)


def _choice(given: Mapping[str, Any], where: str) -> Choice:
    _only(given, ("one_of",), where)
    values: Any = given["one_of"]
    if not isinstance(values, list) or len(values) < 2:  # pyright: ignore
        raise InvalidInput(f"{where}.one_of must be a list of two values or more, but got {values!r}; write them down")
    listed: Sequence[Any] = values
    for value in listed:
        if space_of(value):
            raise InvalidInput(
                f"{where}.one_of must hold plain values, but one of them is searched itself, {value!r}; write a tuning "
                "file for each"
            )
    return Choice(tuple(listed))


def _only(given: Mapping[str, Any], allowed: Sequence[str], where: str) -> None:
    for key in given:
        if key not in allowed:
            raise InvalidInput(f"{where} may hold {', '.join(allowed)}, but got '{key}'; leave it out")
