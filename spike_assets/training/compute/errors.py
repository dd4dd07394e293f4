"""What can be wrong with the place where tasks are computed.

In a module of its own, so that it can be caught without importing Dask.
"""


class ComputeError(Exception):
    """Nothing can be computed there; the message says why."""
