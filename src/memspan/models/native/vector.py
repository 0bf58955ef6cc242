"""Vectors of float32 that LLVM computes with, and the activations of recurrent networks on them."""

# What Numba and LLVM compile is typed by them.
# pyright: basic, reportCallIssue=false

from __future__ import annotations

from typing import Any, no_type_check

from llvmlite import binding, ir

__all__ = [
    "HALF",
    "LANES",
    "ROWS",
    "SPAN",
    "WIDTH",
    "Vector",
    "constant",
    "hard_sigmoid",
    "one_by_one",
    "sigmoid",
    "tanh",
    "together",
]

INT = ir.IntType(32)


def _machine() -> tuple[int, bool]:
    """Return the numbers of a vector, and whether there are 32 registers of them instead of 16."""
    features = binding.get_host_cpu_features()
    if features.get("avx512f"):
        return 16, True
    if features.get("avx"):
        return 8, False
    return 4, bool(features.get("neon"))


WIDTH, _MANY = _machine()
HALF = WIDTH // 2
LANES = 8  # numbers are kept in multiples of this, which all machines' vectors and their halves divide or fill
SPAN = 5 if _MANY else 3  # vectors of sums in each row of a product
ROWS = 4 if _MANY else 2  # sequences whose gates are computed side by side


@no_type_check
class Vector:
    """Expressions that LLVM evaluates side by side: a vector, or several; a number stands for vectors of that number.

    What one vector waits for, another one uses: so several are worth more than one after the other. A product and a
    sum may become one instruction; nothing else is reordered, so that results do not depend on where in memory or in
    which group a sequence lies.

    Attributes:
        builder: where instructions are written.
        values: LLVM's values.
    """

    def __init__(self, builder, *values):
        self.builder, self.values = builder, values

    @property
    def value(self):
        """The only value."""
        (value,) = self.values
        return value

    def like(self, other):
        """Return the other's values, or vectors of a number, for LLVM."""
        if isinstance(other, Vector):
            return other.values
        return [ir.Constant(value.type, [float(other)] * value.type.count) for value in self.values]

    def each(self, function, *others):
        """Return the vectors that a function makes of each value, and of those of others."""
        return Vector(self.builder, *map(function, self.values, *(self.like(other) for other in others)))

    def __add__(self, other):
        return self.each(lambda x, y: self.builder.fadd(x, y, flags=("contract",)), other)

    def __sub__(self, other):
        return self.each(lambda x, y: self.builder.fsub(x, y, flags=("contract",)), other)

    def __rsub__(self, other):
        return self.each(lambda x, y: self.builder.fsub(y, x, flags=("contract",)), other)

    def __mul__(self, other):
        return self.each(lambda x, y: self.builder.fmul(x, y, flags=("contract",)), other)

    def __truediv__(self, other):
        return self.each(self.builder.fdiv, other)

    def __rtruediv__(self, other):
        return self.each(lambda x, y: self.builder.fdiv(y, x), other)

    __radd__, __rmul__ = __add__, __mul__

    def clip(self, low, high):
        """Return self between two bounds; what is no number stays none."""
        b = self.builder
        raised = self.each(lambda x, edge: b.select(b.fcmp_ordered("<", x, edge), edge, x), low)
        return raised.each(lambda x, edge: b.select(b.fcmp_ordered(">", x, edge), edge, x), high)

    def inside(self, low, high, then):
        """Return `then` where low < self < high, and zero elsewhere."""
        b = self.builder

        def choose(x, low, high, then, zero):
            between = b.and_(b.fcmp_ordered(">", x, low), b.fcmp_ordered("<", x, high))
            return b.select(between, then, zero)

        return self.each(choose, low, high, then, 0)


@no_type_check
def together(vectors):
    """Return vectors as one."""
    return Vector(vectors[0].builder, *(value for vector in vectors for value in vector.values))


@no_type_check
def one_by_one(vector):
    """Return the vectors that one consists of."""
    return [Vector(vector.builder, value) for value in vector.values]


@no_type_check
def constant(b, number, width=WIDTH):
    """Return a vector of a number."""
    return Vector(b, ir.Constant(ir.VectorType(ir.FloatType(), width), [number] * width))


def _polynomial(x: Any, *coefficients: float) -> Any:
    total = x * coefficients[0] + coefficients[1]
    for coefficient in coefficients[2:]:
        total = total * x + coefficient
    return total


def tanh(x: Any) -> Any:
    """Return the hyperbolic tangent, by the rational function that Eigen and XLA use: exact to a few last places."""
    x = x.clip(-7.90531110763549805, 7.90531110763549805)
    y = x * x
    odd = (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08)
    odd = (*odd, 1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)
    even = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
    return x * _polynomial(y, *odd) / _polynomial(y, *even)


def _exponential(x: Any) -> Any:
    """Return a power of two times a polynomial of the rest, as Cephes does."""
    b, x = x.builder, x.clip(-87.0, 87.0)
    # The last bit of 1.5 * 2^23 counts ones: adding it rounds, and leaves the whole number in the low bits.
    shifted = x * 1.44269504088896341 + 12582912.0
    whole = shifted - 12582912.0
    rest = x - whole * 0.693359375 + whole * 2.12194440e-4
    series = _polynomial(rest, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5)

    def power(value: Any) -> Any:
        integers = ir.VectorType(INT, value.type.count)
        exponent = b.add(b.bitcast(value, integers), ir.Constant(integers, [127] * integers.count))
        return b.bitcast(b.shl(exponent, ir.Constant(integers, [23] * integers.count)), value.type)

    return (series * rest * rest + rest + 1.0) * shifted.each(power)


def sigmoid(x: Any) -> Any:
    """Return the logistic function, exact to a few last places also where it is small."""
    return 1.0 / (1.0 + _exponential(0.0 - x))


def hard_sigmoid(x: Any) -> Any:
    """Return 0.2 x + 0.5 clipped to [0, 1]."""
    return (x * 0.2 + 0.5).clip(0.0, 1.0)
