"""The Dagster side: assets, resources and the I/O manager. The only code that imports dagster.

An asset is a thin call: it asks a domain function for its table or model and returns it with the
metadata that the UI shows. `spike_assets.definitions` puts them together.
"""
