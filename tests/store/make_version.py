"""Make the checked-in store of the newest version, and its content as text: `python -m tests.store.make_version`.

Run it once for every new version, before its release. The stores of past versions are never made again.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from tests.store.samples import run, spec

from memspan.store import Environment, Store, schema
from memspan.store.lock import lock_of

VERSIONS = Path(__file__).with_name("versions")
ELSEWHERE = Environment({"python": "3.12"}, "another", "")


def contents(store):
    """All that is in a store, as plain data of exact text."""
    return {
        "specs": [[one.hash, one.settings, one.runs, one.solved, one.diverged, one.failed] for one in store.specs()],
        "runs": [
            {
                **{
                    name: getattr(one, name) for name in ("seed", "status", "solved", "updates", "updates_until_solved")
                },
                **{name: getattr(one, name) for name in ("seconds", "reason")},
                "scores": repr(one.scores),
                "curves": {name: [str(curve.dtype), curve.tobytes().hex()] for name, curve in one.curves.items()},
                "environment": one.environment.to_json(),
            }
            for spec in store.specs()
            for one in store.runs(spec.hash)
        ],
        "studies": store.studies(),
    }


def make(path):
    """A store with a bit of everything."""
    with Store.open(path) as store:
        with store.writer() as writer:
            writer.add(spec(0), [run(seed, 5) for seed in (0, 1, 7)], weights={1: {"bias": np.arange(3.0)}})
            failed = {"status": "failed", "solved": False, "updates_until_solved": None, "scores": {}, "curves": {}}
            writer.add(spec(1), [run(9, **failed, reason="its worker died"), run(2, 5, ELSEWHERE)])
            writer.note({"command": ["span", "recipes/tutorial"]})
        return contents(store)


if __name__ == "__main__":
    here = VERSIONS / f"{len(schema.STEPS)}.db"
    if here.exists():
        sys.exit(f"{here} exists, and stores of released versions are never made again")
    text = json.dumps(make(here), indent=1, sort_keys=True)
    lock_of(here).unlink()
    here.with_suffix(".json").write_text(text + "\n")
