"""A JSON body that reaches the API method whether it is valid or not."""

from typing import Self

from _bentoml_impl.serde import Serde
from _bentoml_sdk.io_models import IODescriptor
from pydantic import PrivateAttr, ValidationError
from starlette.requests import Request


class JsonBody(IODescriptor):  # type: ignore[misc]
    """A request body, with the faults found in it if it is none.

    BentoML answers an invalid body itself: in a form of its own, with a traceback in the log for
    what is the client's mistake. So the faults are handed to the method, which answers them like
    all the others.
    """

    _fault: ValidationError | None = PrivateAttr(default=None)

    @property
    def fault(self) -> ValidationError | None:
        """What is wrong with the body; if there is anything, the fields are not set."""
        return self._fault

    @classmethod
    async def from_http_request(cls, request: Request, serde: Serde) -> Self:
        """Read a body, as BentoML asks an input to."""
        body: Self
        try:
            body = cls.model_validate_json(await request.body())
        except ValidationError as error:
            body = cls.model_construct()
            body._fault = error
        return body
