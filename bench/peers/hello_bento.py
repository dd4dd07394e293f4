"""The smallest Bento there is."""

import bentoml


@bentoml.service
class Hello:
    """Says hello."""

    @bentoml.api
    def hello(self) -> str:
        """Say it."""
        return "hello"
