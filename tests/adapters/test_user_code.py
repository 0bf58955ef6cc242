"""A user's file by its name: found again where it is sent to, and never run in another form than was asked for."""

from __future__ import annotations

import pickle
import threading

import pytest

import memspan as ms
from memspan.adapters import process
from memspan.adapters.predict import CommandLine
from memspan.adapters.process import Home, WorkerProcess, lease
from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput


@pytest.fixture
def two(tmp_path, monkeypatch):
    """Two folders, of which the first has the user's file, in a folder of its own that is no package."""
    for name in ("here", "there"):
        (tmp_path / name / "parts" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here" / "parts" / "inner" / "mine.py").write_text("def make():\n    return 1\n")
    return tmp_path


def test_it_is_looked_for_where_it_was_sent_to(two, monkeypatch):
    """As on a worker of a cluster, whose folders are others."""
    sent = pickle.dumps(UserCode("factory", "parts.inner.mine:make"))
    monkeypatch.chdir(two / "there")
    user = pickle.loads(sent)
    with pytest.raises(InvalidInput, match=r"but there is no module 'parts.inner.mine' in .*there on .*; copy its"):
        user.load()
    there = two / "there" / "parts" / "inner" / "mine.py"
    there.write_text("def make():\n    return 2\n")
    with pytest.raises(InvalidInput, match=r"must be the same file wherever its runs are made, but .*mine.py on"):
        user.load()
    there.write_bytes((two / "here" / "parts" / "inner" / "mine.py").read_bytes())
    assert (user.path, user.load()()) == (there, 1)
    assert user == UserCode("factory", "parts.inner.mine:make")


def test_a_file_that_was_changed_is_imported_again(two):
    """In a process that lives on: a notebook, or a worker of a cluster."""
    file = two / "here" / "again.py"
    for value in (1, 22):  # of another length, or compiled files of the same second would be taken
        file.write_text(f"def make():\n    return {value}\n")
        assert UserCode("factory", "again:make").load()() == value


def test_the_files_of_a_command_must_be_there_too(two, monkeypatch):
    (two / "here" / "answers.py").write_text("print(1)\n")
    command = CommandLine("python answers.py")
    sent = pickle.dumps(command)
    (two / "here" / "answers.py").write_text("print(2)\n")  # one that it writes itself may change
    assert command.path.name == "answers.py"
    monkeypatch.chdir(two / "there")
    with pytest.raises(InvalidInput, match=r"the files of 'python answers.py' must be the same wherever it is asked"):
        _ = pickle.loads(sent).path


def test_a_framework_that_is_not_installed_where_it_is_run_is_a_sentence():
    with pytest.raises(InvalidInput, match=r"framework must be installed wherever it is run, but: No module named"):
        WorkerProcess(Home("memspan_has_no_such_module:Model"))


def test_there_are_no_more_processes_at_work_than_seats(monkeypatch, two):
    """However many threads a search asks from."""
    at_work, most = [], []

    class Idle(WorkerProcess):
        alive, key = True, None

        def __init__(self, home):
            pass

        def close(self):
            pass

    monkeypatch.setattr(process, "WorkerProcess", Idle)
    monkeypatch.setattr(process, "_idle", [])
    monkeypatch.setattr(process, "_seats", threading.BoundedSemaphore(2))
    model = ms.adapters.Predict("parts.inner.mine:make")
    task = model.task(ms.problems.Conflict())

    def ask():
        with lease(Home(""), task):
            at_work.append(1)
            most.append(len(at_work))
            threading.Event().wait(0.02)
            at_work.pop()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most) == 2
