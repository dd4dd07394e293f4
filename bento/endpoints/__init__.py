"""Endpoints: each module declares its operation beside the function that answers it."""
