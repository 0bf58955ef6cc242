"""The tutorial in memspan: an LSTM that must remember the first symbol, stateful and stateless.

python in_memspan.py stateful     # a hundred runs in seconds
python in_memspan.py stateless
"""

from __future__ import annotations

import argparse

import memspan as ms

# What a stateful layer fed one symbol a batch does: an update after every step, with a gradient that ends at the step.
# What a stateless layer fed whole sequences does: an update after every sequence, with a gradient through all of it.
RULES = {"stateful": ms.rules.Online(), "stateless": ms.rules.BPTT()}


def main() -> None:
    parser = argparse.ArgumentParser(description="The tutorial in memspan.")
    parser.add_argument("form", choices=RULES)
    parser.add_argument("--epochs", type=int, default=250)
    parser.add_argument("--seeds", type=int, default=100)
    asked = parser.parse_args()
    problem = ms.problems.Conflict(lag=3)
    network = ms.models.LSTM(units=20)
    runs = ms.train(problem, network, RULES[asked.form], seeds=asked.seeds, epochs=asked.epochs)
    for seed in range(min(3, asked.seeds)):
        told = [(sequence[:-1], runs[seed].predict(sequence[:-1])) for sequence in problem.sequences()]
        print(f"seed {seed}: " + ", ".join(f"{read} -> {said}" for read, said in told))
    print(f"solved: {runs.success}")


if __name__ == "__main__":
    main()
