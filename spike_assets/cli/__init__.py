"""The `spike-assets` commands, a module each; `spike_assets.cli` puts them together."""
