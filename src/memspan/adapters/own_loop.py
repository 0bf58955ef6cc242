"""The user's own training loop in the place of a learning rule."""

from __future__ import annotations

from dataclasses import dataclass

from jaxtyping import Array, Float

from memspan.adapters.user_code import UserCode
from memspan.core.errors import InvalidInput
from memspan.core.rule import Learner, Lesson, Memory

__all__ = ["OwnLoop", "carries_nothing"]


@dataclass(frozen=True, init=False)
class OwnLoop:
    """A function of yours that trains a PyTorch or a Keras model: it is given the model and the batches of all epochs.

    A batch has `inputs`, `targets` and `mask`, `[batch, time, ...]`, and `loss(outputs)`, the problem's mean loss over
    the scored positions. The optimizer is yours: that of the spec is not used. What is set back at each sequence, and
    in which order they come, is the protocol's. The model is judged at the end of each epoch, between two batches;
    after the last epoch they run out.

    With PyTorch these are tensors, targets of symbols are whole numbers, the loss that `loss` gives is recorded, and an
    update is counted for each batch. With Keras they are NumPy's, as its `train_on_batch` takes them, targets of
    symbols are one-hot and the mask has 1 and 0; the model is as you wrote it, its last activation too. What is
    recorded is the problem's loss just before each batch, whatever yours is, and updates are counted by the optimizer
    that the model was compiled with, or else by the batch. A read-out that was put on top gives logits. For a model
    that takes its state, `inputs` is a list.

    Example:
        In mymodel.py, for PyTorch::

            def train(model, batches):
                adam = torch.optim.Adam(model.parameters(), lr=0.01)
                for batch in batches:
                    adam.zero_grad()
                    batch.loss(model(batch.inputs)).backward()
                    adam.step()

        For Keras::

            def train(model, batches):
                model.compile(loss="binary_crossentropy", optimizer="adam")
                for batch in batches:
                    model.train_on_batch(batch.inputs, batch.targets)

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


def carries_nothing(place: str, reset: str) -> str:
    """Say that a state that a loop of the user's carries is not memspan's to carry on."""
    return (
        f"protocol must have reset='sequence' for {place}, which takes and returns its state, with a loop of your own, "
        f"for nobody else could carry that on, but got '{reset}'; keep the state in the model, or use a rule of ours"
    )
