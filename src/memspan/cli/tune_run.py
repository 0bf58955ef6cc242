"""Tune and tell it, for the commands that begin a tuning or go on with one."""

from __future__ import annotations

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memspan.core.errors import ClusterError, InvalidInput, StoreError

if TYPE_CHECKING:
    from memspan.cli.span_ways import Ways
    from memspan.cli.tune_target import AskedTuning
    from memspan.studies.noted import NotedStudy
    from memspan.studies.tune import Tuned

__all__ = ["resumed", "tuned"]


def tuned(asked: AskedTuning, table: dict[str, Any], ways: Ways) -> int:
    """Tune and tell it.

    Args:
        asked: the words of the command line.
        table: the tuning, as a tuning file holds it.
        ways: what becomes of it.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something in the tuning is not what it should be.
        StoreError: runs could not be kept; those before them are.
        ClusterError: no scheduler answers, or it is gone; runs that came back are kept.
    """
    from memspan.cli.at_work import at_work
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.console import out
    from memspan.cli.exits import Exit
    from memspan.cli.tune_noting import Noting
    from memspan.cli.tune_text import Narrator
    from memspan.studies.kept import InFile, keeping
    from memspan.studies.noted import note_of
    from memspan.studies.tune import picture, running, tune
    from memspan.studies.tune.sampler import optuna_version

    plan, version = asked.plan(table), optuna_version()
    store, target, quiet = ways.store, ways.target, ways.quiet
    remember_compilations()
    silent = target is not None and target.path is None
    with at_work(ways.cluster) as (place, notes), keeping(store) as keeper:
        study = ""
        if isinstance(keeper, InFile):
            study = keeper.note(note_of("tune", asked.name, {**asdict(asked), "optuna": version}, table, ()))
        again = shlex.join(["memspan", "resume", str(store), study, *ways.words]) if study else None
        noting = Noting(keeper, study, plan)
        narrator = Narrator(asked.name, plan, silent=silent, quiet=quiet or silent, kept=store)
        try:
            narrator.begin(notes)
            with running(ways.told(keeper), place) as run:
                at_once = None if ways.cluster is None else place.jobs
                found = tune(plan, run, noting.before(narrator.step), noting.before_final(narrator.final), at_once)
            noting.end()
        except (KeyboardInterrupt, StoreError, ClusterError) as reason:
            narrator.stop()
            begin = ways.there(asked.command)
            if isinstance(reason, StoreError | ClusterError):
                raise type(reason)(f"{reason}; then go on with: {again or begin}") from reason
            sys.stderr.write(_interrupted(begin, store, again))
            return Exit.INTERRUPTED
        narrator.end(found)
        if target is not None:
            target.write(_answer(asked, found, ways, study), last=True)
        if ways.picture is not None:
            picture(found, ways.picture)
            if not silent:
                out().print(f"picture: {ways.picture}", markup=False, soft_wrap=True)
        if again and any(one.failed for one in found.trials):
            sys.stderr.write(f"memspan: runs that failed are tried again with: {again}\n")
        if all(one.failed == len(one.runs) for one in found.trials):
            return Exit.FAILED
        return Exit.DONE if found.shown else Exit.BELOW


def resumed(begun: NotedStudy, store: Path, ways: Ways) -> int:
    """Go on with a tuning: what its store holds is asked for again, but not run again.

    Args:
        begun: what was asked for.
        store: the file that keeps its runs.
        ways: what becomes of it.

    Returns:
        The exit code.

    Raises:
        InvalidInput: it was begun with another Optuna, which asks otherwise, or in words that are not known.
    """
    from memspan.cli.tune_target import AskedTuning
    from memspan.studies.tune.sampler import optuna_version

    words = dict(begun.asked)
    was, now = words.pop("optuna", None), optuna_version()
    try:
        asked = AskedTuning(**words)
    except TypeError as error:
        raise InvalidInput(
            f"study {begun.hash} must be in words that this memspan knows, but {error}; update memspan"
        ) from error
    if was != now:
        raise InvalidInput(
            f"study {begun.hash} must go on with the Optuna that began it, {was}, for another may search otherwise, "
            f"but got {now}; pip install optuna=={was}, or begin anew with {asked.command} --store {store}"
        )
    return tuned(asked, dict(begun.table), ways)


def _interrupted(begin: str, store: Path | None, again: str | None) -> str:
    if again is None:
        return (
            f"memspan: interrupted; nothing is kept (--store FILE would keep every run); start again with:\n  {begin}\n"
        )
    return f"memspan: interrupted; the runs that are done are kept in {store}; go on with:\n  {again}\n"


def _answer(asked: AskedTuning, found: Tuned, ways: Ways, study: str) -> dict[str, Any]:
    from memspan.studies.tune.in_words import findings

    return {
        "version": 1,
        "command": "tune",
        "tuning": asked.name,
        "problem": found.trials[0].spec.problem.variant,
        **found.to_json(),
        "shown": found.shown,
        "finding": findings(found),
        "store": None if ways.store is None else {"path": str(ways.store), "study": study},
        "picture": None if ways.picture is None else str(ways.picture),
    }
