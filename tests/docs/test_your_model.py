"""The page on models of your own: what it says about size and about modules with functions in them is true.

Its snippets run where all pages of docs/ run: pytest collects them as doctests.
"""

from __future__ import annotations

import doctest
import re
from dataclasses import dataclass
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from memspan.models import AbstractModel
from memspan.testing import check_model

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-model.md").read_text()
SNIPPETS = [example.source for example in doctest.DocTestParser().get_examples(PAGE)]


def test_its_snippets_are_collected():
    assert '"docs"' in (ROOT / "pyproject.toml").read_text().split("testpaths")[1].splitlines()[0]
    assert len(SNIPPETS) >= 15


def test_a_model_is_a_few_lines():
    """Below the decorator: the class's name, and five lines that are the user's own."""
    classes = [source.splitlines() for source in SNIPPETS if re.match(r"@dataclass", source)]
    assert len(classes) == 3
    assert all(len(lines) - 2 <= 5 for lines in classes)
    plain = [source for source in SNIPPETS if source.startswith("def ")][1:]
    assert [source.splitlines()[0].split("(")[0] for source in plain] == ["def init", "def initial_state", "def step"]
    assert all(len(source.splitlines()) == 1 for source in plain)


@dataclass(frozen=True)
class Mixed(AbstractModel):
    """An Equinox module that holds functions beside its arrays, split as the page says."""

    n_outputs: int = 2

    def module(self, n_inputs, key):
        return eqx.nn.MLP(n_inputs + self.n_outputs, self.n_outputs, 3, 1, activation=jnp.tanh, key=key)

    def init(self, rng, n_inputs):
        module = self.module(n_inputs, jax.random.key(int(rng.integers(2**32))))
        return jax.tree.map(np.asarray, eqx.filter(module, eqx.is_array))

    def initial_state(self, n_inputs):
        return np.zeros(self.n_outputs, np.float32)

    def step(self, arrays, state, x):
        module = eqx.combine(arrays, self.module(len(x), jax.random.key(0)))
        state = jnp.tanh(module(jnp.concatenate([x, state])))
        return state, state


def test_a_module_with_functions_passes_as_the_page_says():
    check_model(Mixed())
