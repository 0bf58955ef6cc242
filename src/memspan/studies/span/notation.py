"""A part in one line of text, LSTM(units=32), with the settings written as in a study file."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from memspan.core.errors import InvalidInput
from memspan.studies.span.names import find, settings_of

__all__ = ["label_of", "table_of"]

# A name, code of the user's where it is of another framework, and settings.
PART = re.compile(r"\s*([\w-]+)(?::([^()]+))?\s*(?:\((.*)\))?\s*")


def table_of(kind: str, text: str, where: str) -> dict[str, Any]:
    """Return the table that a study file would hold in place of a line of text.

    Example:
        >>> table_of("model", 'lstm(units=32, chrono="10 * lag")', "--model")
        {'name': 'lstm', 'units': 32, 'chrono': '10 * lag'}
        >>> table_of("rule", "bptt", "--rule")
        {'name': 'bptt'}
        >>> table_of("model", "torch:mymodel:lstm(hidden=32)", "--model")
        {'name': 'torch', 'factory': 'mymodel:lstm', 'hidden': 32}

    Args:
        kind: model, rule, optimizer or problem.
        text: a name, and its settings in parentheses where it has any.
        where: the option's name, as the user wrote it.

    Raises:
        InvalidInput: it is written in another way, or there is nothing of that name.
    """
    match = PART.fullmatch(text)
    if match is None:
        raise InvalidInput(
            f"{where} must be a name, or a name with settings such as {_example(kind)}, but got '{text}'"
        )
    found, _ = find(kind, match[1], where)
    code = {settings_of(found)[0]: match[2].strip()} if match[2] else {}
    try:
        settings: dict[str, Any] = tomllib.loads(f"settings = {{{match[3] or ''}}}")["settings"]
    except tomllib.TOMLDecodeError as refusal:
        raise InvalidInput(
            f"{where} must have its settings written as in a study file, such as {_example(kind)}, but got '{text}' "
            f"({refusal}); text stands in double quotes, true and false have small letters"
        ) from None
    return {"name": match[1], **code, **settings}


def label_of(kind: str, text: str) -> str:
    """Return the text with the name spelt as the class is.

    Example:
        >>> label_of("model", "lstm(units=32)"), label_of("rule", "bptt")
        ('LSTM(units=32)', 'BPTT')
    """
    match = PART.fullmatch(text)
    name, code, settings = (match[1], match[2], match[3]) if match else (text, None, None)
    found, first = find(kind, name, kind)
    if code:
        return f"{name.lower()}:{code.strip()}" + (f"({settings})" if settings else "")
    return (first[0] if first else found.__name__) + (f"({settings})" if settings else "")


def _example(kind: str) -> str:
    return {
        "model": "'LSTM(units=32)'",
        "rule": "'SnAp(n=1)'",
        "optimizer": "'Adam(learning_rate=0.01)'",
        "problem": "'Conflict(middle=\"random\")'",
    }[kind]
