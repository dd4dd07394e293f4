"""Request body that leaves validation errors to the method."""

import json
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, FailFast, PrivateAttr, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError
from starlette.requests import Request

from bento.bentoml_internals import IODescriptor, Serde

MAX_NAMES = 1000
"""In an object: each that pydantic does not know is a fault, a thousand times as large as it."""

FIRST_FAULTY = FailFast()
"""Of a list of objects the first that has faults is described; a million would fill the memory."""


class JsonBody(IODescriptor):  # type: ignore[misc]
    """A request body, with the faults found in it if it is none.

    BentoML answers an invalid body itself: in a form of its own, with a traceback in the log for
    what is the client's mistake. So the faults are handed to the method, which answers them like
    all the others.

    Attributes:
        form: An example in short, for a client that sent another structure.
    """

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

    form: ClassVar[str]

    _fault: ValidationError | None = PrivateAttr(default=None)

    @property
    def fault(self) -> ValidationError | None:
        """The validation error of the body; if there is one, the fields are not set."""
        return self._fault

    def keys(self) -> set[str]:
        """Return the names of the fields that are set, as BentoML's client asks a body for."""
        return set(self.model_fields_set)

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """Return the fields that are set: a client's request has no default that it did not choose.

        BentoML's client sends what this returns.
        """
        fields: dict[str, Any] = super().model_dump(**{"exclude_unset": True} | options)
        return fields

    @classmethod
    async def from_http_request(cls, request: Request, serde: Serde) -> Self:
        """Read a body, as BentoML asks an input to."""
        content = await request.body()
        body: Self
        try:
            _require_distinct_names(content)
            body = cls.model_validate_json(content)
        except ValidationError as error:
            body = cls.model_construct()
            body._fault = error
        return body


def _require_distinct_names(content: bytes) -> None:
    """Refuse what two readers of JSON may read differently: a duplicate key in an object.

    Pydantic, which reads the body after that, would silently take the last.

    Raises:
        ValidationError: An object has a duplicate key or too many keys, or this is not JSON in
            UTF-8.
    """
    try:
        json.loads(content.decode("utf-8"), object_pairs_hook=_distinct_names)
    except UnicodeDecodeError as error:
        raise _no_json(f"byte {error.start} is not UTF-8") from None
    except RecursionError:
        raise _no_json("nested too deeply") from None
    except ValueError as error:  # of Python's, also for numbers with thousands of digits
        raise _no_json(str(error)) from None


def _distinct_names(pairs: list[tuple[str, Any]]) -> None:
    if len(pairs) > MAX_NAMES:
        raise ValueError(f"an object has {len(pairs)} names, more than {MAX_NAMES}")
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        duplicate = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"duplicate key {duplicate!r}")


def _no_json(reason: str) -> ValidationError:
    fault = PydanticCustomError("json_invalid", "Invalid JSON: {reason}", {"reason": reason})
    return ValidationError.from_exception_data("body", [InitErrorDetails(type=fault, input=None)])
