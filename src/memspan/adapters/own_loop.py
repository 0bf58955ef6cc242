"""The user's own training loop in the place of a learning rule."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Array, Float

from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput
from memspan.core.rule import Learner, Lesson, Memory

__all__ = ["OwnLoop"]


@dataclass(frozen=True, init=False)
class OwnLoop:
    """A function of yours that trains a PyTorch module: it is given the module and the batches of all epochs.

    A batch has `inputs`, `targets` and `mask`, tensors `[batch, time, ...]`, and `loss(outputs)`, the problem's mean
    loss over the scored positions, which is also what is recorded. The optimizer is yours: that of the spec is not
    used. What is set back at each sequence, and in which order they come, is the protocol's. An update is counted for
    each batch. The module is judged at the end of each epoch, between two batches; after the last epoch they run out.

    Example:
        In mymodel.py::

            def train(model, batches):
                adam = torch.optim.Adam(model.parameters(), lr=0.01)
                for batch in batches:
                    adam.zero_grad()
                    batch.loss(model(batch.inputs)).backward()
                    adam.step()

    Args:
        train: "module:function".

    Attributes:
        user: where it stands, and the hash of its file.

    Raises:
        InvalidInput: there is no such function.
    """

    user: UserCode

    def __init__(self, train: str) -> None:
        object.__setattr__(self, "user", UserCode("train", train))

    def learn(self, learner: Learner, memory: Memory, lesson: Lesson) -> tuple[Memory, Float[Array, ""]]:
        """Refuse: a compiled model is trained by the rules of this library.

        Raises:
            InvalidInput: always.
        """
        raise InvalidInput(f"rule must be one of memspan.rules for this model, but got your own loop {self.user.name}")
