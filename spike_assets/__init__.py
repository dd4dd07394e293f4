"""The price of Chilean milk: from three public files to models that are served.

`sources` reads and cleans the files, `training` fits and tests the models, `models` is what is
served, `registry` stores it. `defs` and `definitions` make a Dagster asset graph of these; only
they and `cli` import Dagster. This module imports nothing, so that the service loads no Dagster.
"""

__version__ = "0.2.0"
