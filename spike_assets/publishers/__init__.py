"""Publishers of the data: what they have today is requested, stored as received, and read.

A publisher is one module, and one line in `publishers.PUBLISHERS`. How its numbers join those of
the files is in `combined`. Dagster's part is `defs/live.py`.
"""
