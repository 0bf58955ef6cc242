"""An affine layer along sequences, forward and backward, as native code: for few units and outputs."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit

from memspan.models.native.frame import argument, axis, data, place, rank, result
from memspan.models.native.memory import LINE, aligned, at, padded
from memspan.models.native.product import multiply
from memspan.models.native.rows import add, clear, copy, move

__all__ = ["affine_backward", "affine_forward"]

BLOCK = 64  # steps at once: their rows stay in the nearest cache


@njit
@no_type_check
def _sizes(frame):
    """Return the numbers of features, outputs and steps; the kernel is the second argument of both passes."""
    kernel, whole = argument(frame, 1), result(frame, 0)
    return axis(kernel, rank(kernel) - 2), axis(kernel, rank(kernel) - 1), axis(whole, rank(whole) - 2)


@njit
@no_type_check
def affine_forward(frame, index):
    """Map one sequence: inputs, kernel, bias in; outputs out."""
    features, outputs, steps = _sizes(frame)
    lanes, whole = padded(outputs), result(frame, 0)
    scratch = np.zeros((features + 1 + BLOCK) * lanes + LINE, np.float32)
    kernel = aligned(scratch.ctypes.data)
    bias = at(kernel, features * lanes)
    sums = at(bias, lanes)
    origin = place(argument(frame, 1), whole, (2, features * outputs), index)
    for feature in range(features):
        copy(at(kernel, feature * lanes), at(origin, feature * outputs), outputs)
    copy(bias, place(argument(frame, 2), whole, (1, outputs), index), outputs)
    inputs = place(argument(frame, 0), whole, (2, steps * features), index)
    shown = at(data(whole), index * steps * outputs)
    for first in range(0, steps, BLOCK):
        count = min(BLOCK, steps - first)
        for row in range(count):
            move(at(sums, row * lanes), bias, lanes)
        multiply(count, lanes, features, at(inputs, first * features), features, 1, kernel, lanes, sums, lanes)
        for row in range(count):
            move(at(shown, (first + row) * outputs), at(sums, row * lanes), outputs)
    return scratch.size  # Numba frees an array after its last use


@njit
@no_type_check
def affine_backward(frame, index):
    """Take one sequence back: inputs, kernel, gradient of the outputs in; of inputs, kernel and bias out."""
    features, outputs, steps = _sizes(frame)
    wide, lanes, whole = padded(features), padded(outputs), result(frame, 0)
    scratch = np.zeros((wide + features + 1 + BLOCK) * lanes + BLOCK * wide + LINE, np.float32)
    turned = aligned(scratch.ctypes.data)
    gradient = at(turned, lanes * wide)
    bias = at(gradient, features * lanes)
    slopes = at(bias, lanes)
    sums = at(slopes, BLOCK * lanes)
    origin = place(argument(frame, 1), whole, (2, features * outputs), index)
    for feature in range(features):
        for output in range(outputs):
            copy(at(turned, output * wide + feature), at(origin, feature * outputs + output), 1)
    inputs = place(argument(frame, 0), whole, (2, steps * features), index)
    given = place(argument(frame, 2), whole, (2, steps * outputs), index)
    d_inputs = at(data(whole), index * steps * features)
    for first in range(0, steps, BLOCK):
        count = min(BLOCK, steps - first)
        for row in range(count):
            move(at(slopes, row * lanes), at(given, (first + row) * outputs), outputs)
            add(bias, at(slopes, row * lanes), lanes)
        clear(sums, count * wide)
        multiply(count, wide, outputs, slopes, lanes, 1, turned, wide, sums, wide)
        multiply(features, lanes, count, at(inputs, first * features), 1, features, slopes, lanes, gradient, lanes)
        for row in range(count):
            move(at(d_inputs, (first + row) * features), at(sums, row * wide), features)
    kernel, shift = at(data(result(frame, 1)), index * features * outputs), at(data(result(frame, 2)), index * outputs)
    for feature in range(features):
        copy(at(kernel, feature * outputs), at(gradient, feature * lanes), outputs)
    copy(shift, bias, outputs)
    return scratch.size
