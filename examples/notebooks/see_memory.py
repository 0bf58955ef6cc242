# %% [markdown]
# # See memory
#
# Two sequences, 3,0,1,2,3 and 4,0,1,2,4. After the 2, only memory of the first symbol tells what follows. Where is it?
#
# A cell begins at each `# %%`: editors run it as a notebook, `python see_memory.py` runs it from top to bottom and
# writes the pictures beside you.

# %%
import numpy as np

import memspan as ms
from memspan.plots import Picture, cell_state, gate_activity

problem = ms.problems.Conflict(lag=3)
runs = ms.train(problem, ms.models.LSTM(units=20), ms.rules.BPTT(), seeds=8)
print(runs.success)

# %% [markdown]
# One of the runs that solve it. What does it say?

# %%
network = runs[int(runs.solved.argmax())]
read = [sequence[:-1] for sequence in problem.sequences()]
for symbols in read:
    print(symbols, "->", network.predict(symbols))

# %% [markdown]
# Both sequences read 0, 1 and 2 in the middle. A network without memory would be in the same state there. This one is
# not: the third panel is the difference of its two cell states, step by step.

# %%
steps = [ms.explain(network, symbols) for symbols in read]
cells = cell_state.facts(read, np.stack([[step.cell for step in one] for one in steps]))
Picture(cell_state.draw(cells)).save("cells.svg")
Picture(cell_state.draw(cells))

# %% [markdown]
# What keeps it are the gates. `ms.explain` calculated them, with the arithmetic of every step, which it also prints.

# %%
gates = {name: np.stack([[getattr(step.gates, name) for step in one] for one in steps]) for name in ("input", "forget")}
shown = gate_activity.facts(read, gates, cells.units)
Picture(gate_activity.draw(shown)).save("gates.svg")
Picture(gate_activity.draw(shown))

# %% [markdown]
# A difference that is seen need not be used. So exchange the two states after a step and look at the answer: if it
# follows the state, memory sits there. Parts of the state are exchanged alone too: it need not be the part that you
# looked at.

# %%
held = ms.hold(network, probes=["swap", "wipe"])
print(held)
