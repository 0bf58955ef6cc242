"""Groups of sequences on the threads that XLA lends: each takes the next group that nobody has."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import no_type_check

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from memspan.models.native.affine import affine_backward, affine_forward
from memspan.models.native.backward import backward
from memspan.models.native.forward import forward
from memspan.models.native.frame import AFFINE, FORWARD, SCHEDULE, THREADS, arguments, results
from memspan.models.native.groups import TOGETHER, next_group, together, work
from memspan.models.native.memory import integer, write_integer

__all__ = ["TASK", "run", "take_groups"]

TASK = "memspan_lstm_task"  # the symbol by which code of `run` finds compiled code of `take_groups`
ENOUGH = 1_000_000  # products below which another thread would cost more than it helps
LONG, POINTER = ir.IntType(64), ir.IntType(8).as_pointer()

# A job: the call's frame, how many sequences a group may have, how many groups there are, the next one, those done, who
# still looks at it, and the starts.
_FRAME, _MOST, _GROUPS, _NEXT, _DONE, _USERS, _STARTS = range(0, 56, 8)


@no_type_check
def _external(b, name, result, *arguments):
    found = b.module.globals.get(name)
    return found if found is not None else ir.Function(b.module, ir.FunctionType(result, arguments), name)


@intrinsic
@no_type_check
def _add(typing, address, value):
    """Add to a whole number that threads share; return what it was."""

    def generate(context, b, signature, values):
        return b.atomic_rmw("add", b.inttoptr(values[0], LONG.as_pointer()), values[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


@intrinsic
@no_type_check
def _allocate(typing, size):
    def generate(context, b, signature, values):
        return b.ptrtoint(b.call(_external(b, "malloc", POINTER, LONG), [values[0]]), LONG)

    return types.int64(types.int64), generate


@intrinsic
@no_type_check
def _free(typing, address):
    def generate(context, b, signature, values):
        b.call(_external(b, "free", ir.VoidType(), POINTER), [b.inttoptr(values[0], POINTER)])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@intrinsic
@no_type_check
def _task(typing):
    """Return the address of the task."""

    def generate(context, b, signature, values):
        return b.ptrtoint(_external(b, TASK, LONG, LONG), LONG)

    return types.int64(), generate


@intrinsic
@no_type_check
def _call(typing, function, argument):
    """Call a function of one whole number by its address."""

    def generate(context, b, signature, values):
        kind = ir.FunctionType(LONG, [LONG]).as_pointer()
        return b.call(b.inttoptr(values[0], kind), [values[1]])

    return types.int64(types.int64, types.int64), generate


@njit
@no_type_check
def _compute(frame, first, most):
    """Compute one group; arguments and results say of what."""
    if arguments(frame) == AFFINE and results(frame) == 1:
        affine_forward(frame, first)
    elif arguments(frame) == AFFINE:
        affine_backward(frame, first)
    elif arguments(frame) == FORWARD:
        forward(frame, first, most)
    else:
        backward(frame, first, most)


@njit
@no_type_check
def take_groups(job):
    """Compute groups until none is left; the last who looks at the job clears it away."""
    frame, most, groups = integer(job + _FRAME), integer(job + _MOST), integer(job + _GROUPS)
    group = _add(job + _NEXT, 1)
    while group < groups:
        first = integer(job + _STARTS + 8 * group)
        _compute(frame, first, most)
        _add(job + _DONE, 1)
        group = _add(job + _NEXT, 1)
    if _add(job + _USERS, -1) == 1:
        _free(job)
    return 0


@njit
@no_type_check
def run(frame):
    """Compute all groups of a call, with the help of XLA's threads where it is worth it."""
    worth = work(frame) > ENOUGH
    most = together(frame, _threads(frame)) if worth else TOGETHER
    groups, first = 1, next_group(frame, 0, most)
    while first > 0:
        groups, first = groups + 1, next_group(frame, first, most)
    job = _allocate(_STARTS + 8 * groups)
    first = 0
    for group in range(groups):
        write_integer(job + _STARTS + 8 * group, first)
        first = next_group(frame, first, most)
    helpers = min(groups - 1, 63) if worth else 0
    write_integer(job + _FRAME, frame)
    write_integer(job + _MOST, most)
    write_integer(job + _GROUPS, groups)
    write_integer(job + _NEXT, 0)
    write_integer(job + _DONE, 0)
    write_integer(job + _USERS, helpers + 2)
    for _ in range(helpers):
        if not _scheduled(frame, job):
            _add(job + _USERS, -1)
    _call(_task(), job)
    # Nothing waits in a queue now: a group that is not done is being computed.
    while _add(job + _DONE, 0) < groups:
        pass
    if _add(job + _USERS, -1) == 1:
        _free(job)


@njit
@no_type_check
def _threads(frame):
    """Return how many threads XLA has."""
    request = _allocate(40)
    write_integer(request, 32)
    write_integer(request + 8, 0)
    write_integer(request + 16, integer(frame + 24))
    write_integer(request + 24, request + 32)
    write_integer(request + 32, 1)
    _call(integer(integer(frame + 16) + THREADS), request)
    threads = integer(request + 32)
    _free(request)
    return max(threads, 1)


@njit
@no_type_check
def _scheduled(frame, job):
    """Ask XLA to run the task on another thread; say whether it will."""
    request = _allocate(40)
    write_integer(request, 40)
    write_integer(request + 8, 0)
    write_integer(request + 16, integer(frame + 24))
    write_integer(request + 24, _task())
    write_integer(request + 32, job)
    error = _call(integer(integer(frame + 16) + SCHEDULE), request)
    _free(request)
    return error == 0
