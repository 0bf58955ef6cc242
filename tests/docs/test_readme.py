"""The README says only what happens: its limits, its commands, and the output it shows."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def test_is_short_and_shows_picture_commands_and_snippet_early() -> None:
    lines = README.splitlines()
    assert len(lines) <= 110
    text = "\n".join(lines[:40])
    assert "docs/demo.svg" in text
    assert "make demo" in text
    assert "make test" in text
    assert ">>> import memspan as ms" in text


def test_every_file_it_points_to_exists() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README) + re.findall(r'src="([^"]+)"', README):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_every_make_target_it_names_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"^make ([\w-]+)", README, re.MULTILINE)) <= targets


def _numbers_apart(text: str) -> tuple[str, list[float]]:
    """Split text into words with single blanks, and the numbers taken out of them."""
    number = r"\d+(?:\.\d+)?"
    return " ".join(re.sub(number, "#", text).split()), [float(x) for x in re.findall(number, text)]


def _prints(shown: str, printed: str) -> bool:
    """Same words; numbers within a fifth, for rounding differs between processors and a few runs flip with it."""
    (words, numbers), (other_words, others) = _numbers_apart(shown), _numbers_apart(printed)
    close = [abs(a - b) <= max(0.1, 0.2 * abs(a)) for a, b in zip(numbers, others, strict=False)]
    return words == other_words and len(numbers) == len(others) and all(close)


def test_the_comparison_can_fail() -> None:
    assert _prints("rate 0.45 of 100", "rate 0.41 of 100")
    assert not _prints("rate 0.45 of 100", "rate 0.95 of 100")
    assert not _prints("rate 0.45 of 100", "share 0.45 of 100")


def test_its_snippet_prints_what_it_shows() -> None:
    names: dict[str, object] = {}
    examples = doctest.DocTestParser().get_examples(README)
    assert len(examples) >= 8
    for example in examples:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(example.source, "README.md", "single"), names)
        assert _prints(example.want, printed.getvalue()), (example.source, printed.getvalue())


def test_its_commands_print_what_it_shows(tmp_path: Path) -> None:
    shown = re.findall(r"```console\n\$ memspan ([^\n]+)\n(.*?)```", README, re.DOTALL)
    assert shown
    for words, output in shown:
        done = subprocess.run(
            [sys.executable, "-m", "memspan", *words.split()],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=240,
            check=True,
        )
        printed = [line.strip() for line in done.stdout.splitlines()]
        for line in filter(None, (line.strip() for line in output.splitlines())):
            assert line == "..." or any(_prints(line, other) for other in printed), f"no longer printed: {line}"
