"""The gallery makes itself: runs the commands of docs/gallery.md, and puts their pictures beside it.

python docs/make_gallery.py            # all of them, some minutes; the report's picture needs Chromium
python docs/make_gallery.py hold.svg   # those of one picture
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parent
PAGE = DOCS / "gallery.md"


@dataclass(frozen=True)
class Entry:
    """A question of the page.

    Attributes:
        question: its heading.
        commands: what is run, as it stands there.
        pictures: what is shown, by name.
        seen: the words below.
    """

    question: str
    commands: str
    pictures: tuple[str, ...]
    seen: str


def entries(page: str) -> list[Entry]:
    """Return the entries of the page, in order."""
    made: list[Entry] = []
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        (commands,) = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
        pictures = re.findall(r"^!\[[^]]+\]\(gallery/([\w.-]+)\)$", section, re.MULTILINE)
        words = [line for line in section.split("```")[2].splitlines() if not line.startswith("![")]
        made.append(Entry(section.splitlines()[0], commands, tuple(pictures), " ".join(words).strip()))
    return made


def make(entry: Entry, folder: Path) -> list[Path]:
    """Run the commands of an entry in a folder, as a person would who stands in a copy of memspan.

    Returns:
        Its pictures.

    Raises:
        RuntimeError: a command fails, or does not leave its picture.
    """
    if not (folder / "examples").exists():
        (folder / "examples").symlink_to(DOCS.parent / "examples")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-e", "-c", entry.commands], cwd=folder, env=environment, capture_output=True, text=True
    )
    left = [folder / name for name in entry.pictures]
    if done.returncode or not all(path.is_file() for path in left):
        raise RuntimeError(f"{entry.question}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return left


def main() -> None:
    """Make all pictures, or those that are named."""
    for entry in entries(PAGE.read_text()):
        if len(sys.argv) == 1 or set(entry.pictures) & set(sys.argv[1:]):
            sys.stderr.write(f"{entry.question}\n")
            with tempfile.TemporaryDirectory() as folder:
                for picture in make(entry, Path(folder)):
                    shutil.copy(picture, DOCS / "gallery" / picture.name)


if __name__ == "__main__":
    main()
