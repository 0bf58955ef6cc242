"""Saving: the right format, whole or not at all, and sentences where it cannot be."""

from __future__ import annotations

import json
import os

import pytest

from memspan.core.errors import InvalidInput
from memspan.plots import check_target, save

SPEC = {
    "data": {"values": [{"a": 1}]},
    "mark": "point",
    "encoding": {"x": {"field": "a", "title": "größer"}},
}
STARTS = {
    ".svg": b"<svg",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".pdf": b"%PDF-",
    ".json": b'{"data"',
    ".PNG": b"\x89PNG",
}


@pytest.mark.parametrize("suffix", STARTS)
def test_suffix_decides_the_format(tmp_path, suffix):
    target = tmp_path / f"picture{suffix}"
    assert save(SPEC, target) == target
    assert target.read_bytes().startswith(STARTS[suffix])
    assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_json_is_the_spec(tmp_path):
    assert json.loads(save(SPEC, str(tmp_path / "spec.json")).read_text(encoding="utf-8")) == SPEC


def test_replaces_an_older_picture_and_follows_links(tmp_path):
    (tmp_path / "old.json").write_text("old")
    (tmp_path / "link.json").symlink_to(tmp_path / "old.json")
    save(SPEC, tmp_path / "link.json")
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "old.json").read_text(encoding="utf-8")) == SPEC


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("picture.jpg", r"named \*\.svg, \*\.png, \*\.pdf, \*\.json, but got '.*jpg'"),
        ("picture", "the ending decides the format"),
        ("", "but got the folder '.*'; add a name such as memory.svg"),
        ("missing/picture.svg", "a folder that exists, but got '.*'; make '.*missing' first"),
        ("file/picture.svg", "a folder that exists"),
    ],
)
def test_refuses_in_one_sentence(tmp_path, name, sentence):
    (tmp_path / "file").write_text("")
    for refuse in (check_target, lambda path: save(SPEC, path)):
        with pytest.raises(InvalidInput, match=sentence):
            refuse(tmp_path / name)


def test_a_folder_with_the_ending_of_a_picture_is_a_folder(tmp_path):
    (tmp_path / "folder.svg").mkdir()
    with pytest.raises(InvalidInput, match="folder"):
        save(SPEC, tmp_path / "folder.svg")


def test_refuses_a_folder_without_permission(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: not (path == tmp_path and mode == os.W_OK))
    with pytest.raises(InvalidInput, match="you may write to"):
        check_target(tmp_path / "picture.svg")


def test_a_refusing_disk_leaves_the_old_picture(tmp_path, monkeypatch):
    target = tmp_path / "picture.json"
    target.write_text("old")

    def refuse(source, destination):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(InvalidInput, match="No space left on device"):
        save(SPEC, target)
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
