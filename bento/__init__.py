"""The HTTP service: what a request may hold, and the BentoML service that answers it.

Knows the domain's models and store, never Dagster, which the Bento does not carry.
"""
