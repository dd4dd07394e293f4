"""Dagster definitions: every asset, check, job, resource and logger in this folder is loaded.

`spike_assets.definitions` loads the folder as `dg` documents it, so `dg scaffold defs` adds to the
graph without a list to maintain. An asset is a thin call: it calls a domain function and returns
its table or model with the metadata that the UI shows. Only this package, `definitions` and `cli`
import Dagster.
"""
