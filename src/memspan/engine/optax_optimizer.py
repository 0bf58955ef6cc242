"""Any optimizer of Optax, by its name and settings."""

from __future__ import annotations

import functools
import inspect
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import optax

from memspan.core.errors import InvalidInput, check_choice, nearest

__all__ = ["Optax", "optax_names"]

# One asks for values of the loss along its way, one would add the same noise in every seed, one is deprecated.
UNFIT = {"lbfgs", "noisy_sgd", "optimistic_adam"}

Setting = str | float | int | bool | None


@functools.cache
def optax_names() -> tuple[str, ...]:
    """Return the names of Optax's optimizers: what takes a learning rate and gradients, and nothing else.

    Example:
        >>> {"sgd", "adamw", "rmsprop", "lion"} <= set(optax_names())
        True
    """
    functions = inspect.getmembers(optax, inspect.isfunction)
    return tuple(
        name
        for name, function in functions
        if "learning_rate" in inspect.signature(function).parameters
        and not name.startswith(("_", "scale_by_"))
        and name not in UNFIT
    )


@dataclass(frozen=True, init=False, repr=False)
class Optax:
    """An optimizer of Optax, called by its name there with its settings there.

    Settings are numbers, strings or truth values, so that a spec can be written down. For what they cannot say,
    such as a schedule or a transformation of your own, write a frozen dataclass whose method `build` returns the
    `optax.GradientTransformation`; its fields are its identity.

    Example:
        >>> Optax("sgd", learning_rate=0.1, momentum=0.9)
        Optax('sgd', learning_rate=0.1, momentum=0.9)
        >>> Optax("sgd", learnig_rate=0.1)
        Traceback (most recent call last):
        memspan.core.errors.InvalidInput: settings of optax.sgd must be among learning_rate, momentum, nesterov,
        accumulator_dtype, but got learnig_rate; did you mean 'learning_rate'?

        Of your own:

        >>> @dataclass(frozen=True)
        ... class Decaying:
        ...     learning_rate: float
        ...     steps: int
        ...     def build(self):
        ...         return optax.sgd(optax.cosine_decay_schedule(self.learning_rate, self.steps))
        >>> import memspan as ms
        >>> ms.train(ms.problems.Conflict(), ms.models.LSTM(4), optimizer=Decaying(0.1, 40), epochs=5).updates
        40

    Args:
        name: a name in Optax.
        **settings: its keyword arguments.

    Attributes:
        name: a name in Optax.
        settings: names and values, sorted by name.

    Raises:
        InvalidInput: no such name or setting, or a value that Optax refuses.
    """

    name: str
    settings: tuple[tuple[str, Setting], ...]

    def __init__(self, name: str, /, **settings: Any) -> None:
        check_choice("name", name, optax_names())
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "settings", tuple(sorted(settings.items())))
        _check(name, settings)
        try:
            transform, weights = self.build(), np.zeros(1, np.float32)
            jax.eval_shape(transform.update, weights, transform.init(weights), weights)
        except (TypeError, ValueError) as refusal:
            raise InvalidInput(f"{self!r} was refused by Optax: {refusal}; look up optax.{name}") from refusal

    def __repr__(self) -> str:
        return f"Optax({', '.join([repr(self.name), *(f'{name}={value!r}' for name, value in self.settings)])})"

    def __reduce__(self) -> tuple[Any, ...]:
        return functools.partial(Optax, self.name, **dict(self.settings)), ()

    def build(self) -> optax.GradientTransformation:
        """Return the pair (init, update)."""
        return getattr(optax, self.name)(**dict(self.settings))


def _check(name: str, settings: dict[str, Any]) -> None:
    """Refuse settings that Optax does not know, misses, or that no spec could hold."""
    known = inspect.signature(getattr(optax, name)).parameters
    for setting, value in settings.items():
        if setting not in known:
            guess = nearest(setting, known)
            advice = f"did you mean '{guess}'?" if guess else "use one of these"
            raise InvalidInput(
                f"settings of optax.{name} must be among {', '.join(known)}, but got {setting}; {advice}"
            )
        if value is not None and not isinstance(value, str | float | int):
            raise InvalidInput(
                f"{setting} of optax.{name} must be a number, a string or a truth value, but got {value!r}; put "
                "other settings into a frozen dataclass with a method build"
            )
    missing = [key for key, parameter in known.items() if parameter.default is parameter.empty and key not in settings]
    if missing:
        raise InvalidInput(
            f"settings of optax.{name} must hold {', '.join(missing)}; give {missing[0]}=0.01 or another"
        )
    rate = settings.get("learning_rate")
    if rate is not None and not (isinstance(rate, float | int) and rate > 0):
        raise InvalidInput(f"learning_rate must be greater than 0, but got {rate!r}")
