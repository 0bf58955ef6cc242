"""The kinds of value a cell can hold, read from text or from Python objects."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Hashable
from decimal import Decimal
from typing import Any, cast

import numpy as np

from memspan.data.read.refusal import Bad, shown

__all__ = [
    "DECIMAL",
    "EMPTY",
    "NUMBER_TEXT",
    "WHOLE",
    "Interpret",
    "from_object",
    "from_text",
    "is_missing",
    "number_in_object",
    "number_in_text",
]

WHOLE, DECIMAL, TEXT, TRUTH = "whole numbers", "decimal numbers", "text", "true and false"

Interpret = Callable[[Any], tuple[str, Hashable]]
"""From a cell to the kind of its value and the value; `Bad` if there is none."""

# A whole number is one only as Python would write it: 007 and +7 are text, or they would become the same symbol
# as 7. The length stays below Python's limit for converting digits.
WHOLE_TEXT = re.compile(r"0|-?[1-9][0-9]{0,999}")
DECIMAL_TEXT = re.compile(r"[+-]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))([eE][+-]?[0-9]+)?")
NUMBER_TEXT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
NOT_FINITE_TEXT = re.compile(r"[+-]?(nan|inf|infinity)", re.IGNORECASE)

EMPTY = "must hold a value everywhere, but is empty; fill it or leave its sequence out"


def from_text(cell: Any) -> tuple[str, Hashable]:
    """Return the kind and value of a cell of a text file.

    Example:
        >>> [from_text(cell) for cell in ["7", "007", "7.5", "go"]]
        [('whole numbers', 7), ('text', '007'), ('decimal numbers', 7.5), ('text', 'go')]
    """
    if not cell:
        raise Bad(EMPTY)
    if WHOLE_TEXT.fullmatch(cell):
        return WHOLE, int(cell)
    if DECIMAL_TEXT.fullmatch(cell) or NOT_FINITE_TEXT.fullmatch(cell):
        return DECIMAL, _finite(float(cell))
    return TEXT, cell


def from_object(value: Any) -> tuple[str, Hashable]:
    """Return the kind and value of a Python object, as JSON, a frame or an array gives it.

    Example:
        >>> [from_object(value) for value in [7, "7", 7.5, True]]
        [('whole numbers', 7), ('text', '7'), ('decimal numbers', 7.5), ('true and false', True)]
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, str) and not value):
        raise Bad(EMPTY)
    if isinstance(value, bool):
        return TRUTH, value
    if isinstance(value, int):
        return WHOLE, value
    if isinstance(value, float | Decimal):
        return DECIMAL, _finite(float(value))
    if isinstance(value, str):
        return TEXT, value
    if not isinstance(value, Hashable):
        raise Bad(f"must hold single values, but got {shown(value)}; give one symbol per place")
    return f"values of type {type(value).__name__}", value


def number_in_text(cell: Any) -> float:
    """Return the number in a cell of a text file.

    Example:
        >>> number_in_text("007")
        7.0
    """
    if not cell:
        raise Bad(EMPTY)
    if not NUMBER_TEXT.fullmatch(cell) and not NOT_FINITE_TEXT.fullmatch(cell):
        raise _no_number(cell)
    return _finite(float(cell))


def number_in_object(value: Any) -> float:
    """Return a Python number as a float; text is none, even if it looks like one.

    Example:
        >>> number_in_object(3)
        3.0
    """
    kind, number = from_object(value)
    if kind not in (DECIMAL, WHOLE):
        raise _no_number(value)
    try:
        return _finite(float(cast("float", number)))
    except OverflowError:
        return _finite(math.inf)


def _no_number(value: Any) -> Bad:
    return Bad(f"must hold numbers, as bins need, but got {shown(value)}; correct it or leave out bins")


def is_missing(value: Any) -> bool:
    """Return whether a cell holds nothing: an empty field, None or NaN."""
    if isinstance(value, str):
        return not value
    return value is None or (isinstance(value, float) and math.isnan(value))


def _finite(number: float) -> float:
    if math.isnan(number):
        raise Bad("must not be NaN, but is; fill it or leave its sequence out (values='text' reads a word nan)")
    if math.isinf(number):
        raise Bad("must be finite, but is not; correct it (values='text' reads it as a word)")
    return number
