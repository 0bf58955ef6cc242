"""The state of a PyTorch module that keeps it in itself, and states of any nesting."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import nn

from memspan.adapters.user_code import UserCode
from memspan.core.errors import RunFailed, nearest

__all__ = ["ModuleState", "flat", "like"]

OWN = set(vars(nn.Module()))  # what every module has


def flat(state: Any) -> list[torch.Tensor]:
    """Return the tensors of a state: a tensor, or tuples, lists and dictionaries of them."""
    if isinstance(state, torch.Tensor):
        return [state]
    if isinstance(state, Mapping):
        return [tensor for each in state.values() for tensor in flat(each)]
    if isinstance(state, tuple | list):
        return [tensor for each in state for tensor in flat(each)]
    return []


def like(state: Any, tensors: Iterator[torch.Tensor]) -> Any:
    """Return a state with other tensors in the same places."""
    if isinstance(state, torch.Tensor):
        return next(tensors)
    if isinstance(state, Mapping):
        return type(state)({key: like(each, tensors) for key, each in state.items()})  # pyright: ignore
    if isinstance(state, tuple | list):
        parts = [like(each, tensors) for each in state]
        return type(state)(*parts) if hasattr(state, "_fields") else type(state)(parts)  # pyright: ignore
    return state


class ModuleState:
    """The tensors that a module and its parts hold as attributes, or as buffers that reading changes.

    Args:
        module: the module.
        reset: the name of its method that forgets its state.
        user: who made it, for what is said of it.

    Attributes:
        buffers: names of those that hold the state, once it was found.
    """

    def __init__(self, module: nn.Module, reset: str, user: UserCode) -> None:
        self._module = module
        method = getattr(module, reset, None)
        if not callable(method):
            names = [name for name in dir(type(module)) if not name.startswith("_") and name not in dir(nn.Module)]
            guess = nearest(reset, names)
            advice = f"did you mean '{guess}'?" if guess else "name the method that forgets its state"
            raise RunFailed(
                f"reset must be a method of {type(module).__name__} ({user.place}), but got '{reset}'; {advice}"
            )
        self._reset = method
        self._places: list[tuple[nn.Module, str, Any]] = []
        self.buffers: tuple[str, ...] = ()

    def find(self, read: Callable[[], Any]) -> Any:
        """Read something from a reset, and remember where that has left tensors; return what was read.

        Args:
            read: reads in the mode of evaluation, in which other buffers than those of the state stay as they are.
        """
        self.reset()
        before = {name: buffer.clone() for name, buffer in self._module.named_buffers()}
        said = read()
        changed = [name for name, now in self._module.named_buffers() if not _equal(now, before.get(name))]
        self.buffers = tuple(changed)
        for path, part in self._module.named_modules():
            prefix = f"{path}." if path else ""
            names = [name for name, value in vars(part).items() if name not in OWN and _is_state(value)]
            names += [name.removeprefix(prefix) for name in changed if name.rpartition(".")[0] == path]
            self._places += [(part, name, getattr(part, name)) for name in names]
        return said

    def reset(self) -> None:
        """Call the module's own method."""
        self._reset()

    def tensors(self) -> list[torch.Tensor]:
        """Return the tensors of the state; none where a reset has taken them away."""
        return [tensor for owner, name, _ in self._places for tensor in flat(getattr(owner, name))]

    def restore(self, tensors: list[torch.Tensor]) -> None:
        """Put others in their places."""
        source = iter(tensors)
        for owner, name, example in self._places:
            setattr(owner, name, like(example, source))

    def detach(self) -> None:
        """Keep the values and forget how they came about."""
        tensors = [tensor.detach() for tensor in self.tensors()]
        if tensors:
            self.restore(tensors)


def _equal(now: torch.Tensor, before: torch.Tensor | None) -> bool:
    return before is not None and now.shape == before.shape and bool((now == before).all())


def _is_state(value: Any) -> bool:
    """Whether it is made of tensors that are not weights: RNNs keep lists of theirs."""
    tensors = flat(value)
    return bool(tensors) and not any(isinstance(each, nn.Parameter) for each in tensors)
