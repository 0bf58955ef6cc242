"""Series to supervised: every window of a series with the rows that follow it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from memspan.core.errors import InvalidInput, check_range
from memspan.data.table import Table, to_series

__all__ = ["to_supervised"]


def to_supervised(
    series: Table, window: int, horizon: int = 1
) -> tuple[Float[np.ndarray, "sample window feature"], Float[np.ndarray, "sample horizon feature"]]:
    """Return every window of a series, univariate or multivariate, and the rows that follow each.

    Example:
        >>> X, y = to_supervised([[1, 10], [2, 20], [3, 30], [4, 40]], window=2)
        >>> X.shape, y.shape
        ((2, 2, 2), (2, 1, 2))
        >>> X[0].tolist(), y[0].tolist()
        ([[1.0, 10.0], [2.0, 20.0]], [[3.0, 30.0]])

    Args:
        series: numbers: a (time, feature) array, list of rows, or pandas or polars frame; one value per step
            is one feature.
        window: time steps that go in, at least 1.
        horizon: time steps that come out, at least 1; `y[:, -1]` is the row `horizon` steps ahead.

    Returns:
        X and y, one sample per window in the order of the series: time - window - horizon + 1 of them. 32-bit
        floats stay 32-bit, everything else becomes 64-bit floats.

    Raises:
        InvalidInput: window and horizon do not fit into the series, or the series is ragged or not finite.
    """
    rows = to_series(series)
    check_range("window", window, 1)
    check_range("horizon", horizon, 1)
    if window + horizon > len(rows):
        raise InvalidInput(
            f"window must leave {horizon:,} of the {len(rows):,} steps to predict, so be at most "
            f"{len(rows) - horizon:,}, but got {window:,}; use a shorter window or a longer series"
        )
    spans = np.lib.stride_tricks.sliding_window_view(rows, window + horizon, axis=0).swapaxes(1, 2)
    return spans[:, :window].copy(), spans[:, window:].copy()
