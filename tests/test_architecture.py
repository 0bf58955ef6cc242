"""The architecture, proved: imports go one way, light parts stay light, everything is described, nothing is long."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import memspan

SOURCE = Path(memspan.__file__).parent

# Folders by tier: a folder may import any lower tier, and nothing of its own or a higher one but what is granted.
TIERS = (
    ("core",),
    ("data", "problems", "models", "rules", "stats", "store"),
    ("demand", "engine", "adapters", "probes", "plots", "cluster", "estimators", "exchange", "testing"),
    ("studies",),
    ("report", "pytest"),
    ("cli",),
)
GRANTED = {(name, "engine") for name in ("adapters", "estimators", "exchange", "probes", "testing")}
GRANTED |= {("testing", "adapters")}
NARROWED = {"plots": {"core"}}  # facts come in as data
TOP = {"__init__", "__main__"}  # the lazy list of names, and `python -m memspan`

LIGHT = (
    *("core.errors", "core.estimate", "core.status", "core.protocol", "stats", "data", "store"),
    *("studies.noted", "studies.in_words", "cli.main"),
)
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60

MODULES = sorted(SOURCE.rglob("*.py"))
TREES = {path: ast.parse(path.read_text()) for path in MODULES}
IDS = [str(path.relative_to(SOURCE)) for path in MODULES]


def folder(path):
    """The folder directly below the package, or the module's name where it lies at the top."""
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return parts[0]


def dotted(path):
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree):
    """The modules of ours that a module imports, anywhere in it: lazily imported ones obey the rule too."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"relative import in line {node.lineno}"
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name and (name == "memspan" or name.startswith("memspan."))}


def folders_imported(path):
    found = set()
    for name in imported(TREES[path]) - {"memspan"}:
        part = name.split(".")[1]
        found.add(part if (SOURCE / part).is_dir() else "__init__")
    if "memspan" in imported(TREES[path]) and not found:
        found.add("__init__")
    return found


def tier(name):
    return next(i for i, names in enumerate(TIERS) if name in names)


def allowed(name):
    """Folders that a folder may import, its own included."""
    if name in NARROWED:
        return {name, *NARROWED[name]}
    below = {other for names in TIERS[: tier(name)] for other in names}
    # Tier 1 knows core only and not each other, which the general rule already says.
    return {name, *below, *(other for one, other in GRANTED if one == name)}


def docstring_lines(node):
    if ast.get_docstring(node) is None:
        return 0
    return node.body[0].end_lineno - node.body[0].lineno + 1


def public(node):
    """Neither private nor one of the signatures of an overloaded function, which its last form describes."""
    overloads = [part for part in getattr(node, "decorator_list", []) if ast.unparse(part).endswith("overload")]
    return not node.name.startswith("_") and not overloads


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def public_definitions(tree):
    """Public functions and classes of a module, and the public methods of its public classes."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for node in tree.body:
        if isinstance(node, kinds) and public(node):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from (part for part in node.body if isinstance(part, kinds) and public(part))


def test_every_folder_is_named():
    folders = {path.name for path in SOURCE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= {name for names in TIERS for name in names}
    assert {path.stem for path in SOURCE.glob("*.py")} == TOP


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_imports_go_one_way(path):
    if folder(path) == "__init__":
        return
    permitted = {"cli", "__init__"} if folder(path) == "__main__" else allowed(folder(path))
    if folder(path) == "cli":
        permitted = permitted | {"__init__"}  # the version
    assert folders_imported(path) <= permitted


def test_the_rule_would_notice():
    """The checker itself: a lower folder that imports a higher one is refused, lazily or not."""
    assert imported(ast.parse("def f():\n    from memspan.engine import train")) == {
        "memspan.engine",
        "memspan.engine.train",
    }
    assert imported(ast.parse("import memspan.cli.main as m, numpy")) == {"memspan.cli.main"}
    assert "engine" not in allowed("rules") | allowed("plots") | allowed("demand") | allowed("models")
    assert "rules" not in allowed("models") | allowed("problems") | allowed("stats") | allowed("data")
    assert allowed("engine") == {"engine", "core", *TIERS[1]}
    assert "engine" in allowed("probes")
    assert allowed("core") == {"core"}


def test_no_cycles():
    """Modules, not folders: within a folder too, imports form no circle."""
    known = {dotted(path): path for path in MODULES}
    # A package's own list of names stands for its modules: only modules can form a real circle.
    modules = {name: path for name, path in known.items() if path.name != "__init__.py"}
    graph = {name: (imported(TREES[path]) & modules.keys()) - {name} for name, path in modules.items()}
    while graph:
        leaves = {name for name, needs in graph.items() if not needs}
        assert leaves, f"a circle among {sorted(graph)}"
        graph = {name: needs - leaves for name, needs in graph.items() if name not in leaves}


def test_the_top_imports_lazily():
    at_run_time = [node for node in TREES[SOURCE / "__init__.py"].body if isinstance(node, ast.ImportFrom | ast.Import)]
    names = {alias.name for node in at_run_time for alias in node.names}
    assert names == {"annotations", "importlib", "TYPE_CHECKING", "Any"}


@pytest.mark.parametrize("name", LIGHT)
def test_light_parts_load_no_jax(name):
    code = (
        f"import sys, memspan.{name};"
        "print([heavy for heavy in ('jax', 'jaxlib', 'optax', 'torch', 'keras', 'pandas') if heavy in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", memspan.__all__)
def test_public_names_resolve(name):
    assert getattr(memspan, name) is not None
    assert name in dir(memspan)


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError, match="module 'memspan' has no attribute 'trian'"):
        _ = memspan.trian


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_every_module_is_described_listed_and_short(path):
    tree, text = TREES[path], path.read_text()
    first = ast.get_docstring(tree)
    assert first, "a module says in one sentence what it is"
    assert first.splitlines()[0].endswith((".", "?", "!"))
    assert len(text.splitlines()) <= LONGEST_MODULE
    long = {
        node.name: node.end_lineno - node.lineno + 1 - docstring_lines(node)
        for node in functions(tree)
        if node.end_lineno - node.lineno + 1 - docstring_lines(node) > LONGEST_FUNCTION
    }
    assert not long


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_every_public_name_is_described(path):
    missing = [node.name for node in public_definitions(TREES[path]) if ast.get_docstring(node) is None]
    assert not missing


@pytest.mark.parametrize("path", [path for path in MODULES if path.name not in ("__init__.py", "__main__.py")], ids=str)
def test_what_a_module_lists_it_has(path):
    """Every module says what is public in it, each name once, and has it."""
    listed = [
        node.value
        for node in TREES[path].body
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets)
    ]
    assert len(listed) == 1
    names = ast.literal_eval(listed[0])
    module = importlib.import_module(dotted(path))
    assert all(hasattr(module, name) for name in names)
    assert len(set(names)) == len(names)
