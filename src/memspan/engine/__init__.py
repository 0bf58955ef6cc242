"""The engine: whole training runs as one compiled program, many seeds side by side."""

from memspan.engine.optimizers import Adam as Adam
from memspan.engine.runs import Runs as Runs
from memspan.engine.train import train as train
from memspan.engine.trained import Trained as Trained

__all__ = ["Adam", "Runs", "Trained", "train"]
