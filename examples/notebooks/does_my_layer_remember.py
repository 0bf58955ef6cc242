# %% [markdown]
# # Does my layer remember?
#
# You wrote a recurrent layer. Does it learn to remember, how far, beside which others, and how surely? Here it is a
# leaky sum: each unit keeps a share of itself, and learns which.

# %%
from dataclasses import dataclass

import jax
import numpy as np

import memspan as ms
from memspan.plots import Picture, differences, success_by_lag
from memspan.studies.span import Recipe


@dataclass(frozen=True)
class Leaky(ms.models.AbstractModel):
    """A leaky sum of the input."""

    n_outputs: int

    def init(self, rng, n_inputs):
        return rng.normal(0, 1, (n_inputs + 1, self.n_outputs)).astype("float32")

    def initial_state(self, n_inputs):
        return np.zeros(self.n_outputs, "float32")

    def step(self, weights, state, x):
        state = jax.nn.sigmoid(weights[0]) * state + x @ weights[1:]
        return state, state


# %% [markdown]
# First: is it what it says? The contract that memspan's own models keep (same seed, same weights; nothing from the
# future; gradients that are finite differences; ...) is passed in silence, or broken in one sentence.

# %%
ms.testing.check_model(Leaky(3))

# %% [markdown]
# Second: how far does it learn to remember, beside an LSTM and a network that sees three symbols? With the same seeds.

# %%
adam = ms.Adam(learning_rate=0.03)
models = {"Leaky": Leaky(8), "LSTM": ms.models.LSTM(8), "sees 3": ms.models.MLP(8, window=3)}
recipes = [Recipe(name, model, ms.rules.BPTT(), adam, epochs=150) for name, model in models.items()]
found = ms.span(recipes, ms.problems.Conflict(middle="random", scored="end"), lags=[2, 8], seeds=16)
for name in found.names:
    print(f"{name}: memory span {found.memory_span(name, level=0.5)}")
rates = {name: [(lag, cell.success) for lag, cell in found.row(name).items()] for name in found.names}
Picture(success_by_lag.draw(success_by_lag.facts(rates))).save("layers.svg")
Picture(success_by_lag.draw(success_by_lag.facts(rates)))

# %% [markdown]
# Better than the window, or luckier? The same seeds are compared one by one; an interval that leaves out 0 is no luck.

# %%
window = [pair for pair in found.comparisons.pairs if pair.lag == 8 and pair.second == "sees 3"]
for pair in window:
    print(f"at lag 8, {pair.first} less {pair.second}: {pair.difference}")
shown = differences.facts([(pair.first, pair.difference) for pair in window], "sees 3")
Picture(differences.draw(shown)).save("differences.svg")
Picture(differences.draw(shown))

# %% [markdown]
# Third: how long does it hold what it learned, beyond the delay of its training, and does the answer follow its state?

# %%
problem = ms.problems.Conflict(lag=8, middle="fresh", scored="end")
runs = ms.train(problem, Leaky(8), ms.rules.BPTT(), seeds=8, epochs=300, optimizer=adam)
print(runs.success)
print(ms.hold(runs[int(runs.solved.argmax())], probes=["stretch", "swap"]))
