# %% [markdown]
# # Choose a history length for your own data
#
# A log of events: 160 runs of a program, 21,208 calls. To predict the next call, how many past ones must a model see?
# Put your own file in its place.

# %%
from pathlib import Path

import numpy as np

import memspan as ms
from memspan.data import read_sequences
from memspan.demand import estimate, findings
from memspan.plots import Picture, demand_curve

HERE = Path(__file__).parent if "__file__" in globals() else Path()
log = read_sequences(HERE / "../event_log/calls.csv", column="call", sequence="run", order="step")
print(log.report)

# %% [markdown]
# Nothing is trained yet. Models that see the last 0, 1, 2, ... calls are counted on some of the runs, and what they
# lose is measured on runs that had no part in it.

# %%
found = estimate(log.sequences, len(log.alphabet), rng=np.random.default_rng(0))
print(*findings(found), sep="\n")
bits = [(row.window, row.bits) for row in found.rows]
curve = demand_curve.facts("What past calls tell of the next", {"bits per call": bits}, window=found.verdict.window)
Picture(demand_curve.draw(curve)).save("history.svg")
Picture(demand_curve.draw(curve))

# %% [markdown]
# How much is worth it is yours to say. If a twentieth of a bit is of no interest, the answer is short:

# %%
cheaper = estimate(log.sequences, len(log.alphabet), rng=np.random.default_rng(0), tolerance=0.05)
print(findings(cheaper)[0])

# %% [markdown]
# Between the two lies the choice of a model. A cue that is 23 calls old is a lag of 22: which model, with which rule,
# learns to carry a symbol that far? A window needs 23 inputs. A GRU has to learn it:

# %%
far = ms.problems.Conflict(lag=22, middle="random", scored="end")
for name, model in {"sees 4": ms.models.MLP(16, window=4), "GRU": ms.models.GRU(16)}.items():
    runs = ms.train(far, model, ms.rules.BPTT(), seeds=8, epochs=100, optimizer=ms.Adam(learning_rate=0.01))
    print(f"{name}: {runs.success}")
