"""Errors of the publishers: each is one sentence with the publisher, what was asked, the cause."""


class PublisherError(Exception):
    """A publisher did not answer, refused, or sent what can't be used.

    Args:
        publisher: Its title.
        request: What was asked for, in words; never a credential.
        cause: What is wrong, and what can be done about it.
    """

    def __init__(self, publisher: str, request: str, cause: str) -> None:
        super().__init__(f"{publisher}, {request}: {cause}")
        self.cause = cause
