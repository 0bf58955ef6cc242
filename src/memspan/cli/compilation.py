"""Compiled programs are kept between runs of the command, so that only the first one waits for the compiler."""

from __future__ import annotations

import os
from pathlib import Path

import jax

__all__ = ["cache_folder", "remember_compilations"]


def cache_folder() -> Path:
    """Return where compiled programs are kept: MEMSPAN_CACHE, else the user's cache folder."""
    chosen = os.environ.get("MEMSPAN_CACHE")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "memspan"


def remember_compilations() -> None:
    """Turn on JAX's own compilation cache; a folder that cannot be written only costs the waiting."""
    folder = cache_folder() / "programs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.2)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", 0)
