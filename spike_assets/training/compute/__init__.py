"""Where tasks are computed: domain code hands them to joblib, and this says what joblib does.

`place` chooses between this machine and a Dask cluster; `dask_cluster` alone knows Dask; in
`one_core` a task comes to the same wherever it runs.
"""
