"""Measure a study and tell it, for the commands that begin one or go on with one."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

from memspan.core.errors import ClusterError, InvalidInput, StoreError

if TYPE_CHECKING:
    from memspan.cli.json_target import JsonTarget
    from memspan.cli.span_answer import Answer
    from memspan.cli.span_target import Asked
    from memspan.cli.span_text import Narrator
    from memspan.cli.span_ways import Ways
    from memspan.studies.span import MeasuredCell

__all__ = ["measured"]


def measured(asked: Asked, table: dict[str, Any], ways: Ways) -> int:
    """Measure a study and tell it.

    Args:
        asked: the words of the command line.
        table: the study, as a study file holds it.
        ways: what becomes of it.

    Returns:
        The exit code.

    Raises:
        InvalidInput: something in the study is not what it should be.
        StoreError: runs could not be kept; what was measured is told first.
        ClusterError: no scheduler answers, or it is gone; what was measured is told first.
    """
    from memspan.cli.at_work import at_work
    from memspan.cli.compilation import remember_compilations
    from memspan.cli.span_answer import Answer, check_fail_under
    from memspan.cli.span_kept import Kept
    from memspan.cli.span_text import Narrator
    from memspan.studies.kept import keeping
    from memspan.studies.span import Span, measure, survival_picture
    from memspan.studies.span import picture as draw

    planned = asked.study(table)
    if planned.adaptive is not None:
        from memspan.cli.span_adaptive import searched_and_told

        return searched_and_told(asked, table, planned, ways)
    check_fail_under(ways.fail_under, planned)
    remember_compilations()
    silent = ways.target is not None and ways.target.path is None
    done: list[MeasuredCell] = []
    with at_work(ways.cluster) as (place, notes), keeping(ways.store) as keeper:
        kept = Kept.of(keeper, asked, table, planned, ways)
        blocks, quiet = ways.told(keeper), ways.quiet or silent
        narrator = Narrator(
            asked.name, planned, silent=silent, quiet=quiet, kept=kept, blocks=blocks, cluster=ways.cluster
        )

        def answer() -> Answer:
            return Answer(asked, Span(planned, tuple(done)), ways.fail_under, ways.picture, ways.survival, kept)

        try:
            narrator.begin(notes)
            with closing(measure(planned, narrator.progress, blocks, place=place)) as cells:
                for cell in cells:
                    done.append(cell)
                    narrator.finished(cell, answer().span)
                    if ways.target is not None:
                        ways.target.write(answer().to_json(), last=False)
        except (KeyboardInterrupt, InvalidInput, StoreError, ClusterError) as reason:
            return _stopped(reason, answer(), narrator, ways.target)
        found = answer()
        if ways.picture is not None:
            draw(found.span, ways.picture)
        if ways.survival is not None:
            survival_picture(found.span, ways.survival)
        if ways.target is not None:
            ways.target.write(found.to_json(), last=True)
        narrator.end(found, ways.target)
        return found.exit_code


def _stopped(
    reason: KeyboardInterrupt | InvalidInput | StoreError | ClusterError,
    found: Answer,
    narrator: Narrator,
    target: JsonTarget | None,
) -> int:
    """Keep and tell what there is; a refusal half-way is told by whoever tells all refusals."""
    from memspan.cli.exits import Exit

    narrator.end(found, target)
    if isinstance(reason, StoreError | ClusterError) and found.rest():
        raise type(reason)(f"{reason}; then go on with: {found.rest()[0]}") from reason
    if not isinstance(reason, KeyboardInterrupt):
        raise reason
    if target is not None:
        target.write(found.to_json(), last=True)
    sys.stderr.write(found.rest_in_words(target))
    return Exit.INTERRUPTED
