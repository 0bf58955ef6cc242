"""A function of the user's by its name, module:function, with the hash of the file that it stands in."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import os
import platform
import re
import sys
from collections.abc import Generator
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from memspan.core.errors import InvalidInput, nearest

__all__ = ["UserCode", "here_first", "imported_by"]

_imported: dict[str, str] = {}  # the hashes of the files that modules were made of
NAME = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)")


@dataclass(frozen=True, init=False)
class UserCode:
    """Where a function or class of the user's stands; its file is read, but nothing in it is run.

    Two runs are of one spec where the name and the file are the same. What the file imports is not looked at.

    Example:
        >>> UserCode("model", "keyword:iskeyword").name
        'keyword:iskeyword'
        >>> UserCode("model", "keyword:iskeywrd")
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: model must name something in keyword.py, but it has no 'iskeywrd'; did you
        mean 'iskeyword'?

    Args:
        argument: the argument's name, as the user wrote it.
        name: "module:function"; the module may lie in the current folder.

    Attributes:
        name: "module:function".
        sha256: of the file, as bytes.

    Raises:
        InvalidInput: there is no such file, no such name in it, or it is no Python.
    """

    name: str
    sha256: str

    def __init__(self, argument: str, name: str) -> None:
        match = NAME.fullmatch(name) if isinstance(name, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]
        if match is None:
            raise InvalidInput(
                f"{argument} must be a module and a name in it, such as mymodel:factory, but got {name!r}"
            )
        path = _file_of(argument, match[1])
        source = path.read_bytes()
        _check_has(argument, path, source, match[2])
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "sha256", hashlib.sha256(source).hexdigest())
        object.__setattr__(self, "_path", path)

    def __getstate__(self) -> dict[str, str]:
        """Leave out where the file lies: it may lie elsewhere for the process, or on the machine, that this is sent to.

        That is looked for when it is needed, for a process may have to be told first where.
        """
        return {"name": self.name, "sha256": self.sha256}

    @property
    def path(self) -> Path:
        """The file.

        Raises:
            InvalidInput: there is none where this was sent to, or another.
        """
        if "_path" not in vars(self):  # not a field: where a file lies is no part of what it says
            object.__setattr__(self, "_path", self._found_here())
        return vars(self)["_path"]

    def _found_here(self) -> Path:
        """Return the file of this name in this process, if it is the one that was hashed."""
        module, here = self.name.partition(":")[0], f"{Path.cwd()} on {platform.node()}"
        try:
            path = _file_of("name", module)
        except InvalidInput:
            raise InvalidInput(
                f"{self.name} must be found wherever its runs are made, but there is no module '{module}' in {here}, "
                "nor in a folder of PYTHONPATH there; copy its file there"
            ) from None
        if hashlib.sha256(path.read_bytes()).hexdigest() != self.sha256:
            raise InvalidInput(
                f"{self.name} must be the same file wherever its runs are made, but {path} on {platform.node()} is "
                "another; copy it there"
            )
        return path

    @property
    def line(self) -> int:
        """The line where the name is defined, from 1."""
        name = self.name.partition(":")[2]
        nodes = [node for node in ast.parse(self.path.read_bytes()).body if name in _names(node)]
        return nodes[0].lineno if nodes else 1

    @property
    def place(self) -> str:
        """File and line in words."""
        return f"{self.path.name}, line {self.line}"

    def load(self) -> Any:
        """Import the module, from the current folder first, and return what the name stands for.

        Raises:
            InvalidInput: the file is no longer the one that was hashed.
        """
        module, _, name = self.name.partition(":")
        if hashlib.sha256(self.path.read_bytes()).hexdigest() != self.sha256:
            raise InvalidInput(
                f"{self.path.name} must stay as it is while its runs are made, but it was changed; start again"
            )
        with here_first():
            if _imported.setdefault(module, self.sha256) != self.sha256 and module in sys.modules:
                importlib.reload(sys.modules[module])  # this process has lived longer than the file
            _imported[module] = self.sha256
            return getattr(importlib.import_module(module), name)


@contextlib.contextmanager
def here_first() -> Generator[None, None, None]:
    """Look for modules in the current folder before any other place, as `python` does."""
    before = list(sys.path)
    sys.path[:] = [os.getcwd(), *(each for each in before if each != "")]
    try:
        yield
    finally:
        sys.path[:] = before


def imported_by(path: Path) -> set[str]:
    """Return the top names of the packages that a file of Python imports, anywhere in it; nothing in it is run."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _file_of(argument: str, module: str) -> Path:
    """Return the source file of a module, without importing it."""
    where: list[str] | None = [os.getcwd(), *sys.path]
    parts, found = module.split("."), None
    for number in range(len(parts)):
        # By its last part: a dotted name would need those before it imported, where they are folders only.
        spec = PathFinder.find_spec(parts[number], where)
        if spec is None:
            files = [path.stem for path in Path.cwd().glob("*.py")]
            guess = nearest(module, files)
            advice = f"did you mean '{guess}'?" if guess else "go to the folder where it lies"
            raise InvalidInput(
                f"{argument} must name a module that can be imported, but '{'.'.join(parts[: number + 1])}' is neither "
                f"in {Path.cwd()} nor installed; {advice}"
            )
        found = spec
        where = list(spec.submodule_search_locations or [])
    if found is None or not found.origin or not found.origin.endswith(".py"):
        raise InvalidInput(f"{argument} must name a module with a source file, but '{module}' has none; write one")
    return Path(found.origin)


def _check_has(argument: str, path: Path, source: bytes, name: str) -> None:
    """Refuse a file that is no Python, or that defines no such name."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise InvalidInput(
            f"{argument} must be Python, but {path.name}{line} is not ({error.args[0]}); correct it"
        ) from None
    names = [each for node in body for each in _names(node)]
    # What stands below an if or try, or comes with a star, is only known when the file is run.
    if name not in names and "*" not in names:
        guess = nearest(name, names)
        advice = f"did you mean '{guess}'?" if guess else "define it there"
        raise InvalidInput(f"{argument} must name something in {path.name}, but it has no '{name}'; {advice}")


def _names(node: ast.stmt) -> list[str]:
    """Return the names that a statement at the top of a file defines; "*" where only running it would tell."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
        return []  # what a file does when it is the program
    return ["*"] if isinstance(node, ast.If | ast.Try | ast.With | ast.For) else []
