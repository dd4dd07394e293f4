"""What each endpoint does: from a valid request and the served models to an answer."""
