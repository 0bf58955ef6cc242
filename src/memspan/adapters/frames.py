"""Messages between this process and its own workers: a length and a pickle, over a pipe that nobody else can write."""

from __future__ import annotations

import pickle
import struct
from typing import Any

__all__ = ["receive", "send"]

LENGTH = struct.Struct("<Q")


def send(pipe: Any, message: Any) -> None:
    """Write one message."""
    body = pickle.dumps(message, protocol=5)
    pipe.write(LENGTH.pack(len(body)) + body)
    pipe.flush()


def receive(pipe: Any) -> Any:
    """Read one message.

    Example:
        >>> import io
        >>> pipe = io.BytesIO()
        >>> send(pipe, ("read", [1, 2]))
        >>> receive(io.BytesIO(pipe.getvalue()))
        ('read', [1, 2])

    Raises:
        EOFError: the other side has gone.
    """
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        raise EOFError
    body = pipe.read(LENGTH.unpack(head)[0])
    return pickle.loads(body)
