"""The `spike-assets` commands, one module each; `main` is the group."""
