"""Compute errors, in a module of their own so that they can be caught without importing Dask."""


class ComputeError(Exception):
    """The backend can't be used; the message says why."""
