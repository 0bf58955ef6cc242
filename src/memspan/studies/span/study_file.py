"""Studies written down in TOML, and those that ship with the library."""

from __future__ import annotations

import importlib.resources
import tomllib
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput, check_choice
from memspan.studies.span.plan import Study
from memspan.studies.span.study_tables import study_of

__all__ = ["describe_shipped", "read_shipped", "read_study", "shipped", "shipped_table", "table_in"]


def shipped() -> tuple[str, ...]:
    """Return the names of the studies that ship with the library.

    Example:
        >>> shipped()
        ('counting', 'random', 'repeating', 'tutorial')
    """
    folder = importlib.resources.files("memspan.studies.span") / "recipes"
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")))


def describe_shipped(name: str) -> str:
    """Return what a study that ships is about: the comment in the first line of its file.

    Example:
        >>> describe_shipped("random").endswith("with 32 units.")
        True

    Raises:
        InvalidInput: there is none of that name.
    """
    return _shipped_text(name).splitlines()[0].removeprefix("# ")


def read_shipped(name: str, **overrides: Any) -> Study:
    """Return a study that ships with the library.

    Example:
        >>> read_shipped("random", seeds=2).tested
        (100, 1000, 3000, 10000)

    Args:
        name: one of `shipped`.
        **overrides: as for `study_of`.

    Raises:
        InvalidInput: there is none of that name.
    """
    return study_of(shipped_table(name), f"recipes/{name}", **overrides)


def shipped_table(name: str) -> dict[str, Any]:
    """Return a study that ships with the library as the table that its file holds.

    Example:
        >>> shipped_table("random")["lags"]
        [100, 1000, 3000, 10000]

    Raises:
        InvalidInput: there is none of that name.
    """
    return tomllib.loads(_shipped_text(name))


def read_study(path: str | Path, **overrides: Any) -> Study:
    r"""Read a study from a TOML file.

    Example:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "mine.toml"
        >>> text = 'lags = [3]\n[problem]\nname = "Conflict"\n[[recipe]]\nname = "plain"\nmodel = {name = "LSTM"}\n'
        >>> _ = file.write_text(text)
        >>> read_study(file).listed[0].name
        'plain'

    Args:
        path: the file; `docs/span.md` says what it holds.
        **overrides: as for `study_of`.

    Raises:
        InvalidInput: the file is not TOML, lacks something, or has an unknown key or name.
    """
    return study_of(table_in(path), str(path), **overrides)


def table_in(path: str | Path) -> dict[str, Any]:
    """Return the table that a study file holds; `study_of` checks it.

    Args:
        path: the file.

    Raises:
        InvalidInput: the file is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInput(f"{path} must be a readable TOML file, but got: {error}; check path and text") from None


def _shipped_text(name: str) -> str:
    check_choice("the name after recipes/", name, shipped())
    file = importlib.resources.files("memspan.studies.span") / "recipes" / f"{name}.toml"
    return file.read_text(encoding="utf-8")
