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
THREAD = re.compile(r"^(?:Current thread|Thread) .*$", re.MULTILINE)


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
    """Return the innermost line of the user's file in what `faulthandler` wrote, or "".

    The main thread is written last, and asked first: another may wait in the user's file for what never comes.

    Example:
        >>> dump = '''Thread 0x2 (most recent call first):
        ...   File "mymodel.py", line 7 in train
        ...
        ... Thread 0x1 (most recent call first):
        ...   File "mymodel.py", line 3 in make
        ...   File "worker.py", line 60 in main'''
        >>> blamed_in_dump(dump, Path("mymodel.py"))
        'mymodel.py, line 3'

    Args:
        dump: the stacks of all threads.
        file: the user's.
    """
    threads = [FRAME.findall(stack) for stack in reversed(THREAD.split(dump))]
    return innermost([(name, int(line)) for frames in threads for name, line in frames], file)


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
