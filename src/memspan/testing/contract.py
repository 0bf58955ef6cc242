"""How a contract is held: its checks one after the other, each broken one told in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from memspan.core.errors import check_choice
from memspan.testing.violation import Violation

__all__ = ["hold"]


def hold(
    part: Any,
    table: Mapping[str, Callable[..., None]],
    names: Iterable[str] | None,
    gates: Iterable[str],
    *more: Any,
) -> None:
    """Run checks on a part and raise what they say, all at once.

    Args:
        part: what is checked.
        table: name to check.
        names: which checks; None takes all.
        gates: checks without which the ones after them cannot run; the first broken one ends the list.
        more: further arguments of every check.

    Raises:
        Violation: one line for each broken check, with the part's type and one sentence.
        InvalidInput: no check has this name.
    """
    chosen = [check_choice("checks", name, table) for name in (table if names is None else names)]
    broken: list[str] = []
    for name in chosen:
        try:
            table[name](part, *more)
        except Violation as violation:
            broken.append(f"{type(part).__name__}: {violation} [{name}]")
            if name in gates:
                break
    if broken:
        raise Violation("\n".join(broken))
