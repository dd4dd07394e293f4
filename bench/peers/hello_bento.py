"""The smallest possible Bento."""

import bentoml


@bentoml.service
class Hello:
    """A service that answers hello."""

    @bentoml.api
    def hello(self) -> str:
        """Return the greeting."""
        return "hello"
