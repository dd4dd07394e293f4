"""The model store: what was trained, what is served, and what was served before.

Start with `model_store`. The service loads this package, so it imports no training code.
"""
