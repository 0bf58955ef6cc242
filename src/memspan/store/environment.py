"""Where a run was computed: versions, device and code, of which its bits may depend on each."""

from __future__ import annotations

import functools
import hashlib
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from memspan.store.identity import canonical, hash_of

__all__ = ["Environment", "code_version", "processor", "this_environment"]

PACKAGES = ("memspan", "jax", "jaxlib", "numpy", "optax", "scipy")


@dataclass(frozen=True)
class Environment:
    """Where a run was computed.

    Example:
        >>> Environment({"python": "3.11.7"}, "cpu", "0.1").hash
        '9d414c35fc8d4631'

    Attributes:
        versions: of Python and the packages, by name.
        device: what it ran on.
        code: which code of this library.
    """

    versions: Mapping[str, str]
    device: str
    code: str

    def to_json(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {"versions": dict(self.versions), "device": self.device, "code": self.code}

    @functools.cached_property
    def canonical_json(self) -> str:
        """The fields as JSON with one spelling."""
        return canonical(self.to_json())

    @functools.cached_property
    def hash(self) -> str:
        """The first 16 hex digits of the SHA-256 of the canonical JSON."""
        return hash_of(self.canonical_json)


def this_environment(device: str | None = None) -> Environment:
    """Return the environment of this process; no package is imported to ask it for its version.

    Example:
        >>> sorted(this_environment().versions)
        ['jax', 'jaxlib', 'memspan', 'numpy', 'optax', 'platform', 'python', 'scipy']

    Args:
        device: what the runs are computed on; this machine's processor by default.
    """
    versions = {"python": platform.python_version(), "platform": f"{platform.system()} {platform.machine()}"}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            versions[package] = "not installed"
    return Environment(versions, processor() if device is None else device, code_version())


@functools.cache
def processor() -> str:
    """Return the name of this machine's processor: compiled programs differ between processors."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return next(iter(named), "") or platform.processor() or platform.machine()


@functools.cache
def code_version() -> str:
    """Return the first 16 hex digits of the SHA-256 of this library's source files, whatever its version says."""
    package = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        digest.update(f"{path.relative_to(package).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
