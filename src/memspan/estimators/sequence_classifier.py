"""Our models as a classifier of scikit-learn: sequences in, classes out."""

from __future__ import annotations

import sys
import time
from numbers import Integral
from typing import Any

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput, check_range
from memspan.core.model import Model
from memspan.core.optimizer import Optimizer
from memspan.core.parts import check_part
from memspan.core.rule import Rule
from memspan.engine.optimizers import Adam
from memspan.estimators.lessons import epochs, logits, network_for
from memspan.estimators.sequences import Rows, alphabet_of, hold_symbols, ids, vectors
from memspan.models import LSTM
from memspan.rules import BPTT

try:
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.utils import check_array, check_random_state, column_or_1d
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import assert_all_finite, check_consistent_length, check_is_fitted, validate_data
except ImportError as error:
    raise InvalidInput(
        f"SequenceClassifier must have scikit-learn, but {error}; install it with pip install 'memspan[sklearn]'"
    ) from error

__all__ = ["SequenceClassifier"]

SECONDS_BETWEEN_REPORTS = 2.0


class SequenceClassifier(ClassifierMixin, BaseEstimator):
    """A recurrent (or any other) model of memspan that reads a sequence and names its class after the last step.

    Example:
        The class is the first symbol, wherever the sequence ends.

        >>> from memspan import Adam, SequenceClassifier, models
        >>> X = ["abb", "baba", "aab", "bbbaa", "ab", "ba", "abab", "bb", "aaba", "babb"]
        >>> y = [row[0] for row in X]
        >>> settings = {"epochs": 60, "optimizer": Adam(learning_rate=0.05), "random_state": 0}
        >>> classifier = SequenceClassifier(models.GRU(units=8), **settings).fit(X, y)
        >>> classifier.predict(["abba", "bab"]).tolist(), classifier.classes_.tolist()
        (['a', 'b'], ['a', 'b'])

    Args:
        model: what reads; `memspan.models.LSTM(20)` by default. A read-out with one output a class is put on top.
        rule: how credit reaches the weights; backpropagation through time by default.
        optimizer: how a gradient changes them; `memspan.Adam(learning_rate=0.01)` by default.
        epochs: presentations of all sequences, in an order drawn anew for each.
        batch_size: sequences side by side in one update.
        alphabet: all symbols there can be; None takes those that `fit` meets. Where it is given, X holds symbols.
        random_state: a seed, a generator, or None for another result each time. The same seed, the same bits.
        verbose: 1 reports progress on standard error.

    Attributes:
        classes_: the classes, sorted.
        n_features_in_: columns of a table; numbers a step of other sequences; symbols of the alphabet.
        alphabet_: the symbols, in the order of the network's inputs; None where X holds numbers.
        model_: the model.
        weights_: all its weights, as one vector.
        loss_curve_: mean loss of each epoch.

    X is one of
        a list of sequences of symbols of any lengths (words or whole numbers; a string is its characters);
        an array or a table [sequence, time] of numbers, one number a step;
        an array [sequence, time, feature], or a list of such sequences of any lengths.
    """

    def __init__(
        self,
        model: Any = None,
        *,
        rule: Any = None,
        optimizer: Any = None,
        epochs: Any = 100,
        batch_size: Any = 32,
        alphabet: Any = None,
        random_state: Any = None,
        verbose: Any = 0,
    ) -> None:
        # scikit-learn's contract: anything can be set, and it is `fit` that checks.
        self.model = model
        self.rule = rule
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.alphabet = alphabet
        self.random_state = random_state
        self.verbose = verbose

    def __sklearn_tags__(self) -> Any:
        """Say what X may be."""
        tags = super().__sklearn_tags__()
        tags.input_tags.three_d_array = True
        tags.input_tags.string = True
        return tags

    def fit(self, X: Any, y: Any) -> SequenceClassifier:
        """Train from the beginning.

        Args:
            X: the sequences.
            y: the class of each.

        Returns:
            This object.

        Raises:
            InvalidInput: a setting, a sequence or a class is not what it should be, or the loss stopped being finite.
        """
        model, rule, optimizer = self._parts()
        rows, y = self._rows_to_fit(X, y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.model_ = model
        network = network_for(model, rows.n_inputs, len(self.classes_))
        watch, curve, weights = _Watch(self.epochs, bool(self.verbose)), [], network.draw(seed := self._seed())
        training = epochs(network, rows, labels, rule=rule, optimizer=optimizer, batch_size=self.batch_size, seed=seed)
        for _, (weights, loss) in zip(range(self.epochs), training, strict=False):
            curve.append(loss)
            if not np.isfinite(loss) or not np.isfinite(weights).all():
                raise InvalidInput(
                    f"optimizer must keep the loss finite, but it was {loss} in epoch {len(curve)}; use a smaller "
                    "learning rate, memspan.Clipped, or scaled inputs"
                )
            watch.report(len(curve), loss)
        self.weights_, self.loss_curve_ = weights, np.array(curve)
        return self

    def predict_proba(self, X: Any) -> Float[np.ndarray, "batch output"]:
        """Return the probability of each class after the last step of each sequence.

        Args:
            X: sequences of the kind that `fit` was given.

        Returns:
            One row a sequence, one column a class, in the order of `classes_`.

        Raises:
            NotFittedError: `fit` was not called.
            InvalidInput: a sequence is of another kind, or holds what was not there in `fit`.
        """
        check_is_fitted(self, "weights_")
        rows = self._rows_to_read(X)
        network = network_for(self.model_, rows.n_inputs, len(self.classes_))
        outputs = logits(network, self.weights_, rows, self.batch_size).astype(np.float64)
        shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """Return the most probable class of each sequence; see `predict_proba`.

        Args:
            X: sequences of the kind that `fit` was given.

        Returns:
            One class a sequence.
        """
        shares = self.predict_proba(X)
        return self.classes_[shares.argmax(axis=1)]

    def _parts(self) -> tuple[Any, Any, Any]:
        """Return model, rule and optimizer, all settings checked."""
        model = LSTM(20) if self.model is None else self.model
        rule = BPTT() if self.rule is None else self.rule
        optimizer = Adam(learning_rate=0.01) if self.optimizer is None else self.optimizer
        check_part("model", model, Model, "memspan.models.LSTM()")
        check_part("rule", rule, Rule, "memspan.rules.BPTT()")
        check_part("optimizer", optimizer, Optimizer, "memspan.Adam()")
        check_range("epochs", self.epochs, 1)
        check_range("batch_size", self.batch_size, 1)
        return model, rule, optimizer

    def _seed(self) -> int:
        if isinstance(self.random_state, Integral):
            return check_range("random_state", self.random_state, 0)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _rows_to_fit(self, X: Any, y: Any) -> tuple[Rows, Any]:
        """Return sequences and classes, and note what sequences are like."""
        self.alphabet_ = None
        if self.alphabet is not None or hold_symbols(X):
            self._kind = "symbols"
            self.alphabet_ = tuple(alphabet_of(X) if self.alphabet is None else self.alphabet)
            rows = ids(X, self.alphabet_)
        elif _is_table(X):
            self._kind = "table"
            checked: Any = validate_data(self, X, y, dtype=np.float32)
            table, y = checked
            rows = Rows(list(table[:, :, None]), 1)
        else:
            self._kind = "vectors"
            rows = vectors(_checked_array(X))
        if y is None:
            raise InvalidInput(
                "y must hold the class of each sequence (requires y to be passed), but got None; give it"
            )
        y = column_or_1d(y, warn=True)
        assert_all_finite(y, input_name="y")
        check_classification_targets(y)
        check_consistent_length(rows.values, y)
        if self._kind != "table":
            self.n_features_in_ = rows.n_inputs
        return rows, y

    def _rows_to_read(self, X: Any) -> Rows:
        """Return sequences of the kind that was learned from."""
        if self._kind == "symbols":
            return ids(X, self.alphabet_ or ())
        if self._kind == "table":
            table: Any = validate_data(self, X, reset=False, dtype=np.float32)
            return Rows(list(table[:, :, None]), 1)
        rows = vectors(_checked_array(X))
        if rows.n_inputs != self.n_features_in_:
            raise InvalidInput(
                f"X must be sequences of {self.n_features_in_} numbers a step, as in fit, but got {rows.n_inputs}; "
                "give the same features"
            )
        return rows


def _is_table(X: Any) -> bool:
    """Whether X is [sequence, time]: an array that is not of three axes, or a list of equally long rows of numbers."""
    if not isinstance(X, list | tuple):
        return not hasattr(X, "__array__") or np.asarray(X).ndim != 3
    lengths = {np.shape(row) for row in X}
    return len(lengths) <= 1 and all(len(shape) <= 1 for shape in lengths)


def _checked_array(X: Any) -> Any:
    """Return an array [sequence, time, feature] checked as scikit-learn does; lists are checked one by one."""
    return check_array(X, dtype="float32", allow_nd=True) if hasattr(X, "__array__") else X


class _Watch:
    """Says on standard error how far training is: after the first epoch, and then every other second."""

    def __init__(self, of: int, speaks: bool) -> None:
        self._of, self._speaks, self._next = of, speaks, 0.0

    def report(self, epoch: int, loss: float) -> None:
        if self._speaks and (time.monotonic() >= self._next or epoch == self._of):
            sys.stderr.write(f"epoch {epoch} of {self._of}, loss {loss:.4f}\n")
            self._next = time.monotonic() + SECONDS_BETWEEN_REPORTS
