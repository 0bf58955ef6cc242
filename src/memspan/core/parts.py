"""Whether an object has what a part of a spec must have."""

from __future__ import annotations

from memspan.core.errors import InvalidInput

__all__ = ["check_part"]


def check_part(argument: str, value: object, protocol: type, example: str) -> None:
    """Refuse an object that lacks members of a protocol, and a class that was not called.

    Members are looked up without evaluating them: a property may be dear.

    Example:
        >>> from memspan.core.rule import Rule
        >>> check_part("rule", "bptt", Rule, "memspan.rules.BPTT()")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: rule must have learn, as memspan.rules.BPTT() has, but got 'bptt'
        without learn; pass such an object

    Args:
        argument: the argument's name.
        value: what was given.
        protocol: a class whose public members are required.
        example: something that would be accepted.

    Raises:
        InvalidInput: a member is missing.
    """
    if isinstance(value, type):
        raise InvalidInput(
            f"{argument} must be an object such as {example}, but got the class {value.__name__}; call it"
        )
    needed = [name for name in vars(protocol) if not name.startswith("_")]
    missing = [name for name in needed if name not in dir(value)]
    if missing:
        raise InvalidInput(
            f"{argument} must have {', '.join(needed)}, as {example} has, but got {value!r} without "
            f"{', '.join(missing)}; pass such an object"
        )
