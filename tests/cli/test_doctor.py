"""`memspan doctor` and `memspan completion`: what is there is named, what is not is a sentence with advice."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys

import pytest
from tests.cli.commands import command as command

from memspan.cli import doctor


def test_it_names_what_is_there(command, tmp_path, monkeypatch):
    monkeypatch.setenv("MEMSPAN_CACHE", str(tmp_path / "cache"))
    found = json.loads(command("doctor", "--json").out)
    assert found["versions"]["numpy"] == importlib.metadata.version("numpy")
    assert found["cache"] == str(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []
    assert any(device.startswith("cpu") for device in found["devices"])
    assert found["problems"] == []
    text = command("doctor")
    assert (text.code, text.out.splitlines()[-1]) == (0, "nothing is wrong")
    assert text.out.startswith(f"python             {found['python']} on ")


def test_what_is_missing_is_a_sentence_with_advice(command, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MEMSPAN_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(doctor, "_version", lambda name: None if name == "optax" else "1.0")
    monkeypatch.setattr(doctor, "_there", lambda module: module != "polars")
    done = command("doctor")
    assert done.code == 1
    lines = done.out.splitlines()
    assert "optax is not installed; install memspan again" in lines
    assert lines[-1].startswith(f"compiled programs cannot be kept in {tmp_path / 'file'} (")
    assert any("pandas and polars, Parquet; not there: pip install 'memspan[frames]'" in line for line in lines)
    assert not any("memspan[weights]" in line for line in lines)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_commands_and_options(command, shell):
    script = command("completion", shell).out
    assert all(word in script for word in ("resume", "store", "fail-under"))


def test_bash_takes_the_script(command):
    script = command("completion", "bash").out
    subprocess.run(["bash", "-n"], input=script, text=True, check=True)


def test_completion_imports_no_jax():
    program = (
        "import sys, memspan.cli.exits as exits\n"
        "exits._end = lambda code: None\n"
        "from memspan.cli.main import main\n"
        "main(['completion', 'bash'])\n"
        "sys.exit('jax' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
