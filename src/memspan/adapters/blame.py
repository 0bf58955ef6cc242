"""Where an error comes from: the line of the user's own file, in one sentence."""

from __future__ import annotations

import re
import sysconfig
import traceback
from pathlib import Path

__all__ = ["blamed", "blamed_in_dump", "innermost"]

OURS = str(Path(__file__).resolve().parent.parent)
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
FRAME = re.compile(r'File "([^"]+)", line (\d+) in ')


def blamed(error: BaseException, file: Path, otherwise: str) -> str:
    """Return an error with the place where it arose: the innermost line of the user's file, else of any of theirs.

    Example:
        >>> try:
        ...     {}["hidden"]
        ... except KeyError as error:
        ...     print(blamed(error, Path("mymodel.py"), "mymodel.py, line 3"))
        mymodel.py, line 3: KeyError: 'hidden'

    Args:
        error: as it was caught.
        file: the user's.
        otherwise: the place to name where no line of theirs had a part in it.

    Returns:
        Place and error in words, without a full stop.
    """
    frames = [(frame.filename, frame.lineno or 0) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, SyntaxError) and error.filename:
        frames.append((error.filename, error.lineno or 0))
    said = " ".join(str(error).split())
    words = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return f"{innermost(frames[::-1], file) or otherwise}: {words[:300]}"


def blamed_in_dump(dump: str, file: Path) -> str:
    """Return the innermost line of the user's file in what `faulthandler` wrote, or ""."""
    return innermost([(name, int(line)) for name, line in FRAME.findall(dump)], file)


def innermost(frames: list[tuple[str, int]], file: Path) -> str:
    """Return the first frame that lies in the user's file, or else in no library."""
    mine = [(name, line) for name, line in frames if Path(name).resolve() == file.resolve()]
    theirs = [
        (name, line)
        for name, line in frames
        if not name.startswith(("<", OURS, *LIBRARIES)) and "site-packages" not in name
    ]
    for name, line in (mine or theirs)[:1]:
        return f"{Path(name).name}, line {line}"
    return ""
