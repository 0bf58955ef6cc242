"""`memspan span --adaptive`: look for lags, measure them, and tell it; and what that takes at most."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from memspan.core.errors import ClusterError, InvalidInput, StoreError
from memspan.studies.noted import PILOT

if TYPE_CHECKING:
    from memspan.cli.span_target import Asked
    from memspan.cli.span_ways import Ways
    from memspan.studies.kept import InFile, InMemory
    from memspan.studies.noted import NotedCell
    from memspan.studies.span import Span, Step, Study

__all__ = ["same_cells", "searched_and_told", "tried_at_most"]


def searched_and_told(asked: Asked, table: dict[str, Any], planned: Study, ways: Ways) -> int:
    """Measure an adaptive study and tell it.

    Args:
        asked: the words of the command line.
        table: the study, as a study file holds it.
        planned: the study.
        ways: what becomes of it.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something in the study is not what it should be.
        StoreError: runs could not be kept; those before them are.
        ClusterError: no scheduler answers, or it is gone; runs that came back are kept.
    """
    from memspan.cli.adaptive_text import Narrator
    from memspan.cli.at_work import at_work
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.exits import Exit
    from memspan.studies.kept import keeping
    from memspan.studies.span import Span, picture, searched, survival_picture

    _refuse(ways)
    remember_compilations()
    silent = ways.target is not None and ways.target.path is None
    steps: list[Step] = []
    with at_work(ways.cluster) as (place, notes), keeping(ways.store) as keeper:
        noting = _Noting(keeper, asked, table, planned, ways)
        blocks, quiet = ways.told(keeper), ways.quiet or silent
        narrator = Narrator(asked.name, planned, silent=silent, quiet=quiet, kept=ways.store, blocks=blocks)
        try:
            narrator.begin(notes)
            with closing(searched(planned, narrator.progress, blocks, place=place)) as going:
                for step in going:
                    steps.append(step)
                    noting.note(step)
                    narrator.step(step)
            noting.end()
        except (KeyboardInterrupt, StoreError, ClusterError) as reason:
            narrator.stop()
            again = noting.again or ways.there(asked.command(asked.recipes, ()))
            if isinstance(reason, StoreError | ClusterError):
                raise type(reason)(f"{reason}; then go on with: {again}") from reason
            kept = f"the runs that are done are kept in {ways.store}; go on with"
            lost = "nothing is kept (--store FILE would keep every run); start again with"
            sys.stderr.write(f"memspan: interrupted; {kept if noting.again else lost}:\n  {again}\n")
            return Exit.INTERRUPTED
        found = Span.of_steps(planned, steps)
        if ways.picture is not None:
            picture(found, ways.picture)
        if ways.survival is not None:
            survival_picture(found, ways.survival)
        narrator.end(found, ways, noting.again)
        if ways.target is not None:
            ways.target.write(_answer(asked, found, ways, noting.study), last=True)
    return Exit.FAILED if found.failed else Exit.DONE


def tried_at_most(asked: Asked, planned: Study, ways: Ways) -> int:
    """Say what an adaptive study would take at most: the lags that doubling comes to, tried for a moment, and the rest.

    Args:
        asked: the words of the command line.
        planned: the study.
        ways: what becomes of it; of these JSON.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something in the study is not what it should be.
    """
    from memspan.cli.at_work import there
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.console import out, working
    from memspan.studies.adaptive import most_tried
    from memspan.studies.span.searched import at_most
    from memspan.studies.span.trial import peak_memory, try_out

    _refuse(ways)
    remember_compilations()
    each = planned.seeds + planned.adaptive.pilot if planned.adaptive else 0
    rows: list[dict[str, Any]] = []
    with working("trying the lags that doubling comes to for a moment", ways.quiet):
        for recipe in planned.listed:
            doubled, others = most_tried(planned.lags_of(recipe))
            part = replace(planned, recipes=[replace(recipe, lags=doubled)], lags=doubled, primary=None, adaptive=None)
            seconds = [one.seconds for one in try_out(part, {(recipe.name, lag): each for lag in doubled})]
            # No lag between two, that of the primary question among them, takes longer than the longest.
            runs = at_most(planned, recipe)
            total = sum(seconds) + (runs / each - len(doubled)) * seconds[-1]
            lags = len({*doubled, *planned.asks_about(recipe)}) + others
            rows.append({"recipe": recipe.name, "lags": lags, "at_most": runs, "seconds": total})
    answer = {
        "version": 1,
        "command": "span",
        "dry_run": True,
        "study": asked.name,
        "problem": planned.subject,
        "adaptive": planned.adaptive.to_json() if planned.adaptive else {},
        "recipes": rows,
        "at_most": sum(row["at_most"] for row in rows),
        "seconds": sum(row["seconds"] for row in rows),
        "cores": os.cpu_count() or 1,
        "there": there(ways.cluster, sum(row["seconds"] for row in rows)),
        "memory": peak_memory(),
    }
    if ways.target is not None:
        ways.target.write(answer, last=True)
    if ways.target is None or ways.target.path is not None:
        for line in _lines(answer, each):
            out().print(line, markup=False, soft_wrap=True)
    return 0


def same_cells(noted: Sequence[NotedCell], made: Sequence[NotedCell]) -> Iterator[tuple[NotedCell, NotedCell]]:
    """Yield the cells that an adaptive study came to, each beside what it would be now.

    Args:
        noted: those it came to.
        made: all that it may come to, as this version makes them.
    """
    now = {(cell.recipe, cell.lag): cell for cell in made}
    for was in noted:
        one = now[was.recipe.removesuffix(PILOT), was.lag]
        yield was, replace(was, spec=one.spec)


class _Noting:
    """Writes down in a store what an adaptive study is, and which cells it came to."""

    def __init__(
        self, keeper: InFile | InMemory, asked: Asked, table: dict[str, Any], planned: Study, ways: Ways
    ) -> None:
        from memspan.studies.kept import InFile
        from memspan.studies.noted import note_of

        self._keeper = keeper if isinstance(keeper, InFile) else None
        self._steps, self.study, self.again = 0, "", None
        if self._keeper is not None and planned.adaptive is not None:
            whole = {**table, "adaptive": planned.adaptive.to_json()}
            self.study = self._keeper.note(note_of("span", asked.name, asked.to_json(), whole, ()))
            self.again = shlex.join(["memspan", "resume", str(ways.store), self.study, *ways.words])

    def note(self, step: Step) -> None:
        """Write down the cell of a step, with as many runs as it has now."""
        from memspan.studies.noted import NotedCell, found_by

        if self._keeper is not None:
            cell, name = step.measured.cell, step.measured.cell.recipe + (PILOT if step.pilot else "")
            now = NotedCell(name, cell.lag, cell.spec.hash, cell.seeds.start, len(cell.seeds))
            self._keeper.note(found_by(self.study, self._steps, now))
            self._steps += 1

    def end(self) -> None:
        """Write down that there is nothing more to come to."""
        from memspan.studies.noted import end_of

        if self._keeper is not None:
            self._keeper.note(end_of(self.study))


def _refuse(ways: Ways) -> None:
    if ways.fail_under is not None:
        raise InvalidInput(
            "--fail-under must be left out of an adaptive study, which looks for the lag where the rate falls below a "
            "level; name lags without --adaptive"
        )


def _answer(asked: Asked, found: Span, ways: Ways, study: str) -> dict[str, Any]:
    from memspan.studies.span import findings

    return {
        "version": 1,
        "command": "span",
        "study": asked.name,
        "problem": found.study.subject,
        "seed": found.study.seed,
        "complete": True,
        **found.to_json(),
        "finding": findings(found, found.levels[0]),
        "seconds": sum(one.seconds for one in (*found.pilots, *found.cells)),
        "store": None if ways.store is None else {"path": str(ways.store), "study": study},
        "picture": None if ways.picture is None else str(ways.picture),
        "survival_picture": None if ways.survival is None else str(ways.survival),
    }


def _lines(answer: dict[str, Any], each: int) -> list[str]:
    from memspan.cli.at_work import there_in_words
    from memspan.studies.in_words import about, aligned

    rows: list[tuple[str, ...]] = [("", "lags at most", "runs at most", "time at most")]
    for one in answer["recipes"]:
        rows.append((one["recipe"], f"{one['lags']:,}", f"{one['at_most']:,}", about(one["seconds"])))
    memory = "" if answer["memory"] is None else f", and {answer['memory'] / 2**20:,.0f} MiB of memory"
    return [
        f"{answer['study']}: {answer['problem']}",
        *aligned(rows),
        "",
        f"at most {answer['at_most']:,} runs are to be made, {each:,} at each lag; as a moment of each shows, that "
        f"takes at most {about(answer['seconds'])} on {answer['cores']} cores{memory}",
        *there_in_words(answer["there"]),
    ]
