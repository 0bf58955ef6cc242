"""The contract of a model as a list of named checks: ours and yours pass through the same door."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from memspan.testing import gradients, identity, parameters, reads
from memspan.testing.contract import hold

__all__ = ["check_model", "model_checks"]

_CHECKS: dict[str, Callable[..., None]] = {
    check.__name__: check
    for check in (
        identity.is_a_model,
        identity.is_a_value,
        parameters.starts_from_host_arrays,
        parameters.draws_by_seed,
        parameters.names_its_arrays,
        parameters.has_one_size,
        reads.gives_what_it_promises,
        reads.reads_alike_in_both_forms,
        reads.reads_alike_when_cut,
        reads.reads_symbols_as_vectors,
        reads.reads_only_the_past,
        reads.keeps_nothing_outside_its_state,
        reads.reads_each_sequence_alone,
        reads.stays_finite,
        gradients.gradients_are_those_of_steps,
        gradients.gradients_are_finite_differences,
        gradients.leaves_fixed_arrays_alone,
    )
}
_GATES = ("is_a_model", "is_a_value", "starts_from_host_arrays", "has_one_size", "gives_what_it_promises")


def model_checks() -> tuple[str, ...]:
    """Return the names of all checks, in order: the ids of a parametrised test.

    Example:
        >>> model_checks()[:3]
        ('is_a_model', 'is_a_value', 'starts_from_host_arrays')

        In a test file of your own::

            @pytest.mark.parametrize("check", memspan.testing.model_checks())
            def test_contract(check):
                memspan.testing.check_model(MyModel(), [check])

    Returns:
        Names that `check_model` takes.
    """
    return tuple(_CHECKS)


def check_model(model: Any, checks: Iterable[str] | None = None, *, n_inputs: int = 5) -> None:
    """Check that a model keeps the contract; return quietly where it does.

    Four seeds read sequences of twelve random vectors, in both forms, in parts, alone and side by side.

    Example:
        >>> from memspan.models import LSTM
        >>> check_model(LSTM(units=3), ["reads_alike_in_both_forms", "reads_only_the_past"])

    Args:
        model: a model of ours or of yours.
        checks: names from `model_checks`; None takes all.
        n_inputs: size of its input vector.

    Raises:
        Violation: one line for each broken check, with the model's type and one sentence. A check that others build
            on ends the list.
        InvalidInput: no check has this name.
    """
    hold(model, _CHECKS, checks, _GATES, n_inputs)
