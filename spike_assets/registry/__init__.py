"""The model store: what was trained, what is served, and what was served before.

`model_store` is the way in. The service loads this package, so it imports no training code.
"""
