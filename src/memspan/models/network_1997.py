"""The complete networks of the 1997 experiments, read-out included, with as many weights as were published."""

from __future__ import annotations

from memspan.core.errors import check_choice, check_range
from memspan.models.dense import Dense
from memspan.models.lstm_1997 import LSTM1997
from memspan.models.skip import Skip
from memspan.models.stack import Stack

__all__ = ["EXPERIMENTS_1997", "network_1997"]

_SMALL = LSTM1997(blocks=4, size=1, output_bias=(-1.0, -2.0, -3.0, -4.0), limit=0.2)
_LARGE = LSTM1997(blocks=3, size=2, output_bias=(-1.0, -2.0, -3.0), limit=0.2)
_LOCAL = LSTM1997(blocks=1, g="sigmoid", h="identity", output_gate=False, connected="inputs", biased="none", limit=0.2)
_LONG = LSTM1997(blocks=2, size=1, biased="none", limit=0.2)
_NOISY = LSTM1997(blocks=3, biased="hidden", input_bias=(-1.0, -3.0, -5.0), output_bias=(-2.0, -4.0, -6.0))
_SUM = LSTM1997(blocks=2, size=2, biased="hidden", input_bias=(-3.0, -6.0))
_PRODUCT = LSTM1997(blocks=2, size=2, biased="hidden")
_ORDER = LSTM1997(blocks=2, size=2, biased="hidden", input_bias=(-2.0, -4.0))
_ORDER_3 = LSTM1997(blocks=3, size=2, biased="hidden", input_bias=(-2.0, -4.0, -6.0))

# Table 10, row by row: hidden layer, outputs, and whether output units have a bias.
EXPERIMENTS_1997: dict[str, tuple[LSTM1997, int, bool]] = {
    "1-1": (_SMALL, 7, False),
    "1-2": (_LARGE, 7, False),
    "1-3": (_LARGE, 7, False),
    "1-4": (_SMALL, 7, False),
    "1-5": (_LARGE, 7, False),
    "2c": (_LONG, 2, False),
    "3a": (_NOISY, 1, False),
    "3b": (_NOISY, 1, False),
    "3c": (_NOISY, 1, False),
    "4": (_SUM, 1, True),
    "5": (_PRODUCT, 1, True),
    "6a": (_ORDER, 4, True),
    "6b": (_ORDER_3, 8, True),
}


def network_1997(experiment: str, p: int = 100) -> Stack:
    """Return the network that an experiment of 1997 trained: memory cell blocks and their read-out.

    Its outputs are logits; the logistic function of the paper's output units belongs to the loss. In 2a and 2b
    the paper added cell and gate only once the error had stopped falling; here they are there from the start.

    Example:
        >>> from memspan.models.size import size
        >>> size(network_1997("1-1"), n_inputs=7).parameters, size(network_1997("2a"), n_inputs=101).parameters
        (264, 10504)

    Args:
        experiment: a row of table 10: "1-1" to "1-5", "2a", "2b", "2c", "3a", "3b", "3c", "4", "5", "6a", "6b".
        p: how many symbols beside one more the sequences of 2a and 2b are made of; the others have sizes of their
            own and do not ask.

    Returns:
        A stack that is complete: its outputs are those of the experiment.

    Raises:
        InvalidInput: there is no such experiment.

    References:
        Hochreiter and Schmidhuber 1997, tables 10 and 11.
    """
    check_choice("experiment", experiment, [*EXPERIMENTS_1997, "2a", "2b"])
    check_range("p", p, 2)
    if experiment in ("2a", "2b"):
        # Connectivity "B": the output layer sees the inputs too.
        return Stack((Skip(_LOCAL, n_inputs=p + 1), Dense(p + 1, bias=False, limit=_LOCAL.limit)))
    hidden, n_outputs, biased = EXPERIMENTS_1997[experiment]
    return Stack((hidden, Dense(n_outputs, bias=biased, limit=hidden.limit)))
