"""A study killed at random moments and resumed ends as one that was let be; a few kills here."""

from __future__ import annotations

import random

from tests.studies.kills import kill_one_study

KILLS = 2  # `python -m tests.studies.kills 200` for more


def test_nothing_is_lost_and_nothing_is_run_twice(tmp_path):
    """What must be so is asserted after every kill, and at the end, by what kills."""
    kill_one_study(tmp_path, 0, KILLS, random.Random(0))
