"""The page on weights elsewhere: its blocks for PyTorch and Keras run too, each in a process of its own.

Its other snippets run where all pages of docs/ run: pytest collects them as doctests.
"""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import pytest

from memspan.exchange import files

PAGE = (Path(__file__).parents[2] / "docs" / "weights.md").read_text()
BLOCKS = {
    re.search(r"import (\w+)", block)[1]: block
    for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    if ">>>" not in block
}


def test_it_has_a_block_for_each_framework_and_a_row_for_each_file():
    assert set(BLOCKS) == {"torch", "os"}
    assert all("assert" in block for block in BLOCKS.values())
    assert re.findall(r"^\| `(\.\w+)` \|", PAGE, re.MULTILINE) == [
        *dict.fromkeys([".safetensors", ".onnx", ".keras", ".pt"])
    ]
    assert {".safetensors", ".onnx", ".keras", ".pt"} == set(files.FORMATS)


@pytest.mark.extended
@pytest.mark.parametrize("name", ["torch", "os"])
def test_its_blocks_do_what_they_say(name):
    examples = doctest.DocTestParser().get_examples(PAGE)
    before = [example.source for example in examples][: [e.source for e in examples].index("import onnxruntime\n")]
    code = "".join(before) + BLOCKS[name]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
