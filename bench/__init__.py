"""Benchmarks, each a command run from the repository's root: `python -m bench.NAME`."""
