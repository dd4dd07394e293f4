"""The price of Chilean milk: from three public files to models that are served.

`sources` reads and cleans the files, `features` joins them by month, `regressors` trains on
them, `registry` keeps what was trained. `defs` and `definitions` wrap these in a Dagster
asset graph; nothing else here knows Dagster. Importing this package imports none of it, so that
the service carries no Dagster.
"""

__version__ = "0.1.0"
