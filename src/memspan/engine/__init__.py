"""The engine: whole training runs as one compiled program, many seeds side by side."""

from memspan.engine.annealed import Annealed as Annealed
from memspan.engine.clipped import Clipped as Clipped
from memspan.engine.optax_optimizer import Optax as Optax
from memspan.engine.optimizers import Adam as Adam
from memspan.engine.runs import Runs as Runs
from memspan.engine.train import train as train
from memspan.engine.trained import Trained as Trained

__all__ = ["Adam", "Annealed", "Clipped", "Optax", "Runs", "Trained", "train"]
