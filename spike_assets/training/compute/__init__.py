"""joblib backends: domain code hands tasks to joblib, and this package selects where they run.

`backend` chooses between this machine and a Dask cluster. `dask_cluster` is the only module that
imports Dask. `one_core` limits a task to one core, so its result is the same on every backend.
"""
