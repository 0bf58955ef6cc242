"""Kernels compiled by Numba and called by XLA as native code; imported only by models that ask for them."""

__all__: list[str] = []
